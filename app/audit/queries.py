"""Queries for the audit log."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.audit.models import AuditEntry
from app.db.base import db


def list_entries_of(comment_ids: Sequence[int]) -> Sequence[AuditEntry]:
    """Return the entries about these comments, the oldest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.comment_id.in_(comment_ids))
        .options(joinedload(AuditEntry.actor))
        .order_by(AuditEntry.id)
    ).all()
