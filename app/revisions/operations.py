"""Removing an earlier version of a comment."""

from app import clock, policy
from app.audit.actions import Action
from app.comments.locking import lock_discussion
from app.comments.models import Comment, Revision
from app.comments.status import record_act
from app.db.base import db
from app.db.locks import retry_once
from app.errors import Conflict, NotFound
from app.policy import Permission as P
from app.policy import Viewer
from app.revisions import queries


@retry_once
def redact_revision(moderator: Viewer, comment: Comment, number: int) -> Revision:
    """Erase the words of the earlier version `number` for good; the history still lists it.

    The present text is no earlier version: a moderator rejects it instead. Raises NotFound for
    an unknown version, Conflict when its words are gone already.
    """
    policy.require(moderator, P.COMMENT_HISTORY, comment)
    person = lock_discussion(moderator, P.REVISION_REDACT, comment)
    revision = queries.lock_revision(comment, number)
    if revision is None:
        raise NotFound("This comment has no such earlier version.")
    if revision.redacted_at is not None:
        raise Conflict("This version was removed already.")
    revision.body = revision.html = ""
    revision.redacted_at = clock.now()
    record_act(comment, Action.REDACTED, person, f"version {number}")
    db.session.commit()
    return revision
