"""Taking a decision back."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.audit import log
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.comments import operations as comments
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from app.errors import Conflict, NotAllowed, NotFound
from app.moderation import operations
from app.moderation.reasons import RejectReason
from tests.conftest import Browser, fresh, person, say, story
from tests.moderation import desk

Browse = Callable[..., Browser]


def undo(who: str, entry: AuditEntry) -> Comment:
    return operations.undo(person(who), entry)


def facts(comment: Comment) -> dict[str, Any]:
    """All that a decision moves, but for the version, which only grows."""
    comment = fresh(comment)
    assert comment.author is not None
    return {
        "status": comment.status,
        "removal": comment.removal,
        "publicly_listed": comment.publicly_listed,
        "rank": comment.rank,
        "reports": comment.report_count,
        "open": sum(report.decided_by is None for report in desk.reports()),
        "article": story().comment_count,
        "author": comment.author.published_comments,
        "replies": comment.parent.reply_count if comment.parent else 0,
    }


def made(state: str) -> Comment:
    """Add a reply in `state`; what was published has two open reports."""
    parent = say("ravi", "The parent")
    if state == "pending":
        comment = desk.held(parent=parent)
    else:
        comment = say("rhea", "Reported words", parent)
        desk.report("ravi", comment)
        desk.report("nils", comment)
    if state == "removed":
        desk.reject("mo", comment, RejectReason.HATE)
    return comment


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ("pending", desk.approve),
        ("pending", desk.reject),
        ("published", desk.approve),
        ("published", desk.reject),
        ("removed", desk.approve),
    ],
)
def test_undo_puts_everything_back(
    site: Flask, state: str, act: Callable[[str, Comment], AuditEntry]
) -> None:
    comment = made(state)
    before, version = facts(comment), fresh(comment).version
    entry = act("mo", comment)
    assert facts(comment) != before
    undo("ada", entry)
    assert facts(comment) | {"rank": 0} == before | {"rank": 0}
    assert fresh(comment).version > version + 1
    row = desk.entries()[-1]
    assert (row.action, row.actor.name, row.comment_id) == ("undone", "ada", comment.id)
    assert row.after == before["status"]


def test_undo_by_form_returns_to_the_queue(browse: Browse) -> None:
    comment = made("published")
    entry = desk.reject("mo", comment)
    answer = browse("mo").post(f"/mod/undo/{entry.id}?queue=pending")
    assert (answer.status_code, answer.location) == (303, "/mod/pending")
    assert fresh(comment).status == S.PUBLISHED


def test_undo_over_htmx_brings_the_card_back(browse: Browse) -> None:
    comment = made("published")
    entry = desk.reject("mo", comment)
    answer = browse("mo").post(f"/mod/undo/{entry.id}?queue=reported", htmx=True)
    assert answer.status_code == 200
    assert f'<article class="moderation-card" id="m-{comment.id}"' in answer.text
    assert '<b id="n-reported" hx-swap-oob="true">1</b>' in answer.text
    assert 'id="undo"' not in answer.text
    after = json.loads(answer.headers["HX-Trigger-After-Settle"])
    assert after == {"bb:announce": {"msg": "Restored"}, "bb:focus": f"m-{comment.id}-heading"}


def again(comment: Comment) -> None:
    desk.reject("ada", comment)


def deleted(comment: Comment) -> None:
    comments.delete(person("rhea"), fresh(comment))


@pytest.mark.parametrize(
    ("since", "words"), [(again, "Already rejected by ada"), (deleted, "Already deleted by rhea")]
)
def test_undo_refuses_when_something_happened_since(
    browse: Browse, since: Callable[[Comment], None], words: str
) -> None:
    comment = made("published")
    entry = desk.approve("mo", comment)
    since(comment)
    before = facts(comment)
    for htmx in (False, True):
        answer = browse("mo").post(f"/mod/undo/{entry.id}", htmx=htmx)
        assert answer.status_code == 409
        assert words in answer.text
    assert facts(comment) == before


def test_undo_works_once(site: Flask) -> None:
    comment = made("published")
    entry = desk.reject("mo", comment)
    undo("mo", entry)
    with pytest.raises(Conflict, match="Already reopened by mo"):
        undo("mo", entry)
    assert fresh(comment).report_count == 2


def test_reports_made_since_stay_open_beside_the_reopened(site: Flask) -> None:
    comment = made("published")
    entry = desk.approve("mo", comment)
    desk.report("edda", comment)
    undo("mo", entry)
    assert facts(comment)["reports"] == facts(comment)["open"] == 3


def test_what_is_no_decision_cannot_be_undone(browse: Browse) -> None:
    comment = desk.held()
    held = desk.entries()[-1]
    role = log.record(Action.ROLE, person("ada"), subject="somebody")
    db.session.commit()
    for entry in (held, role):
        with pytest.raises(NotFound):
            undo("mo", entry)
    db.session.rollback()
    for number in ("99", "99999999999999999999", str(held.id)):
        for htmx in (False, True):
            assert browse("mo").post(f"/mod/undo/{number}", htmx=htmx).status_code == 404
    assert fresh(comment).status == S.PENDING


@pytest.mark.parametrize(("who", "author"), [("mo", "mo"), ("mo", "edda"), ("rhea", "ravi")])
def test_undo_asks_the_permission_of_deciding(site: Flask, who: str, author: str) -> None:
    entry = desk.reject("ada", say(author, "Words"))
    with pytest.raises(NotAllowed):
        undo(who, entry)


def test_an_undone_approval_of_a_removed_comment_is_rejected_again(browse: Browse) -> None:
    comment = made("removed")
    undo("mo", desk.approve("mo", comment))
    assert "[removed by a moderator: hate]" in browse().get("/articles/story").text
    assert f'id="m-{comment.id}"' in browse("mo").get("/mod/rejected").text
