"""People who act at the same moment, with real threads."""

from collections.abc import Callable, Iterable
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask

from app.audit import verification
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from tests.conftest import Browser, fresh, person, say, story
from tests.moderation import desk

pytestmark = pytest.mark.both_engines  # locks and races

Browse = Callable[..., Browser]
Act = tuple[Browser, str, dict[str, Any]]


def at_once(acts: Iterable[Act]) -> list[int]:
    """Post all of `acts` in the same moment; the statuses of their answers in order."""
    prepared = [
        (browser, path, sent | {"csrf_token": browser.token()}) for browser, path, sent in acts
    ]
    db.session.rollback()  # the test itself holds no lock
    barrier = Barrier(len(prepared))
    statuses = [0] * len(prepared)

    def act(place: int) -> None:
        browser, path, sent = prepared[place]
        barrier.wait()
        statuses[place] = browser.post(path, sent, token=None).status_code

    threads = [Thread(target=act, args=(place,)) for place in range(len(prepared))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def decisions(comment: Comment) -> list[str]:
    chosen = ("approved", "kept", "rejected", "deleted")
    return [e.action for e in desk.entries() if e.comment_id == comment.id and e.action in chosen]


def decide(browser: Browser, act: str, comment: Comment) -> Act:
    sent = {"version": str(comment.version), "reason": "spam"}
    return browser, f"/mod/c/{comment.id}/{act}", sent


@pytest.mark.parametrize(
    ("one", "other"), [("approve", "reject"), ("reject", "reject"), ("approve", "approve")]
)
@pytest.mark.parametrize("held", [True, False])
def test_of_two_moderators_at_once_one_wins(
    browse: Browse, one: str, other: str, held: bool
) -> None:
    mo, ada = browse("mo"), browse("ada")
    for number in range(3):
        words = f"https://example.org/{number}"
        comment = desk.held(words) if held else say("rhea", words)
        desk.report("ravi", comment) if not held else None
        comment = fresh(comment)
        statuses = at_once([decide(mo, one, comment), decide(ada, other, comment)])
        assert sorted(statuses) == [303, 409]
        (action,) = decisions(comment)
        winner = (one, other)[statuses.index(303)]
        assert action in {"approve": ("approved", "kept"), "reject": ("rejected",)}[winner]
        assert fresh(comment).status == (S.PUBLISHED if winner == "approve" else S.REJECTED)
    assert verification.find_faults() == []
    published = db.session.query(Comment).filter_by(status=S.PUBLISHED).count()
    assert story().comment_count == published


def test_a_double_click_decides_once(browse: Browse) -> None:
    comment = desk.held()
    mo = browse("mo")
    assert sorted(at_once([decide(mo, "approve", comment)] * 4)) == [303, 409, 409, 409]
    assert decisions(comment) == ["approved"]


def test_an_author_who_deletes_meets_a_moderator_who_rejects(browse: Browse) -> None:
    comment = fresh(say("rhea", "Words"))
    statuses = at_once(
        [
            (browse("rhea"), f"/c/{comment.id}/delete", {}),
            decide(browse("mo"), "reject", comment),
        ]
    )
    assert statuses in ([303, 409], [410, 303])
    assert len(decisions(comment)) == 1
    assert (story().comment_count, person("rhea").published_comments) == (0, 50)


def test_what_is_approved_is_what_was_seen(browse: Browse) -> None:
    comment = fresh(desk.held("Seen: https://example.org/"))
    edited = {"body": "Unseen: https://example.org/", "version": str(comment.version)}
    statuses = at_once(
        [
            (browse("nils"), f"/c/{comment.id}/edit", edited),
            decide(browse("mo"), "approve", comment),
        ]
    )
    assert statuses in ([303, 409], [409, 303])
    now = fresh(comment)
    assert not (now.status == S.PUBLISHED and now.body.startswith("Unseen"))


def test_reports_at_once_are_all_counted_and_each_person_once(browse: Browse) -> None:
    comment = say("rhea", "Words")
    path = f"/c/{comment.id}/report"
    ravi, nils, mo = browse("ravi"), browse("nils"), browse("mo")
    statuses = at_once([(who, path, {"reason": "spam"}) for who in (ravi, ravi, nils, mo)])
    assert sorted(statuses) == [303, 303, 303, 409]
    assert (fresh(comment).report_count, len(desk.reports())) == (3, 3)


def test_undo_at_once_happens_once(browse: Browse, site: Flask) -> None:
    comment = say("rhea", "Words")
    desk.report("ravi", comment)
    entry = desk.reject("mo", comment)
    path = f"/mod/undo/{entry.id}"
    assert sorted(at_once([(browse(who), path, {}) for who in ("mo", "ada")])) == [303, 409]
    assert (fresh(comment).report_count, fresh(comment).status) == (1, S.PUBLISHED)
    assert desk.actions() == ["rejected", "undone"]
