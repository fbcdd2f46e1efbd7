"""Reading people and their sessions."""

import hashlib
import unicodedata

from sqlalchemy import select

from app import clock
from app.accounts.models import User, UserSession
from app.extensions import db


def name_key(name: str) -> str:
    """The form of a name that must be unique: `Ana`, `ANA` and full-width `Ａｎａ` are one."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def by_name(name: str) -> User | None:
    if "\x00" in name:  # nobody's, and PostgreSQL fails when asked for it
        return None
    return db.session.scalar(select(User).where(User.name_key == name_key(name)))


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def by_session_token(token: str) -> User | None:
    """The person of a live session, with their role as it is now."""
    user = db.session.scalar(
        select(User)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.token_hash == token_hash(token),
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > clock.now(),
        )
    )
    if user is not None:
        user.session_token = token
    return user
