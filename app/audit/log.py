"""Writing to the audit log, which only grows and chains each entry to the one before it."""

from sqlalchemy import select

from app import clock
from app.audit import anchor, chain
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.db.base import db
from app.db.locks import lock_log
from app.policy import Viewer

_LAST = (
    select(AuditEntry.id, AuditEntry.hash, AuditEntry.action)
    .order_by(AuditEntry.id.desc())
    .limit(1)
)


def record(
    action: Action,
    actor: Viewer | None,
    *,
    comment_id: int | None = None,
    subject: str = "",
    before: str = "",
    after: str = "",
    reason: str = "",
    note: str = "",
) -> AuditEntry:
    """Add an entry to the open transaction, so that it is stored only together with the act.

    The act must have locked all other rows that it writes: the log is the last lock
    (`app.db.locks`).
    """
    lock_log()
    last = db.session.execute(_LAST).one_or_none()
    entry = AuditEntry(
        id=last.id + 1 if last else 1,
        at=clock.now(),
        actor_id=actor.id if actor else None,
        action=action,
        comment_id=comment_id,
        subject=subject,
        before=before,
        after=after,
        reason=reason,
        note=note,
        previous_hash=last.hash if last else chain.START,
    )
    chain.sign(entry)
    db.session.add(entry)
    db.session.flush()
    anchor.follow_entry(last, entry)
    return entry
