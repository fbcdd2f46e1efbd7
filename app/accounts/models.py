"""People and their sign-in sessions."""

from datetime import datetime
from typing import Protocol, cast

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.roles import STAFF, Role
from app.cache import versions
from app.db.base import Base


class Visitor:
    """Somebody who is not signed in, with the attributes that policy and templates read."""

    id = None
    name = ""
    role = None
    is_authenticated = False
    is_active = False
    is_anonymous = True
    is_staff = False

    def get_id(self) -> None:
        return None


class _Columns(Protocol):
    """The attributes from which `MemberProperties` follow."""

    @property
    def role(self) -> str: ...

    @property
    def session_token(self) -> str | None: ...


class MemberProperties:
    """Properties of a member, shared by entities and by the rows of `app.accounts.rows`."""

    __slots__ = ()

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def is_staff(self: _Columns) -> bool:
        return self.role in STAFF

    def get_id(self: _Columns) -> str | None:
        """Return the session's token, which Flask-Login stores in the cookie."""
        return self.session_token


class User(MemberProperties, Base):
    """A member. `password_hash` is None for authors of imported threads, who cannot sign in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_key: Mapped[str] = mapped_column(String(120), unique=True)  # NFKC + casefold of name
    password_hash: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20), default=Role.READER)
    created_at: Mapped[datetime]
    # Counts published comments; the permissions for downvotes and links depend on it.
    published_comments: Mapped[int] = mapped_column(default=0)
    pick_count: Mapped[int] = mapped_column(default=0)  # published comments that staff picked
    imported: Mapped[bool] = mapped_column(default=False)
    # The order in which discussions open ("" for the site's default), and keyboard shortcuts.
    sort: Mapped[str] = mapped_column(String(20), default="")
    shortcuts: Mapped[bool] = mapped_column(default=True)

    # The token of this request's session, set on the instance and never stored.
    session_token = cast("str | None", None)


class UserSession(Base):
    """One sign-in on one device. Only a hash of its token is stored."""

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(String(200), default="")

    user: Mapped[User] = relationship()


def _list_moved(columns: set[str], is_changed: bool) -> set[str]:
    """Return the versions that a person's row raises: pages show names and roles."""
    return {"version"} if is_changed and columns & {"name", "role"} else set()


versions.watch(User, _list_moved)
