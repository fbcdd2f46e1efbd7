"""Changing one's own words, for a quarter of an hour."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from app import clock
from app.comments import operations
from app.comments.enums import EDIT_WINDOW, CommentStatus
from app.comments.models import Comment, Revision
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import ReportReason
from app.screening import operations as screening_operations
from app.screening.models import WordKind
from tests.cases import each
from tests.comments.threads import drift
from tests.conftest import Browser, fresh, person, say, story

Browse = Callable[..., Browser]
BOTH = pytest.mark.parametrize("htmx", [False, True])


def edited(
    browser: Browser, comment: Comment, body: str, htmx: bool = False, version: int = 0
) -> TestResponse:
    sent = {"body": body, "version": version or fresh(comment).version}
    return browser.post(f"/c/{comment.id}/edit", sent, htmx=htmx)


def age(comment: Comment, by: timedelta) -> None:
    fresh(comment).created_at = clock.now() - by
    db.session.commit()


def list_revisions(comment: Comment) -> list[Revision]:
    db.session.expire_all()
    revisions = db.session.query(Revision).filter_by(comment_id=comment.id)
    return revisions.order_by(Revision.number).all()


def test_an_edit_replaces_the_text_and_lands_on_the_comment(browse: Browse) -> None:
    comment = say("rhea", "First words")
    answer = edited(browse("rhea"), comment, "Second *words*")
    assert answer.status_code == 303
    assert answer.location == f"/articles/story?c={comment.id}#c-{comment.id}"
    assert "<em>words</em>" in fresh(comment).html
    assert fresh(comment).edited_at is not None
    page = browse().get("/articles/story").text
    i = comment.id
    link = f'<a class="edited" id="c-{i}-history" rel="nofollow" href="/c/{i}/history"'
    assert f"{link} aria-expanded=" in page
    assert ">edited <time" in page


def test_over_htmx_the_parts_of_the_comment_come_back_but_not_its_replies(
    browse: Browse,
) -> None:
    comment = say("rhea", "First words")
    say("ravi", "An answer", comment)
    rhea, i = browse("rhea"), comment.id
    page = rhea.get("/articles/story").text
    link = re.search(rf'<a id="c-{i}-edit" [^>]*>', page)
    assert link is not None
    assert f'href="/c/{i}/edit" hx-get="/c/{i}/edit" hx-target="#c-{i}-body"' in link[0]
    form = rhea.get(f"/c/{i}/edit", htmx=True)
    assert form.headers["BB-Fragment"] == "1"
    assert f'"bb:focus": "c-{i}-edit-form-body"' in form.headers["HX-Trigger-After-Settle"]
    assert f'id="c-{i}-edit-form" method="post" action="/c/{i}/edit"' in form.text
    assert f'hx-target="#c-{i}-body" hx-swap="outerHTML"' in form.text
    assert ">First words</textarea>" in form.text
    answer = edited(rhea, comment, "Second words", htmx=True)
    assert "Saved" in answer.headers["HX-Trigger-After-Settle"]
    assert f'"bb:focus": "c-{i}-heading"' in answer.headers["HX-Trigger-After-Settle"]
    assert answer.headers["HX-Reselect"] == f"#c-{i}-body"
    assert answer.text.count(f'<div class="comment-body" id="c-{i}-body"') == 1
    for part in ("head", "actions", "slot"):
        assert f'id="c-{i}-{part}" hx-swap-oob="true"' in answer.text
    assert answer.text.count("hx-swap-oob") == 5, "its replies stay as they are"
    assert "An answer" not in answer.text


def test_every_earlier_text_is_kept(browse: Browse) -> None:
    comment = say("rhea", "One")
    for words in ("Two", "Three"):
        assert edited(browse("rhea"), comment, words).status_code == 303
    kept = list_revisions(comment)
    assert [revision.body for revision in kept] == ["One", "Two"]
    assert kept[0].html == "<p>One</p>\n"


def test_the_same_text_changes_nothing(browse: Browse) -> None:
    comment = say("rhea", "One")
    before = fresh(comment).version
    assert edited(browse("rhea"), comment, " One\r\n").status_code == 303
    assert fresh(comment).version == before
    assert fresh(comment).edited_at is None
    assert list_revisions(comment) == []


@BOTH
def test_when_the_window_is_over_the_text_is_kept(browse: Browse, htmx: bool) -> None:
    comment = say("rhea", "First words")
    age(comment, EDIT_WINDOW)
    answer = edited(browse("rhea"), comment, "Kept words", htmx)
    assert answer.status_code == 409
    assert "The 15-minute edit window has ended. Your text is below." in answer.text
    assert ">Kept words</textarea>" in answer.text
    assert fresh(comment).body == "First words"
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-edit-form"
        assert answer.headers["HX-Reswap"] == "outerHTML"


def test_until_the_last_moment_of_the_window_it_is_taken(browse: Browse) -> None:
    comment = say("rhea", "First words")
    age(comment, EDIT_WINDOW - timedelta(seconds=30))
    assert edited(browse("rhea"), comment, "Second words").status_code == 303


@BOTH
def test_a_newer_version_is_not_overwritten_and_the_text_is_kept(
    browse: Browse, htmx: bool
) -> None:
    comment, rhea = say("rhea", "One"), browse("rhea")
    seen = fresh(comment).version
    edited(rhea, comment, "From the other window")
    answer = edited(rhea, comment, "Kept words", htmx, seen)
    assert answer.status_code == 409
    assert "A newer version was saved at" in answer.text
    assert ">Kept words</textarea>" in answer.text
    assert fresh(comment).body == "From the other window"
    assert f'name="version" value="{fresh(comment).version}"' in answer.text, "may be sent again"


@pytest.mark.parametrize("path", ["/preview", "edit"])
def test_a_form_that_comes_back_still_knows_its_version(browse: Browse, path: str) -> None:
    comment, rhea = say("rhea", "One"), browse("rhea")
    seen = fresh(comment).version
    edited(rhea, comment, "From the other window")
    sent = {"body": "Kept words" if path == "/preview" else "", "comment_id": comment.id}
    path = path.replace("edit", f"/c/{comment.id}/edit")
    answer = rhea.post(path, sent | {"version": seen})
    assert f'name="version" value="{seen}"' in answer.text


@BOTH
@pytest.mark.parametrize(("who", "status"), [("ravi", 403), ("mo", 403), (None, 401)])
def test_only_the_author_edits_and_others_keep_their_text(
    browse: Browse, who: str | None, status: int, htmx: bool
) -> None:
    comment = say("rhea", "First words")
    answer = browse(who).post(
        f"/c/{comment.id}/edit", {"body": "Kept words", "version": 1}, htmx=htmx
    )
    assert answer.status_code == status
    assert "Kept words</textarea>" in answer.text
    assert fresh(comment).body == "First words"


@BOTH
@pytest.mark.parametrize("with_reply", [False, True])
def test_a_deleted_comment_takes_no_edit_and_the_text_is_kept(
    browse: Browse, with_reply: bool, htmx: bool
) -> None:
    comment, rhea = say("rhea", "First words"), browse("rhea")
    if with_reply:
        say("ravi", "An answer", comment)
    rhea.post(f"/c/{comment.id}/delete")
    answer = edited(rhea, comment, "Kept words", htmx)
    assert answer.status_code == 410
    assert "Kept words</textarea>" in answer.text


@BOTH
@each(
    ("data", "status", "sentence"),
    [
        ({"body": "", "version": "2"}, 422, "Comment can&#39;t be empty"),
        ({"body": "x" * 5_001, "version": "2"}, 422, "Comment is 1 character too long"),
        ({"body": "Kept words"}, 422, "open it again"),
        ({"body": "Kept words", "version": "x"}, 422, ""),
        ({"body": "Kept words", "version": "9" * 99}, 409, "A newer version"),
    ],
)
def test_what_cannot_be_saved_stays_in_the_form(
    browse: Browse, data: dict[str, str], status: int, sentence: str, htmx: bool
) -> None:
    comment = say("rhea", "First words")
    answer = browse("rhea").post(f"/c/{comment.id}/edit", data, htmx=htmx)
    assert answer.status_code == status
    assert sentence in answer.text
    assert f">{data['body']}</textarea>" in answer.text
    assert f'id="c-{comment.id}-edit-form-error"' in answer.text
    assert fresh(comment).body == "First words"


def test_an_edit_keeps_place_address_votes_and_reports(browse: Browse) -> None:
    parent = say("rhea", "Parent")
    comment = say("rhea", "First words", parent)
    say("ravi", "An answer", comment)
    browse("ravi").post(f"/c/{comment.id}/vote", {"value": 1})
    moderation.report(person("ravi"), fresh(comment), ReportReason.SPAM)
    names = (
        "id parent_id depth rank reply_count up down best report_count created_at publicly_listed"
    )
    before = [getattr(fresh(comment), name) for name in names.split()]
    assert edited(browse("rhea"), comment, "Second words").status_code == 303
    assert [getattr(fresh(comment), name) for name in names.split()] == before
    assert story().comment_count == 3
    assert drift() == []


@BOTH
def test_a_newcomer_who_adds_a_link_is_held_again(browse: Browse, htmx: bool) -> None:
    comment, nils = say("nils", "Harmless"), browse("nils")
    answer = edited(nils, comment, "Buy at https://example.org/spam", htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert not htmx or "Sent for review" in answer.headers["HX-Trigger-After-Settle"]
    assert fresh(comment).status == CommentStatus.PENDING
    assert story().comment_count == 0
    assert "PENDING REVIEW" in nils.get("/articles/story").text
    assert "spam" not in browse().get("/articles/story").text
    assert drift() == []


@BOTH
def test_words_that_are_refused_in_an_edit_are_kept(browse: Browse, htmx: bool) -> None:
    screening_operations.add_word(None, WordKind.BANNED, "cheap followers")
    comment = say("rhea", "First words")
    answer = edited(browse("rhea"), comment, "Cheap followers!", htmx)
    assert answer.status_code == 422
    assert "does not allow “cheap followers”" in answer.text
    assert "Cheap followers!</textarea>" in answer.text
    assert fresh(comment).body == "First words"


def test_an_edit_asks_no_question_for_what_was_said_already_is_there(browse: Browse) -> None:
    say("rhea", "Said before")
    comment = say("rhea", "First words")
    assert edited(browse("rhea"), comment, "said  BEFORE").status_code == 303
    assert fresh(comment).body == "said  BEFORE"


@pytest.mark.parametrize(("who", "status"), [("rhea", 200), ("ravi", 403), (None, 303)])
def test_the_form_opens_for_the_author_alone(browse: Browse, who: str | None, status: int) -> None:
    comment = say("rhea", "First words")
    answer = browse(who).get(f"/c/{comment.id}/edit")
    assert answer.status_code == status
    assert (">First words</textarea>" in answer.text) == (status == 200)


def test_a_form_that_opens_too_late_says_so_below_the_comment(browse: Browse) -> None:
    comment = say("rhea", "First words")
    age(comment, EDIT_WINDOW)
    answer = browse("rhea").get(f"/c/{comment.id}/edit", htmx=True)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"


@BOTH
def test_a_comment_can_be_edited_so_often_and_the_text_is_kept(
    browse: Browse, htmx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "EDITS_MAX", 2)
    comment, rhea = say("rhea", "First words"), browse("rhea")
    for number in range(2):
        operations.edit(person("rhea"), fresh(comment), f"Words {number}", fresh(comment).version)
    form = {"body": "One edit more", "version": str(fresh(comment).version)}
    answer = rhea.post(f"/c/{comment.id}/edit", form, htmx=htmx)
    assert answer.status_code == 422
    assert "This comment was edited 2 times, the most there can be." in answer.text
    assert "One edit more</textarea>" in answer.text
    assert fresh(comment).body == "Words 1"
