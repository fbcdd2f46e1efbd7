"""A signed-in person as pages that only read need them: plain values, and no entity."""

from datetime import datetime
from typing import NamedTuple

from app.accounts.models import MemberProperties, User
from app.policy import Viewer


class _Columns(NamedTuple):
    id: int
    name: str
    role: str
    created_at: datetime
    published_comments: int
    sort: str
    shortcuts: bool
    session_token: str


class MemberRow(MemberProperties, _Columns):
    """A member with what their pages and permissions depend on, and the token of the session."""

    __slots__ = ()

    imported = False  # nobody can sign in to an imported account


AnyMember = User | MemberRow


def make_stranger(viewer: Viewer) -> Viewer:
    """Return somebody who may do what `viewer` may to what others wrote, and has nothing here."""
    if not isinstance(viewer, AnyMember):
        return viewer
    shared = viewer.role, viewer.created_at, viewer.published_comments
    return MemberRow(0, "", *shared, "", False, "")


COLUMNS = [getattr(User, name) for name in _Columns._fields[:-1]]
