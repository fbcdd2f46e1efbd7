"""Writing comments and replies, by form and over HTMX."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.articles import operations as articles
from app.articles.rows import get_discussion_by_slug
from app.comments import operations, permissions
from app.comments.enums import EDIT_WINDOW, CommentStatus
from app.comments.models import Comment
from app.comments.rows import get_by_id
from app.db.base import db
from app.errors import DomainError, TooOften
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.notifications.models import Notice
from tests.comments.threads import drift
from tests.conftest import Browser, fresh, make_article, person, say, story

POST = "/articles/story/comments"
Browse = Callable[..., Browser]


def comments() -> list[Comment]:
    return db.session.query(Comment).order_by(Comment.id).all()


def test_a_member_posts_and_lands_on_the_comment(browse: Browse) -> None:
    answer = browse("rhea").post(POST, {"body": "Well *said*."})
    (comment,) = comments()
    assert answer.status_code == 303
    assert answer.location == f"/articles/story?c={comment.id}#c-{comment.id}"
    assert comment.body == "Well *said*."
    assert "<em>said</em>" in comment.html
    assert story().comment_count == 1


def test_over_htmx_the_answer_is_the_comment_with_focus_and_words(browse: Browse) -> None:
    answer = browse("rhea").post(POST, {"body": "Well said."}, htmx=True)
    assert answer.status_code == 200
    assert answer.headers["BB-Fragment"] == "1"
    assert "Comment posted" in answer.headers["HX-Trigger-After-Settle"]
    assert f'id="c-{comments()[0].id}"' in answer.text
    assert '<span id="comment-count" hx-swap-oob="true">(1)</span>' in answer.text
    assert "<html" not in answer.text


@pytest.mark.both_engines  # a unique key
def test_the_same_form_sent_twice_stores_one_comment(browse: Browse) -> None:
    rhea = browse("rhea")
    sent = {"body": "Once.", "submission": "abcdefgh12345678"}
    assert rhea.post(POST, sent).location == rhea.post(POST, sent).location
    assert len(comments()) == 1


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "Comment can&#39;t be empty"),
        ("   \n ", "Comment can&#39;t be empty"),
        ("x" * 5_312, "Comment is 312 characters too long"),
    ],
)
def test_a_refused_text_is_kept_where_it_was_typed(
    browse: Browse, body: str, sentence: str, htmx: bool
) -> None:
    answer = browse("rhea").post(POST, {"body": body}, htmx=htmx)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f">{body.strip()}" in answer.text
    assert comments() == []


def test_a_reply_hangs_below_its_parent(browse: Browse) -> None:
    parent = say("rhea", "A question?")
    browse("ravi").post(POST, {"body": "An answer.", "parent_id": parent.id})
    reply = comments()[1]
    assert (reply.parent_id, reply.depth, reply.rank) == (parent.id, 2, 1)
    assert fresh(parent).reply_count == 1


@pytest.mark.parametrize(
    ("parent_id", "status"), [("99", 404), ("x", 422), ("99999999999999999999999", 404)]
)
def test_an_unknown_parent_keeps_the_text(browse: Browse, parent_id: str, status: int) -> None:
    answer = browse("rhea").post(POST, {"body": "Kept words", "parent_id": parent_id})
    assert answer.status_code == status
    assert "Kept words" in answer.text


def test_a_parent_of_another_article_keeps_the_text(browse: Browse) -> None:
    make_article("other")
    elsewhere = say("rhea", "Elsewhere", article=story("other"))
    answer = browse("ravi").post(POST, {"body": "Kept words", "parent_id": elsewhere.id})
    assert answer.status_code == 404
    assert "belongs to another article" in answer.text
    assert "Kept words" in answer.text


def test_a_closed_discussion_keeps_the_text_and_says_so(browse: Browse) -> None:
    make_article("shut", comments_mode="closed")
    answer = browse("rhea").post("/articles/shut/comments", {"body": "Kept words"})
    assert answer.status_code == 403
    assert "Comments on this article are closed." in answer.text
    assert "Kept words" in answer.text


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_missing_or_wrong_token_keeps_the_text(browse: Browse, token: str | None) -> None:
    answer = browse("rhea").post(POST, {"body": "Kept words"}, token=token)
    assert answer.status_code == 400
    assert "Send it again" in answer.text
    assert "Kept words" in answer.text
    assert comments() == []


@pytest.mark.parametrize("htmx", [False, True])
def test_a_browser_that_does_not_say_where_a_form_came_from_keeps_the_text(
    browse: Browse, htmx: bool
) -> None:
    answer = browse().post(POST, {"body": "Kept words"}, token=None, htmx=htmx)
    assert answer.status_code == 403
    assert "Sign in first, then send it again." in answer.text
    assert "Kept words</textarea>" in answer.text
    assert htmx or 'href="/sign-in?next=' in answer.text
    assert comments() == []


def test_a_reply_to_a_comment_that_is_gone_keeps_the_text(browse: Browse) -> None:
    parent = say("rhea", "Soon gone")
    browse("rhea").post(f"/c/{parent.id}/delete")
    answer = browse("ravi").post(POST, {"body": "Kept words", "parent_id": parent.id})
    assert answer.status_code == 410
    assert "Kept words" in answer.text


def test_a_link_of_a_newcomer_waits_and_only_its_author_sees_it(browse: Browse) -> None:
    browse("nils").post(POST, {"body": "See https://example.org/mine"})
    (comment,) = comments()
    assert comment.status == CommentStatus.PENDING
    assert "PENDING REVIEW" in browse("nils").get("/articles/story").text
    assert "example.org/mine" not in browse("rhea").get("/articles/story").text
    assert browse("rhea").get(f"/c/{comment.id}").status_code == 404
    assert story().comment_count == 0


@pytest.mark.both_engines  # a unique key
def test_a_form_sent_again_with_other_words_loses_neither(browse: Browse) -> None:
    rhea = browse("rhea")
    key = "abcdefgh12345678"
    rhea.post(POST, {"body": "First words.", "submission": key})
    answer = rhea.post(POST, {"body": "Better words.", "submission": key})
    assert answer.status_code == 409
    assert "Better words." in answer.text
    assert key not in answer.text  # the next try is a new comment
    assert [comment.body for comment in comments()] == ["First words."]


def test_a_refused_reply_without_its_parent_leaves_the_main_box_alone(browse: Browse) -> None:
    answer = browse("rhea").post(POST, {"body": "Kept words", "parent_id": "99"}, htmx=True)
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#c-99-form"
    assert "Kept words" in answer.text


def test_a_thread_goes_so_deep_and_the_text_is_kept(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "DEPTH_MAX", 2)
    lowest = say("ravi", "An answer", say("rhea", "A claim"))
    form = {"body": "A level deeper", "parent_id": str(lowest.id)}
    answer = browse("rhea").post(POST, form, htmx=True)
    assert answer.status_code == 409
    assert "replies deep, the most there can be." in answer.text
    assert "A level deeper</textarea>" in answer.text


def test_a_refused_act_lets_go_of_what_it_held(site: Flask) -> None:
    """Whoever called it may go on, as where several texts are posted one after the other."""
    say("rhea", "The first.")
    story().slow_seconds = 600
    db.session.commit()
    with pytest.raises(TooOften):
        operations.post(person("rhea"), story(), "Too soon.")
    assert not db.session().in_transaction()


# -- what changes while somebody writes ----------------------------------------------------------

READ = ["withdrawn", "closed", "parent deleted", "parent removed", "parent held again"]


@pytest.mark.both_engines  # statements past the ORM
@pytest.mark.parametrize("end", READ)
def test_what_ends_between_reading_and_storing_is_refused_and_counts_nothing(
    site: Flask, end: str
) -> None:
    parent = say("rhea", "A claim")
    article, read = get_discussion_by_slug("story"), get_by_id(parent.id)
    assert article is not None
    assert read is not None
    if end == "withdrawn":
        story().status = "withdrawn"
        db.session.commit()
    elif end == "closed":
        story().comments_mode = "closed"
        db.session.commit()
    elif end == "parent deleted":
        operations.delete(person("rhea"), parent)
    elif end == "parent removed":
        moderation.reject(person("mo"), parent, parent.version, RejectReason.SPAM)
    else:
        nils = say("nils", "Another claim")
        article, read = get_discussion_by_slug("story"), get_by_id(nils.id)
        assert article is not None
        assert read is not None
        operations.edit(person("nils"), nils, "See https://example.org/x", nils.version)
        assert fresh(nils).status == CommentStatus.PENDING
    before = len(comments())
    with pytest.raises(DomainError):
        operations.post(person("ravi"), article, "An answer", read)
    assert not db.session().in_transaction(), "a refused act lets go of what it held"
    assert len(comments()) == before
    assert drift() == []


def test_who_takes_their_name_off_hears_of_no_reply(site: Flask) -> None:
    parent = say("rhea", "A claim")
    parent.created_at -= EDIT_WINDOW
    db.session.commit()
    article, read = get_discussion_by_slug("story"), get_by_id(parent.id)
    assert article is not None
    operations.remove_name(person("rhea"), parent)
    posted = operations.post(person("ravi"), article, "An answer", read)
    assert db.session.query(Notice).count() == 0
    assert posted.parent is not None
    assert posted.parent.author_name == "[disowned]"


@pytest.mark.both_engines  # a unique key
def test_a_form_sent_twice_in_slow_mode_is_the_comment_that_it_stored(browse: Browse) -> None:
    articles.set_discussion("story", slow_seconds=600)
    rhea, sent = browse("rhea"), {"body": "Once.", "submission": "abcdefgh12345678"}
    first, second = rhea.post(POST, sent), rhea.post(POST, sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(comments()) == 1


# -- what it costs -------------------------------------------------------------------------------


def told(queries: Any) -> list[str]:
    return [statement for statement in queries.statements if statement != "BEGIN IMMEDIATE"]


@pytest.mark.both_engines  # statements past the ORM
def test_a_post_is_few_statements_and_nothing_is_read_after_it(
    browse: Browse, counting: Callable[..., Any]
) -> None:
    """Who it is, the article, the words' revision, and one for a reply: its parent.

    Then, under the locks: draft, unsent text, person, article, comment, its words, newsroom; for
    a reply also the parent and its author's notice, and deeper the thread's first comment.
    """
    top = say("rhea", "A claim")
    below = say("mo", "An answer", top)
    places = [({}, 10), ({"parent_id": top.id}, 13), ({"parent_id": below.id}, 14)]
    ravi = browse("ravi")
    token = ravi.token()
    ravi.post(POST, {"body": "The word lists are read once.", "nudged": "1"}, token=token)
    for place, number in places:
        for more, nudged in ((0, {"nudged": "1"}), (2 if place else 1, {})):
            form = {"body": f"Well said {number} {more}.", **place, **nudged}
            with counting(warm=True) as queries:
                answer = ravi.post(POST, form, htmx=True, token=token)
            assert answer.status_code == 200
            assert f"Well said {number} {more}." in answer.text
            statements = told(queries)
            assert len(statements) == number + more, "\n".join(statements)
            assert statements[-1].startswith("UPDATE newsroom")
