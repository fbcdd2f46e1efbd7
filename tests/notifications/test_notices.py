"""Whom a comment is recorded for: those it answers and those it names, each once."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.comments import operations
from app.comments.models import Comment
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.notifications.models import Notice, NoticeKind
from tests.comments.threads import crowd
from tests.conftest import fresh, person, say


def told(comment: Comment) -> dict[str, str]:
    """Who is told of a comment, and why."""
    names = {person(name).id: name for name in ("rhea", "ravi", "nils", "mo", "edda", "ada")}
    rows = db.session.scalars(select(Notice).where(Notice.comment_id == comment.id))
    return {names[notice.user_id]: notice.kind for notice in rows}


def test_a_reply_is_for_the_person_who_is_answered(site: Flask) -> None:
    assert told(say("ravi", "An answer.", say("rhea", "A claim."))) == {"rhea": NoticeKind.REPLY}


def test_a_name_after_an_at_is_for_that_person(site: Flask) -> None:
    assert told(say("rhea", "Ask @Ravi and @edda, not @nobody.")) == {
        "ravi": NoticeKind.MENTION,
        "edda": NoticeKind.MENTION,
    }


def test_who_is_answered_and_named_is_told_once(site: Flask) -> None:
    above = say("rhea", "A claim.")
    assert told(say("ravi", "@rhea @rhea really?", above)) == {"rhea": NoticeKind.REPLY}


@pytest.mark.parametrize(
    "words", ["I, @rhea, say so.", "`@ravi` is code", "mail ravi@ravi.example"]
)
def test_nobody_is_told_of(site: Flask, words: str) -> None:
    assert told(say("rhea", words)) == {}


def test_oneself_is_not_told_of_an_answer_to_oneself(site: Flask) -> None:
    assert told(say("rhea", "And more.", say("rhea", "A claim."))) == {}


def test_a_held_comment_is_told_when_it_is_published(site: Flask) -> None:
    above = say("rhea", "A claim.")
    held = say("nils", "@ravi see https://example.org/x", above)
    assert told(held) == {}
    moderation.approve(person("mo"), held, held.version)
    assert told(held) == {"rhea": NoticeKind.REPLY, "ravi": NoticeKind.MENTION}


def test_an_edit_tells_only_those_whom_it_newly_names(site: Flask) -> None:
    made = say("rhea", "Ask @ravi.")
    operations.edit(person("rhea"), made, "Ask @ravi and @edda.", made.version)
    assert told(made) == {"ravi": NoticeKind.MENTION, "edda": NoticeKind.MENTION}
    assert db.session.query(Notice).count() == 2


def test_an_edit_that_is_held_tells_whom_it_names_when_it_is_approved(site: Flask) -> None:
    made = say("nils", "Ask @ravi.")
    words = "Ask @ravi and @edda at https://example.org/x"
    held = operations.edit(person("nils"), made, words, made.version)
    assert (held.status, told(held)) == ("pending", {"ravi": NoticeKind.MENTION})
    moderation.approve(person("mo"), held, fresh(held).version)
    assert told(held) == {"ravi": NoticeKind.MENTION, "edda": NoticeKind.MENTION}


def test_a_decision_that_is_undone_tells_nobody_again(site: Flask) -> None:
    made = say("rhea", "Ask @ravi.")
    entry = moderation.reject(person("mo"), made, made.version, RejectReason.SPAM)
    moderation.undo(person("mo"), entry)
    assert fresh(made).publicly_listed
    assert db.session.query(Notice).count() == 1


def test_a_comment_tells_ten_of_those_it_names_however_often_it_is_edited(site: Flask) -> None:
    named = [member.name for member in crowd(35)][10:]  # u10, u11 …
    made = say("rhea", " ".join(f"@{name}" for name in named))
    assert len(recipients(made)) == 10
    for start in (5, 15):
        words = " ".join(f"@{name}" for name in named[start : start + 10])
        made = operations.edit(person("rhea"), made, words, fresh(made).version)
    assert len(recipients(made)) == 10
    answer = say("ravi", " ".join(f"@{name}" for name in named[:10]), made)
    assert len(recipients(answer)) == 11  # and the one who is answered
    edited = operations.edit(person("ravi"), answer, f"@{named[20]}", answer.version)
    assert len(recipients(edited)) == 11


def recipients(comment: Comment) -> list[int]:
    rows = select(Notice.user_id).where(Notice.comment_id == comment.id)
    return list(db.session.scalars(rows))
