"""Queries for people and their sessions."""

import hashlib
import unicodedata

from sqlalchemy import bindparam, select

from app import clock
from app.accounts import rows
from app.accounts.models import User, UserSession
from app.accounts.rows import MemberRow
from app.db.base import db
from app.db.types import UtcDateTime


def make_name_key(name: str) -> str:
    """Return the unique form of a name: `Ana`, `ANA` and full-width `Ａｎａ` have the same."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def get_by_name(name: str) -> User | None:
    if "\x00" in name:  # nobody has such a name, and PostgreSQL fails on it
        return None
    return db.session.scalar(select(User).where(User.name_key == make_name_key(name)))


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# Built once, because each page of a member runs one of them.
_OF_LIVE_SESSION = (
    UserSession.token_hash == bindparam("hash"),
    UserSession.revoked_at.is_(None),
    UserSession.expires_at > bindparam("now", type_=UtcDateTime()),
)
_BY_SESSION = (
    select(User).join(UserSession, UserSession.user_id == User.id).where(*_OF_LIVE_SESSION)
)
_ROW_BY_SESSION = (
    select(*rows.COLUMNS)
    .join_from(User, UserSession, UserSession.user_id == User.id)
    .where(*_OF_LIVE_SESSION)
)


def get_by_session_token(token: str) -> User | None:
    """Return the person of a live session, with their current role, or None."""
    values = {"hash": hash_token(token), "now": clock.now()}
    user = db.session.scalar(_BY_SESSION, values)
    if user is not None:
        user.session_token = token
    return user


def get_row_by_session_token(token: str) -> MemberRow | None:
    """Return what `get_by_session_token` does, for a request that needs no model of them."""
    values = {"hash": hash_token(token), "now": clock.now()}
    row = db.session.connection().execute(_ROW_BY_SESSION, values).first()
    return None if row is None else MemberRow._make((*row, token))
