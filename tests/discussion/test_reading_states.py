"""What a reader sees of comments that are held, removed or deleted, and of what hangs below."""

from collections.abc import Callable

import pytest

from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from tests.cases import each
from tests.comments.threads import Page, drift
from tests.conftest import Browser, fresh, make_article, person, say, story

Browse = Callable[..., Browser]
HERE = "/articles/story"
LINK = "See https://example.org/held"  # from a newcomer it is held


def reject(comment: Comment) -> None:
    moderation.reject(person("mo"), comment, fresh(comment).version, RejectReason.ATTACK)


def delete(browse: Browse, who: str, comment: Comment) -> None:
    assert browse(who).post(f"/c/{comment.id}/delete").status_code == 303


@pytest.mark.parametrize("with_reply", [False, True])
def test_a_removed_comment_leaves_a_tombstone_with_its_reason_and_no_name(
    browse: Browse, with_reply: bool
) -> None:
    comment = say("rhea", "Rude words")
    reply = say("ravi", "An answer", comment) if with_reply else None
    reject(comment)
    for path in (HERE, f"/c/{comment.id}"):
        answer = browse().get(path, follow_redirects=True)
        assert answer.status_code == 200
        assert "[removed by a moderator: " in answer.text
        assert "Rude words" not in answer.text
        assert "rhea" not in answer.text
        assert not reply or Page(answer.text)[reply.id].below == comment.id
    assert story().comment_count == int(with_reply)


def test_a_deleted_comment_with_replies_leaves_a_tombstone_without_its_name(
    browse: Browse,
) -> None:
    comment = say("rhea", "First thought")
    reply = say("ravi", "An answer", comment)
    delete(browse, "rhea", comment)
    for path in (HERE, f"/c/{comment.id}", f"/c/{reply.id}"):
        answer = browse().get(path, follow_redirects=True)
        assert "[deleted by its author]" in answer.text
        assert "First thought" not in answer.text
        assert "rhea" not in answer.text
        assert Page(answer.text)[reply.id].below == comment.id
    assert story().comment_count == 1


def test_a_deleted_comment_without_replies_is_gone(browse: Browse) -> None:
    comment = say("rhea", "First thought")
    delete(browse, "rhea", comment)
    assert f"c-{comment.id}" not in browse().get(HERE).text
    assert browse().get(f"/c/{comment.id}").status_code == 410
    assert browse("ravi").get(f"{HERE}?c={comment.id}").status_code == 410
    assert story().comment_count == 0


def test_in_the_flat_order_tombstones_have_no_place_and_no_name(browse: Browse) -> None:
    comment = say("rhea", "First thought")
    reply = say("ravi", "An answer", comment)
    delete(browse, "rhea", comment)
    page = browse().get(f"{HERE}?sort=newest").text
    assert Page(page).shown == [reply.id]
    assert "in reply to a deleted comment" in page
    assert "rhea" not in page


def test_the_flat_order_names_the_parent_and_what_it_said(browse: Browse) -> None:
    comment = say("rhea", "First *thought*")
    reply = say("ravi", "An answer", comment)
    page = browse().get(f"{HERE}?sort=newest").text
    assert Page(page).roots == [reply.id, comment.id]
    link = f'<a href="/c/{comment.id}">in reply to @rhea</a>'
    assert f'{link}<span class="excerpt">: <bdi>First thought</bdi></span>' in page
    assert page.count("in reply to") == 1


def test_a_chain_of_tombstones_vanishes_with_its_last_reply(browse: Browse) -> None:
    kept = say("ravi", "Stays")
    chain = [say("rhea", "One", kept)]
    for words in ("Two", "Three"):
        chain.append(say("rhea", words, chain[-1]))
    last = say("nils", "Last", chain[-1])
    for comment in chain:
        delete(browse, "rhea", comment)
    assert Page(browse().get(HERE).text).shown == [c.id for c in [kept, *chain, last]]
    assert drift() == []
    delete(browse, "nils", last)
    assert Page(browse().get(HERE).text).shown == [kept.id]
    assert fresh(kept).reply_count == 0
    assert drift() == []


def test_a_removed_comment_holds_the_tombstones_above_it(browse: Browse) -> None:
    top = say("rhea", "Top")
    below = say("ravi", "Below", top)
    delete(browse, "rhea", top)
    reject(below)
    assert Page(browse().get(HERE).text).shown == [top.id, below.id]
    assert drift() == []


# -- held for a moderator ------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["best", "newest", "oldest"])
def test_a_held_comment_is_seen_by_its_author_alone(browse: Browse, sort: str) -> None:
    parent = say("rhea", "A question?")
    held = [say("nils", LINK), say("nils", f"{LINK}/2", parent)]
    assert {c.status for c in held} == {CommentStatus.PENDING}
    page = Page(browse("nils").get(f"{HERE}?sort={sort}").text)
    assert set(page.shown) == {parent.id, *[c.id for c in held]}
    assert max(page.ids.values()) == 1
    assert "PENDING REVIEW" in page[held[0].id].words
    for other in (None, "rhea", "mo"):
        text = browse(other).get(f"{HERE}?sort={sort}").text
        assert Page(text).shown == [parent.id]
        assert "/held" not in text
    assert story().comment_count == 1
    assert fresh(parent).reply_count == 0


def test_the_address_of_a_held_comment_opens_for_its_author_and_moderators(
    browse: Browse,
) -> None:
    parent = say("rhea", "A question?")
    held = say("nils", LINK, parent)
    for who, status in (("nils", 200), ("mo", 200), ("rhea", 404), (None, 404)):
        answer = browse(who).get(f"/c/{held.id}", follow_redirects=True)
        assert answer.status_code == status
        assert ("/held" in answer.text) == (status == 200)
    page = Page(browse("nils").get(f"{HERE}?c={held.id}").text)
    assert page.shown == [parent.id, held.id]
    assert page[parent.id].more == "", "there is no other reply"


def test_a_held_reply_does_not_change_the_number_of_others(browse: Browse) -> None:
    parent = say("rhea", "A question?")
    for words in ("One", "Two"):
        say("ravi", words, parent)
    held = say("nils", LINK, parent)
    page = Page(browse("nils").get(f"{HERE}?c={held.id}").text)
    assert page[parent.id].more_words.strip() == "Show 2 other replies to rhea"


def test_a_held_reply_is_shown_once_however_the_others_are_opened(browse: Browse) -> None:
    parent = say("rhea", "A question?")
    others = [say("ravi", f"Reply {i}", parent) for i in range(30)]
    held = say("nils", LINK, parent)
    nils = browse("nils")
    page = Page(nils.get(HERE).text)
    assert page.kids(parent.id) == [*[c.id for c in others[:3]], held.id]
    first = Page(nils.get(page[parent.id].more_hx, htmx=True).text)
    rest = Page(nils.get(first.loose_more[0].more_hx, htmx=True).text)
    assert first.roots + rest.roots == [c.id for c in others[3:]]
    assert rest.loose_more == []
    thread = Page(nils.get(f"{HERE}?c={parent.id}").text)
    assert thread[parent.id].more_number == 10


def test_a_held_reply_in_a_later_thread_is_shown_on_one_page(browse: Browse) -> None:
    first = say("rhea", "The oldest question?")
    held = say("nils", LINK, first)
    for i in range(20):
        say("ravi", f"Thread {i}")
    nils = browse("nils")
    page = Page(nils.get(f"{HERE}?sort=best").text)
    rest = Page(nils.get(page.loose_more[0].more_hx, htmx=True).text)
    assert (page.shown + rest.shown).count(held.id) == 1


def test_a_published_comment_that_is_held_again_keeps_its_replies_and_hides_its_words(
    browse: Browse,
) -> None:
    comment = say("nils", "Harmless at first")
    reply = say("ravi", "An answer", comment)
    sent = {"body": "Buy at https://example.org/spam", "version": fresh(comment).version}
    assert browse("nils").post(f"/c/{comment.id}/edit", sent).status_code == 303
    assert fresh(comment).status == CommentStatus.PENDING
    for path in (HERE, f"{HERE}?c={reply.id}", f"{HERE}?c={comment.id}", f"{HERE}?sort=newest"):
        text = browse().get(path).text
        assert "spam" not in text
        assert "nils" not in text
        assert reply.id in Page(text).shown
    assert "example.org/spam" in browse("nils").get(HERE).text
    assert drift() == []
    moderation.approve(person("mo"), fresh(comment), fresh(comment).version)
    assert Page(browse().get(HERE).text).shown == [comment.id, reply.id]
    assert drift() == []


# -- nothing leaks through a refusal -------------------------------------------------------------


@each("htmx", [False, True])
@each("who", ["ravi", None])
@each("act", ["reply", "preview", "report", "vote", "edit", "delete"])
def test_no_refusal_shows_the_words_or_the_name_of_a_removed_comment(
    browse: Browse, act: str, who: str | None, htmx: bool
) -> None:
    comment = say("rhea", "Rude words")
    reject(comment)
    path = {"reply": f"{HERE}/comments", "preview": "/preview"}.get(act, f"/c/{comment.id}/{act}")
    data = {
        "body": "Kept words",
        "parent_id": comment.id,
        "article": "story",
        "value": "1",
        "version": 3,
    }
    answer = browse(who).post(path, data | {"reason": "spam"}, htmx=htmx)
    assert answer.status_code in (200, 400, 401, 403, 410)
    assert "Rude words" not in answer.text
    assert "rhea" not in answer.text


def test_a_comment_of_an_article_that_is_no_longer_public_is_not_found(browse: Browse) -> None:
    hidden = say("rhea", "Early words", article=make_article("draft"))
    story("draft").status = "draft"
    db.session.commit()
    assert browse().get(f"/c/{hidden.id}").status_code == 404


@pytest.mark.parametrize("path", ["/c/999", "/c/999999999999999999999", f"{HERE}?c=999", "/c/0"])
def test_a_comment_that_never_was_is_not_found(browse: Browse, path: str) -> None:
    assert browse().get(path).status_code == 404


def test_a_permalink_below_another_article_is_not_found(browse: Browse) -> None:
    elsewhere = say("rhea", "Elsewhere", article=make_article("other"))
    assert browse().get(f"{HERE}?c={elsewhere.id}").status_code == 404


def test_an_empty_discussion_says_so(browse: Browse) -> None:
    page = browse().get(HERE).text
    assert "No comments yet. Be the first." in page
    assert '<span id="comment-count">(0)</span>' in page


def test_the_number_in_the_heading_is_that_of_published_comments(browse: Browse) -> None:
    parent = say("rhea", "One")
    say("ravi", "Two", parent)
    say("nils", LINK)
    reject(say("ravi", "Three"))
    assert '<span id="comment-count">(2)</span>' in browse().get(HERE).text
