"""A signed-in person as pages that only read need them: plain values, and no entity."""

from typing import NamedTuple

from app.accounts.models import MemberProperties, User


class _Columns(NamedTuple):
    id: int
    name: str
    role: str
    published_comments: int
    sort: str
    shortcuts: bool
    session_token: str


class MemberRow(MemberProperties, _Columns):
    """A member with what their pages and permissions depend on, and the token of the session."""

    __slots__ = ()


AnyMember = User | MemberRow
COLUMNS = [getattr(User, name) for name in _Columns._fields[:-1]]
