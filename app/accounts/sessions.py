"""Signing a browser in, and loading the person of its session."""

import time
from datetime import UTC, datetime

from flask import Flask, current_app, request, session
from flask_login import login_user

from app.accounts import queries
from app.accounts.models import User, Visitor
from app.accounts.roles import STAFF
from app.accounts.rows import AnyMember
from app.extensions import login_manager
from app.web.guards import SAFE_METHODS, acts_on_rows
from app.web.viewer import get_viewer

# Seconds without a visit after which a person is signed out.
IDLE_READER = 30 * 24 * 3600
IDLE_STAFF = 12 * 3600
_SEEN_EVERY = 300  # seconds between two updates of the time in the cookie
_VISIT_ENDS = 1_800  # seconds without a page after which the next one begins a new visit


def init_app(app: Flask) -> None:
    login_manager.session_protection = None  # the row in user_sessions protects instead
    login_manager.anonymous_user = Visitor
    login_manager.login_view = "accounts.sign_in"
    login_manager.init_app(app)
    login_manager.user_loader(_load_user)


_carried: set[str] = set()


def carry(*names: str) -> None:
    """Let these values of the browser's session outlast signing in."""
    _carried.update(names)


def bind(user: User) -> None:
    """Bind the browser to a new session; drop its other values, except those of `carry`."""
    carried = {name: session[name] for name in _carried if name in session}
    session.clear()
    session.update(carried)
    session.permanent = True
    session["seen"] = int(time.time())
    login_user(user)


def _load_user(token: str) -> AnyMember | None:
    """Return the person of a session token, or None when it is over or was idle too long.

    The time of the last page is in the signed cookie, so that reading writes no row.
    """
    is_row_enough = request.method in SAFE_METHODS or acts_on_rows(current_app, request.endpoint)
    load = queries.get_row_by_session_token if is_row_enough else queries.get_by_session_token
    user = load(token)
    if user is None:
        return None
    idle = time.time() - int(session.get("seen", 0))
    if idle > (IDLE_STAFF if user.role in STAFF else IDLE_READER):
        return None
    if idle > _VISIT_ENDS:
        session["last_visit"] = session["seen"]
    if idle > _SEEN_EVERY:
        session["seen"] = int(time.time())
    return user


def get_last_visit() -> datetime | None:
    """Return when a member's previous visit ended; None for visitors and on a first visit."""
    seconds = session.get("last_visit") if get_viewer().is_authenticated else None
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
