"""Finding the draft of a box."""

from sqlalchemy import select

from app import clock
from app.accounts.models import User
from app.db.base import db
from app.drafts.models import DRAFTS_KEPT, Draft


def find_draft(user: User, place: str) -> Draft | None:
    """What `user` was typing in the box `place`, while drafts are kept."""
    return db.session.scalar(
        select(Draft).where(
            Draft.user_id == user.id,
            Draft.place == place,
            Draft.updated_at > clock.now() - DRAFTS_KEPT,
        )
    )
