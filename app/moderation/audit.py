"""Writing the audit log: append-only, each entry chained to the one before it."""

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import select

from app import clock
from app.accounts.models import User
from app.comments.models import Comment
from app.db.locks import hold_log
from app.extensions import db
from app.moderation.models import AuditEntry
from app.moderation.reasons import Action

_START = "0" * 64


def record(
    action: Action,
    actor: User | None,
    *,
    comment_id: int | None = None,
    subject: str = "",
    before: str = "",
    after: str = "",
    reason: str = "",
    note: str = "",
) -> AuditEntry:
    """Add an entry to the open transaction; it is stored, or not, together with the act.

    The act holds all that it writes by now: nothing is locked after the log (`app.db.locks`).
    """
    hold_log()
    last = db.session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        at=clock.now(),
        actor_id=actor.id if actor else None,
        action=action,
        comment_id=comment_id,
        subject=subject,
        before=before,
        after=after,
        reason=reason,
        note=note,
        previous_hash=last or _START,
    )
    entry.hash = _digest(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def record_of(comment: Comment, action: Action, actor: User, note: str = "") -> AuditEntry:
    """Add an entry about a comment whose status stays as it is."""
    return record(
        action,
        actor,
        comment_id=comment.id,
        subject=comment.author_name,
        before=comment.status,
        after=comment.status,
        note=note,
    )


def _digest(entry: AuditEntry) -> str:
    """SHA-256 over the entry's values and the hash before it."""
    values = [
        entry.previous_hash,
        entry.at.isoformat(),
        entry.actor_id,
        str(entry.action),
        entry.comment_id,
        entry.subject,
        str(entry.before),
        str(entry.after),
        str(entry.reason),
        entry.note,
    ]
    return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode()).hexdigest()


def broken_entries() -> Iterator[int]:
    """The ids of entries that were changed, or before which one is missing."""
    previous = _START
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
        if entry.previous_hash != previous or entry.hash != _digest(entry):
            yield entry.id
        previous = entry.hash
