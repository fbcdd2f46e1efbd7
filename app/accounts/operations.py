"""The acts on accounts: join, sign in and out, and those of the command line."""

import re
import secrets
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from app import clock
from app.accounts import passwords, queries
from app.accounts.models import User, UserSession
from app.accounts.roles import STAFF, Role
from app.audit import log
from app.audit.actions import Action
from app.db.base import db
from app.db.locks import lock_rows, lock_selected, retry_once
from app.errors import Conflict, Invalid, NotFound, TooOften

WRONG = "Username or password is wrong."
_NAME = re.compile(r"[A-Za-z0-9_-]{3,20}")
_LOOK_ALIKES = str.maketrans("013457l", "oieasti", "_-")
_RESERVED = {
    *("admin", "administrator", "botbeat", "editor", "everyone", "mod", "moderator"),
    *("moderators", "newsroom", "nobody", "root", "security", "staff", "support"),
    *("system", "webmaster"),
}
# The longest that one sign-in lasts; app.accounts.sessions enforces the idle limit.
READER_SESSION = timedelta(days=90)
STAFF_SESSION = timedelta(days=7)
SESSIONS_MAX = 20  # of one person; the next sign-in ends the oldest


def join(name: str, password: str, site: str) -> User:
    """Create a reader's account; raises Invalid for the name or the password."""
    return create(name, password, Role.READER, site)


@retry_once
def create(name: str, password: str, role: Role, site: str) -> User:
    """Create an account with a role; raises Invalid for the name or the password.

    `site` is the site's name, which a password must not be built from.
    """
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise Invalid("Username must be 3 to 20 letters, digits, _ or -", "name")
    if role is Role.READER and is_reserved_name(name):
        raise Invalid("That username is reserved", "name")
    _require_strength(password, name, site, role)
    db.session.commit()  # returns the connection to the pool while this waits for hashing
    user = User(
        name=name,
        name_key=queries.make_name_key(name),
        password_hash=passwords.hash_password(password),
        role=role,
        created_at=clock.now(),
    )
    if queries.get_by_name(name):
        raise Invalid("That username is taken", "name")
    try:
        db.session.add(user)
        db.session.commit()
    except IntegrityError:  # somebody took it after the query above
        db.session.rollback()
        raise Invalid("That username is taken", "name") from None
    return user


def sign_in(name: str, password: str, user_agent: str) -> User:
    """Open a session, whose token is the `session_token` of the returned user.

    Raises Invalid; every failure has the same message and takes the same time.
    """
    user = queries.get_by_name(name)
    checked = user.password_hash if user else None
    db.session.commit()  # returns the connection to the pool while this waits for hashing
    if not passwords.is_right_password(checked, password) or user is None:
        raise Invalid(WRONG, "name")
    stronger = checked
    if passwords.is_outdated(checked or ""):
        with suppress(TooOften):  # the next sign-in does it
            stronger = passwords.hash_password(password)
    return _open_unchanged(user, checked, stronger, user_agent)


@retry_once
def _open_unchanged(user: User, checked: str | None, stronger: str | None, user_agent: str) -> User:
    """Open a session if the hash is still `checked`, and replace the hash by `stronger`.

    Setting a password locks the account as well: it either ends this session or comes first, and
    then this raises Invalid and leaves the new hash.
    """
    lock_rows(user)
    if user.password_hash != checked:
        raise Invalid(WRONG, "name")
    user.password_hash = stronger
    return _open_session(user, user_agent)


@retry_once
def open_session(user: User, user_agent: str) -> User:
    """Open a session for somebody who has just proved who they are, as `sign_in` does."""
    return _open_session(user, user_agent)


def _open_session(user: User, user_agent: str) -> User:
    """Add a session and commit; delete sessions that are over or beyond SESSIONS_MAX."""
    _drop_oldest_sessions(user)
    token = secrets.token_urlsafe(32)
    lasts = STAFF_SESSION if user.role in STAFF else READER_SESSION
    db.session.add(
        UserSession(
            user_id=user.id,
            token_hash=queries.hash_token(token),
            created_at=clock.now(),
            expires_at=clock.now() + lasts,
            user_agent=user_agent[:200],
        )
    )
    db.session.commit()
    user.session_token = token
    return user


def _drop_oldest_sessions(user: User) -> None:
    """Delete all sessions of `user` but the latest SESSIONS_MAX - 1 that are alive."""
    alive = (
        select(UserSession.id)
        .where(
            UserSession.user_id == user.id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > clock.now(),
        )
        .order_by(UserSession.id.desc())
        .limit(SESSIONS_MAX - 1)
    )
    ours = delete(UserSession).where(UserSession.user_id == user.id, UserSession.id.not_in(alive))
    db.session.execute(ours.execution_options(synchronize_session=False))


@retry_once
def sign_out(token: str) -> None:
    """Revoke a session on the server, so that a copy of its cookie is worthless too."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.token_hash == queries.hash_token(token))
        .values(revoked_at=clock.now())
    )
    db.session.commit()


@retry_once
def set_role(name: str, role: Role) -> User:
    """Change a role and end every session of the account.

    Raises NotFound, or Conflict for the last admin.
    """
    user = _get_named(name)
    admins = lock_selected(select(User).where(or_(User.id == user.id, User.role == Role.ADMIN)))
    is_last = all(admin.id == user.id for admin in admins)
    if user.role == Role.ADMIN and role is not Role.ADMIN and is_last:
        raise Conflict(f"{user.name} is the last admin: make another one first.")
    before, user.role = user.role, role
    _revoke_all(user)
    log.record(Action.ROLE, None, subject=user.name, before=before, after=role)
    db.session.commit()
    return user


@retry_once
def set_password(name: str, password: str, site: str) -> User:
    """Set a password and end every session of the account.

    Raises NotFound, Conflict for the author of an imported thread, Invalid for the password.
    """
    user = _get_named(name)
    if user.imported:
        raise Conflict(f"{user.name} was imported and cannot sign in.")
    _require_strength(password, user.name, site, Role(user.role))
    password_hash = passwords.hash_password(password)
    lock_rows(user)
    user.password_hash = password_hash
    _revoke_all(user)
    log.record(Action.PASSWORD, None, subject=user.name)
    db.session.commit()
    return user


def _get_named(name: str) -> User:
    user = queries.get_by_name(name)
    if user is None:
        raise NotFound(f"There is no account named {name!r}.")
    return user


def _revoke_all(user: User) -> None:
    db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def _require_strength(password: str, name: str, site: str, role: Role) -> None:
    if weakness := passwords.find_weakness(password, name, site, role in STAFF):
        raise Invalid(weakness, "password")


def is_reserved_name(name: str) -> bool:
    """Return whether a name looks like one of the staff.

    `admin`, `Admin-1`, `adm1n`, `4dmln_2` and `a_d_m_i_n` all do.
    """
    key = queries.make_name_key(name)
    unnumbered = key.rstrip("_-0123456789")
    readings = {
        form.translate(_LOOK_ALIKES)
        for form in (key, unnumbered, unnumbered.lstrip("_-0123456789"))
    }
    return not readings.isdisjoint(word.translate(_LOOK_ALIKES) for word in _RESERVED)
