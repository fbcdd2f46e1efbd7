"""A moderator removes an earlier version for good."""

from collections.abc import Callable

import pytest

from app.audit import verification
from app.audit.actions import Action
from app.comments.models import Comment, Revision
from app.db.base import db
from tests.cases import each
from tests.conftest import Browser, fresh, say
from tests.moderation import desk
from tests.revisions.test_history import edited
from tests.web.routes import snapshot

Browse = Callable[..., Browser]
BOTH = pytest.mark.parametrize("htmx", [False, True])
REMOVED = "This version was removed by a moderator."


def numbers(comment: Comment) -> list[int]:
    rows = db.session.query(Revision).filter_by(comment_id=comment.id)
    return [revision.number for revision in rows.order_by(Revision.number)]


def path(comment: Comment, number: int) -> str:
    return f"/c/{comment.id}/history/{number}/redact"


@pytest.mark.both_engines  # triggers and locks
@BOTH
def test_its_words_are_gone_and_both_changes_say_so(browse: Browse, htmx: bool) -> None:
    comment = edited("First words", "My phone is secret", "Third words", "Fourth words")
    mo, number = browse("mo"), numbers(comment)[1]
    answer = mo.post(path(comment, number), htmx=htmx)
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"
        assert '"msg": "Version removed"' in answer.headers["HX-Trigger-After-Settle"]
        assert answer.text.count(REMOVED) == 2
    else:
        assert (answer.status_code, answer.location) == (303, f"/c/{comment.id}/history")
    for who in (None, "rhea", "mo"):
        page = browse(who).get(f"/c/{comment.id}/history").text
        assert page.count(REMOVED) == 2
        assert page.count('class="diff"') == 1
        assert "Fourth" in page
    assert "secret" not in repr(snapshot()), "no table holds the words any more"
    redacted = db.session.query(Revision).filter_by(comment_id=comment.id, number=number).one()
    assert redacted.redacted_at is not None
    assert fresh(comment).body == "Fourth words"


@pytest.mark.both_engines  # triggers and locks
def test_the_log_tells_who_removed_which_version(browse: Browse) -> None:
    comment = edited("First words", "Second words")
    (number,) = numbers(comment)
    browse("mo").post(path(comment, number))
    entry = desk.entries()[-1]
    assert (entry.action, entry.actor and entry.actor.name) == (Action.REDACTED, "mo")
    assert (entry.comment_id, entry.note) == (comment.id, f"version {number}")
    assert verification.find_faults() == []


@BOTH
def test_readers_and_authors_remove_nothing(browse: Browse, htmx: bool) -> None:
    comment = edited("First words", "Second words")
    (number,) = numbers(comment)
    before = snapshot()
    for who in ("rhea", "ravi"):
        browser = browse(who)
        before = snapshot()
        assert "Remove it for good" not in browser.get(f"/c/{comment.id}/history").text
        assert browser.post(path(comment, number), htmx=htmx).status_code == 403
        assert snapshot() == before
    assert browse().post(path(comment, number), token=None).status_code == 401
    assert (
        f'formaction="{path(comment, number)}"' in browse("mo").get(f"/c/{comment.id}/history").text
    )


@pytest.mark.both_engines  # triggers and locks
@BOTH
def test_a_second_time_is_refused_beside_the_history(browse: Browse, htmx: bool) -> None:
    comment, mo = edited("First words", "Second words", "Third words"), browse("mo")
    number = numbers(comment)[0]
    mo.post(path(comment, number))
    answer = mo.post(path(comment, number), htmx=htmx)
    assert answer.status_code == 409
    assert "This version was removed already." in answer.text
    assert "Third" in answer.text
    assert desk.actions().count(Action.REDACTED) == 1


@BOTH
@each("number", [0, 1, 99, 2_147_483_647])
def test_a_version_that_is_not_kept_is_refused(browse: Browse, number: int, htmx: bool) -> None:
    comment = edited("First words", "Second words")
    assert number not in numbers(comment)
    answer = browse("mo").post(path(comment, number), htmx=htmx)
    assert answer.status_code == 404
    assert "This comment has no such earlier version." in answer.text
    assert Action.REDACTED not in desk.actions()


@BOTH
def test_the_text_of_now_is_no_earlier_version(browse: Browse, htmx: bool) -> None:
    comment = say("rhea", "Words")
    answer = browse("mo").post(path(comment, fresh(comment).version), htmx=htmx)
    assert answer.status_code == 404
    assert fresh(comment).body == "Words"


@BOTH
def test_an_unknown_comment_is_refused(browse: Browse, htmx: bool) -> None:
    answer = browse("mo").post("/c/999/history/2/redact", htmx=htmx)
    assert answer.status_code == 404
    assert "This comment is not here." in answer.text


def test_what_is_rejected_can_be_cleared_as_well(browse: Browse) -> None:
    comment = edited("My phone is secret", "Second words")
    desk.reject("mo", comment)
    (number,) = numbers(comment)
    assert browse("mo").post(path(comment, number)).status_code == 303
    assert "secret" not in repr(snapshot())
