"""The query for the draft of a box."""

from sqlalchemy import select

from app import clock
from app.accounts.models import User
from app.db.base import db
from app.drafts.models import DRAFTS_KEPT, Draft


def find_draft(user: User, draft_key: str) -> Draft | None:
    """Return the draft of `user` in the box of `draft_key`, or None if it has expired."""
    return db.session.scalar(
        select(Draft).where(
            Draft.user_id == user.id,
            Draft.place == draft_key,
            Draft.updated_at > clock.now() - DRAFTS_KEPT,
        )
    )
