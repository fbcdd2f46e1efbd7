"""The query for the draft of a box."""

from sqlalchemy import select

from app import clock
from app.accounts.rows import AnyMember
from app.db.base import db
from app.drafts.models import DRAFT_LIFE, Draft


def find_draft(user: AnyMember, draft_key: str) -> Draft | None:
    """Return the draft of `user` in the box of `draft_key`, or None if it has expired."""
    return db.session.scalar(
        select(Draft).where(
            Draft.user_id == user.id,
            Draft.draft_key == draft_key,
            Draft.updated_at > clock.now() - DRAFT_LIFE,
        )
    )
