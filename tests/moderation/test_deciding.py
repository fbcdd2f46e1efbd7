"""Approving and rejecting, by form and over HTMX."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app import clock
from app.comments import operations as comments
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.errors import Conflict, NotAllowed
from app.moderation.reasons import DETAILS_MAX, REJECT_LABELS, RejectReason
from tests.cases import each
from tests.conftest import Browser, fresh, person, say, story
from tests.moderation import desk

Browse = Callable[..., Browser]


def sent(comment: Comment, **more: str) -> dict[str, str]:
    """Return the form of the card as it is before the moderator now."""
    return {"version": str(fresh(comment).version), "queue": "reported"} | more


def reported(words: str = "Reported words") -> Comment:
    comment = say("rhea", words)
    desk.report("ravi", comment)
    return comment


def test_approving_by_form_returns_to_the_queue_with_the_way_back(browse: Browse) -> None:
    comment = desk.held()
    mo = browse("mo")
    answer = mo.post(f"/mod/c/{comment.id}/approve", sent(comment, queue="pending"))
    row = desk.entries()[-1]
    assert (answer.status_code, answer.location) == (303, f"/mod/pending?done={row.id}")
    page = mo.get(answer.location).text
    assert "Approved comment by nils." in page
    assert f'formaction="/mod/undo/{row.id}?queue=pending"' in page
    assert fresh(comment).status == S.PUBLISHED
    assert "example.org/mine" in browse().get("/articles/story").text


def test_rejecting_by_form_returns_to_the_queue_and_names_the_reason(browse: Browse) -> None:
    comment = reported()
    mo = browse("mo")
    answer = mo.post(f"/mod/c/{comment.id}/reject", sent(comment, reason="attack"))
    assert answer.status_code == 303
    assert "Rejected comment by rhea: personal attack." in mo.get(answer.location).text
    assert (fresh(comment).status, fresh(comment).removal) == (S.REJECTED, "attack")


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_over_htmx_the_card_goes_and_the_counts_follow(browse: Browse, act: str) -> None:
    comment, _ = reported(), reported("Left over")
    desk.held()
    answer = browse("mo").post(
        f"/mod/c/{comment.id}/{act}", sent(comment, reason="spam"), htmx=True
    )
    assert answer.status_code == 200
    assert answer.headers["HX-Reswap"] == "delete"
    assert answer.headers["HX-Retarget"] == f"#m-{comment.id}"
    after = json.loads(answer.headers["HX-Trigger-After-Settle"])
    word = {"approve": "Approved", "reject": "Rejected"}[act]
    assert after["bb:announce"] == {"msg": f"{word}. 1 left"}
    assert '<b id="n-reported" hx-swap-oob="true">1</b>' in answer.text
    assert '<b id="n-pending" hx-swap-oob="true">1</b>' in answer.text
    assert '<span id="queue-waiting" hx-swap-oob="true">1 waiting' in answer.text
    assert (
        'id="status-line" role="region" aria-label="Status line" hx-swap-oob="true"' in answer.text
    )
    assert f"{word} comment by rhea" in answer.text
    assert 'class="moderation-card"' not in answer.text


def test_approving_answers_the_reports_as_without_cause(site: Flask) -> None:
    comment = reported()
    desk.report("nils", comment)
    version = fresh(comment).version
    row = desk.approve("mo", comment)
    assert (row.action, row.before, row.after) == ("kept", "published", "published")
    assert [(r.decided_by, r.agreed) for r in desk.reports()] == [(row.id, False)] * 2
    assert (fresh(comment).report_count, fresh(comment).status) == (0, S.PUBLISHED)
    assert fresh(comment).version > version
    assert story().comment_count == 1


def test_rejecting_answers_the_reports_as_right(site: Flask) -> None:
    comment = reported()
    row = desk.reject("mo", comment)
    assert [(r.decided_by, r.agreed) for r in desk.reports()] == [(row.id, True)]
    assert fresh(comment).report_count == 0
    assert (story().comment_count, person("rhea").published_comments) == (0, 50)


@pytest.mark.parametrize("reason", RejectReason)
def test_a_removed_comment_keeps_its_place_with_the_reason(
    browse: Browse, reason: RejectReason
) -> None:
    comment = say("rhea", "The removed words")
    say("ravi", "The reply that stays", comment)
    desk.reject("mo", comment, reason, "because")
    for browser in (browse(), browse("ravi"), browse("mo")):
        page = browser.get("/articles/story").text
        assert f"[removed by a moderator: {REJECT_LABELS[reason]}]" in page
        assert "The reply that stays" in page
        assert "The removed words" not in page
        assert "because" not in page
    own = browse("rhea").get("/articles/story").text
    assert f"Removed by a moderator: {REJECT_LABELS[reason]}." in own
    assert "The removed words" in own  # nobody loses what they wrote
    assert "because" not in own


def test_a_comment_that_was_never_shown_leaves_no_tombstone(browse: Browse) -> None:
    desk.reject("mo", desk.held())
    assert "removed by a moderator" not in browse().get("/articles/story").text


@each("htmx", [False, True])
@each(
    ("typed", "sentence"),
    [
        ({}, "Choose a reason"),
        ({"reason": "dislike"}, "Choose a reason"),
        ({"reason": "other"}, "Say in a few words which rule it breaks"),
        ({"reason": "spam", "note": "z" * (DETAILS_MAX + 3)}, "Note is 3 characters too long"),
    ],
)
def test_a_refused_rejection_keeps_what_was_typed(
    browse: Browse, typed: dict[str, str], sentence: str, htmx: bool
) -> None:
    comment = reported()
    answer = browse("mo").post(f"/mod/c/{comment.id}/reject", sent(comment, **typed), htmx=htmx)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f">{typed.get('note', '')}</textarea>" in answer.text
    assert fresh(comment).status == S.PUBLISHED
    assert desk.entries() == []
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#m-{comment.id}-slot"


def test_the_form_offers_every_reason(browse: Browse) -> None:
    comment = reported()
    for htmx in (False, True):
        form = browse("mo").get(f"/mod/c/{comment.id}/reject", htmx=htmx).text
        assert [r for r in RejectReason if f'name="reason" value="{r}"' not in form] == []


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("act", ["approve", "reject"])
def test_who_comes_second_hears_who_was_first(browse: Browse, act: str, htmx: bool) -> None:
    comment = reported()
    stale = sent(comment, reason="hate")
    with time_machine.travel(clock.now() - timedelta(seconds=30), tick=False):
        desk.reject("mo", comment)
    answer = browse("ada").post(f"/mod/c/{comment.id}/{act}", stale, htmx=htmx)
    assert answer.status_code == 409
    assert "Already rejected by mo 3" in answer.text
    assert " s ago: spam." in answer.text
    assert f'id="m-{comment.id}"' in answer.text
    assert len(desk.entries()) == 1
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#m-{comment.id}"
        assert answer.headers["HX-Reswap"] == "outerHTML"


@pytest.mark.parametrize("act", ["approve", "reject"])
@pytest.mark.parametrize("held", [False, True])
def test_a_text_that_its_author_changed_is_looked_at_again(
    browse: Browse, act: str, held: bool
) -> None:
    comment = desk.held() if held else say("nils", "The words that were seen")
    desk.report("ravi", comment) if not held else None
    stale = sent(comment, reason="hate")
    comments.edit(person("nils"), fresh(comment), "Changed since", fresh(comment).version)
    answer = browse("mo").post(f"/mod/c/{comment.id}/{act}", stale)
    assert answer.status_code == 409
    assert "The author changed this comment. Look at it again." in answer.text
    assert "Changed since" in answer.text
    assert fresh(comment).status == (S.PENDING if held else S.PUBLISHED)


def test_a_comment_that_its_author_deleted_is_told_so(browse: Browse) -> None:
    comment = reported()
    stale = sent(comment)
    comments.delete(person("rhea"), comment)
    answer = browse("mo").post(f"/mod/c/{comment.id}/approve", stale)
    assert answer.status_code == 409
    assert "Already deleted by rhea" in answer.text


@pytest.mark.parametrize("version", ["", "x", None, "99999999999999999999"])
def test_a_form_without_the_version_decides_nothing(browse: Browse, version: str | None) -> None:
    comment = reported()
    form = {} if version is None else {"version": version}
    for act in ("approve", "reject"):
        answer = browse("mo").post(f"/mod/c/{comment.id}/{act}", form | {"reason": "spam"})
        assert answer.status_code in (409, 422)
    assert desk.entries() == []


@pytest.mark.parametrize(
    ("moderator", "author", "words"),
    [
        ("mo", "mo", "decide about your own comment"),
        ("mo", "edda", "Only an admin can decide"),
        ("mo", "ada", "Only an admin can decide"),
        ("edda", "ada", "Only an admin can decide"),
        ("ada", "ada", "decide about your own comment"),
    ],
)
def test_nobody_decides_about_themselves_or_above_them(
    browse: Browse, moderator: str, author: str, words: str
) -> None:
    comment = say(author, "Words of the staff")
    desk.report("ravi", comment)
    browser = browse(moderator)
    for act in ("approve", "reject"):
        answer = browser.post(f"/mod/c/{comment.id}/{act}", sent(comment, reason="spam"))
        assert answer.status_code == 403
        assert words in answer.text.replace("&#39;", "'")
    page = browser.get("/mod/reported").text
    assert words in page.replace("&#39;", "'")
    assert f'id="m-{comment.id}-approve"' not in page
    with pytest.raises(NotAllowed):
        desk.reject(moderator, comment)
    assert (fresh(comment).status, desk.entries()) == (S.PUBLISHED, [])


@pytest.mark.parametrize("author", ["mo", "edda"])
def test_an_admin_decides_about_the_rest_of_the_staff(site: Flask, author: str) -> None:
    comment = say(author, "Words of the staff")
    desk.reject("ada", comment)
    assert fresh(comment).status == S.REJECTED


def test_a_rejected_comment_can_be_approved_later(browse: Browse) -> None:
    comment = reported()
    desk.reject("mo", comment)
    row = desk.approve("ada", comment)
    assert (row.action, row.before) == ("approved", "rejected")
    assert fresh(comment).removal == ""
    assert "Reported words" in browse().get("/articles/story").text


def test_rejecting_twice_is_a_conflict(site: Flask) -> None:
    comment = reported()
    desk.reject("mo", comment)
    with pytest.raises(Conflict, match="rejected already"):
        desk.reject("ada", comment)


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_decision_without_the_token_is_none(browse: Browse, token: str | None) -> None:
    comment = reported()
    for act in ("approve", "reject"):
        path = f"/mod/c/{comment.id}/{act}"
        answer = browse("mo").post(path, sent(comment, reason="spam"), token=token)
        assert answer.status_code == 400
    assert desk.entries() == []


def test_a_get_decides_nothing(browse: Browse) -> None:
    comment = reported()
    assert browse("mo").get(f"/mod/c/{comment.id}/approve").status_code == 405
    browse("mo").get(f"/mod/c/{comment.id}/reject?reason=spam&version=1")
    assert desk.entries() == []
