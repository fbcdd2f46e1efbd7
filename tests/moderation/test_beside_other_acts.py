"""Decisions beside what else is logged of a comment: picks, redactions, an author's own acts."""

import pytest
from flask import Flask

from app.comments import operations
from app.comments.enums import CommentStatus as S
from app.errors import Conflict
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions import operations as reactions
from app.revisions import operations as revisions
from tests.comments.threads import drift
from tests.conftest import fresh, person, say


def test_what_its_author_deleted_is_theirs_to_bring_back(site: Flask) -> None:
    made = say("rhea", "Hasty.")
    operations.delete(person("rhea"), made)
    mo, version = person("mo"), fresh(made).version
    with pytest.raises(Conflict, match="deleted"):
        moderation.approve(mo, made, version)
    with pytest.raises(Conflict, match="deleted"):
        moderation.reject(mo, made, version, RejectReason.SPAM)
    assert fresh(made).status == S.DELETED


def test_a_redaction_in_between_does_not_stop_an_author_from_taking_a_deletion_back(
    site: Flask,
) -> None:
    made = say("rhea", "First words.")
    first = made.version
    operations.edit(person("rhea"), made, "Better words.", first)
    operations.delete(person("rhea"), made)
    revisions.redact_revision(person("mo"), fresh(made), first)
    operations.undelete(person("rhea"), fresh(made))
    assert fresh(made).status == S.PUBLISHED
    assert drift() == []


def test_a_pick_in_between_does_not_stop_an_undo(site: Flask) -> None:
    made = say("nils", "See https://example.org/x")
    entry = moderation.approve(person("mo"), made, made.version)
    reactions.pick(person("edda"), fresh(made), "adds data")
    moderation.undo(person("mo"), entry)
    assert fresh(made).status == S.PENDING
    assert drift() == []
