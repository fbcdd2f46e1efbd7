"""People and their sign-in sessions."""

from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.roles import STAFF, Role
from app.cache import versions
from app.db.base import Base


class Visitor:
    """Somebody who is not signed in; has what policy and templates ask of a viewer."""

    id = None
    name = ""
    role = None
    is_authenticated = False
    is_active = False
    is_anonymous = True
    is_staff = False

    def get_id(self) -> None:
        return None


class User(Base):
    """A member. `password_hash` is None for authors of imported threads, who cannot sign in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_key: Mapped[str] = mapped_column(String(120), unique=True)  # NFKC + casefold of name
    password_hash: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20), default=Role.READER)
    created_at: Mapped[datetime]
    # Counted when a comment is published or withdrawn; downvotes and links ask it.
    published_comments: Mapped[int] = mapped_column(default=0)
    pick_count: Mapped[int] = mapped_column(default=0)  # published comments that staff picked
    imported: Mapped[bool] = mapped_column(default=False)
    # How they like to read: an order of comments ("" for the site's own), and the keys.
    sort: Mapped[str] = mapped_column(String(20), default="")
    shortcuts: Mapped[bool] = mapped_column(default=True)

    is_authenticated = True
    is_active = True
    is_anonymous = False
    # Of this request's session only, set on the instance; never stored.
    session_token = cast("str | None", None)

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    def get_id(self) -> str | None:
        """What Flask-Login keeps in the cookie: the session's token, not the person's id."""
        return self.session_token


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


def _move_pages(columns: set[str], is_changed: bool) -> set[str]:
    """Return what a person's row moves: pages show the names and roles of people."""
    return {"version"} if is_changed and columns & {"name", "role"} else set()


versions.watch(User, _move_pages)
