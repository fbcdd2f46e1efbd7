"""Reading the audit log."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import EDITORS
from app.audit.models import AuditEntry
from app.comments.models import Comment
from app.comments.visibility import Visible, of, sql_of
from app.db.base import db
from app.policy import Viewer

AUDIT_LENGTH = 50  # rows of one page


def entries_of(comment_ids: Sequence[int]) -> Sequence[AuditEntry]:
    """The log of these comments, oldest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.comment_id.in_(comment_ids))
        .options(joinedload(AuditEntry.actor))
        .order_by(AuditEntry.id)
    ).all()


def audit(viewer: Viewer, before: int | None = None) -> tuple[list[AuditEntry], bool]:
    """Return a page of the audit log, newest first, and whether older entries follow.

    Entries about comments that are hidden from `viewer` are left out.
    """
    query = (
        select(AuditEntry)
        .options(joinedload(AuditEntry.actor))
        .order_by(AuditEntry.id.desc())
        .limit(AUDIT_LENGTH + 1)
    )
    if viewer.role not in EDITORS:  # from them nothing is hidden
        seen = or_(Comment.id.is_(None), sql_of(viewer) != Visible.HIDDEN)
        query = query.outerjoin(Comment, Comment.id == AuditEntry.comment_id)
        query = query.outerjoin(Comment.article).where(seen)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows = list(db.session.scalars(query))
    return rows[:AUDIT_LENGTH], len(rows) > AUDIT_LENGTH


def entry(viewer: Viewer, entry_id: int) -> AuditEntry | None:
    """An entry of the log, or None where the comment that it is about is hidden."""
    found = db.session.get(AuditEntry, entry_id)
    about = db.session.get(Comment, found.comment_id) if found and found.comment_id else None
    return None if about and of(viewer, about) is Visible.HIDDEN else found
