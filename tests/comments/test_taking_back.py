"""Deleting with a way back, and taking one's name off what can no longer be edited."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from app.audit.models import AuditEntry
from app.comments import operations
from app.comments.enums import EDIT_WINDOW, UNDO_WINDOW
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from app.errors import Conflict, DomainError, NotAllowed
from app.moderation import operations as moderation
from app.moderation.reasons import ReportReason
from app.reactions import operations as reactions
from tests.comments.threads import drift
from tests.conftest import Browser, fresh, person, say, story

Browse = Callable[..., Browser]


def later(comment: Comment, by: timedelta) -> None:
    """As if so much time had gone by since the comment was written, and deleted."""
    comment.created_at -= by
    if comment.deleted_at:
        comment.deleted_at -= by
    db.session.commit()


def test_a_deletion_can_be_taken_back_and_all_is_as_it_was(site: Flask) -> None:
    made = say("rhea", "Hasty.")
    reply = say("ravi", "An answer.", made)
    before = (made.publish_seq, made.rank, made.published_at, story().comment_count)
    operations.delete(person("rhea"), made)
    assert fresh(made).status == S.DELETED
    operations.undelete(person("rhea"), made)
    made = fresh(made)
    assert (made.status, made.publicly_listed, made.deleted_at) == (S.PUBLISHED, True, None)
    assert (made.publish_seq, made.rank, made.published_at, story().comment_count) == before
    assert fresh(reply).publicly_listed
    assert drift() == []
    actions = [e.action for e in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert actions == ["deleted", "undeleted"]


def test_a_held_comment_comes_back_held(site: Flask) -> None:
    made = say("nils", "See https://example.org/x")
    assert made.status == S.PENDING
    operations.delete(person("nils"), made)
    operations.undelete(person("nils"), fresh(made))
    assert fresh(made).status == S.PENDING
    assert drift() == []


def test_nobody_else_and_nobody_after_the_window_takes_a_deletion_back(site: Flask) -> None:
    made = say("rhea", "Hasty.")
    operations.delete(person("rhea"), made)
    for other in ("ravi", "mo", "ada"):
        with pytest.raises(NotAllowed):
            operations.undelete(person(other), made)
    later(made, UNDO_WINDOW)
    with pytest.raises(Conflict, match="too long ago"):
        operations.undelete(person("rhea"), made)


@pytest.mark.parametrize("htmx", [True, False])
def test_the_page_offers_undo_to_its_author_alone(browse: Browse, htmx: bool) -> None:
    made = say("rhea", "Hasty.")
    rhea = browse("rhea")
    answer = rhea.post(f"/c/{made.id}/delete", htmx=htmx)
    page = answer.text if htmx else rhea.get(answer.location).text
    assert f'id="c-{made.id}-undelete"' in page
    assert "[deleted by its author]" in page
    assert f'id="c-{made.id}"' not in browse("ravi").get("/articles/story").text
    assert browse("ravi").get(f"/c/{made.id}").status_code == 410
    assert "-undelete" in rhea.get("/articles/story").text
    back = rhea.post(f"/c/{made.id}/undelete", htmx=htmx)
    assert back.status_code == (200 if htmx else 303)
    assert "Hasty." in browse().get("/articles/story").text


def test_after_the_window_a_deleted_comment_is_gone_for_its_author_too(browse: Browse) -> None:
    made = say("rhea", "Hasty.")
    operations.delete(person("rhea"), made)
    later(made, UNDO_WINDOW)
    rhea = browse("rhea")
    assert f'id="c-{made.id}"' not in rhea.get("/articles/story").text
    assert rhea.get(f"/c/{made.id}").status_code == 410
    assert rhea.post(f"/c/{made.id}/undelete").status_code in (409, 410)


def test_a_disowned_comment_keeps_its_words_and_loses_its_name(browse: Browse) -> None:
    made = say("rhea", "Said in another life.")
    reply = say("ravi", "An answer.", made)
    written = person("rhea").published_comments
    later(made, EDIT_WINDOW)
    rhea = browse("rhea")
    assert "cannot be undone" in rhea.get(f"/c/{made.id}/disown").text
    assert rhea.post(f"/c/{made.id}/disown").status_code == 303
    page = browse().get(f"/c/{made.id}", follow_redirects=True).text
    assert "Said in another life." in page
    assert "[disowned]" in page
    assert "rhea" not in page
    db.session.expire_all()
    assert person("rhea").published_comments == written - 1
    assert fresh(reply).publicly_listed
    assert drift() == []
    for act in ("edit", "delete", "disown", "undelete"):
        assert rhea.post(f"/c/{made.id}/{act}", {"body": "x", "version": "9"}).status_code >= 400


def test_a_fresh_comment_is_edited_or_deleted_not_disowned(site: Flask) -> None:
    made = say("rhea", "Just now.")
    with pytest.raises(Conflict, match="15 minutes"):
        operations.remove_name(person("rhea"), made)


@pytest.mark.parametrize("who", ["ravi", "mo", "ada"])
def test_nobody_disowns_for_somebody_else(site: Flask, who: str) -> None:
    made = say("rhea", "Mine.")
    later(made, EDIT_WINDOW)
    with pytest.raises(DomainError):
        operations.remove_name(person(who), made)


@pytest.mark.parametrize("who", ["rhea", "mo"])
def test_it_is_still_ones_own_for_every_rule(site: Flask, who: str) -> None:
    made = say(who, "Mine, once.")
    other = say("ravi", "An answer.", made)
    later(made, EDIT_WINDOW)
    operations.remove_name(person(who), made)
    made, me = fresh(made), person(who)
    acts: list[Callable[[], object]] = [
        lambda: reactions.vote(me, made, 1),
        lambda: reactions.disagree(me, made, 1),
        lambda: moderation.report(me, made, ReportReason.SPAM),
    ]
    if who == "mo":
        acts += [
            lambda: reactions.pick(me, made, "adds data"),
            lambda: moderation.approve(me, made, made.version),
        ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    reactions.vote(me, other, 1)


def test_the_log_still_says_who_it_was(site: Flask) -> None:
    made = say("rhea", "Mine.")
    later(made, EDIT_WINDOW)
    operations.remove_name(person("rhea"), made)
    entry = db.session.query(AuditEntry).one()
    assert (entry.action, entry.subject, entry.comment_id) == ("disowned", "rhea", made.id)
    assert clock.now() >= entry.at
