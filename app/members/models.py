"""A member's mutes, follows, bookmarks and read marks."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.accounts.models import User
from app.articles.models import Article
from app.comments.models import Comment
from app.db.base import Base


class FollowState(StrEnum):
    """A member's wish about a discussion, stored as text."""

    FOLLOWED = "followed"
    MUTED = "muted"  # replies and mentions in it do not reach their activity


class Mute(Base):
    """A person whose comments are folded for the user; nobody else learns of it."""

    __tablename__ = "mutes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    muted_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    muted: Mapped[User] = relationship(foreign_keys=[muted_id])


class MutedWord(Base):
    """A word that folds comments for one person, up to and with the day `until`."""

    __tablename__ = "muted_words"
    __table_args__ = (Unique("user_id", "pattern"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    pattern: Mapped[str] = mapped_column(String(100))
    until: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Follow(Base):
    """A discussion that somebody follows, or has muted (`state`: FollowState)."""

    __tablename__ = "follows"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    article: Mapped[Article] = relationship()


class Bookmark(Base):
    """A comment that somebody saved."""

    __tablename__ = "bookmarks"
    __table_args__ = (Index("ix_bookmarks_latest", "user_id", "created_at", "comment_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    comment: Mapped[Comment] = relationship()


class ReadMark(Base):
    """The mark up to which somebody has read: comments with a higher `publish_seq` are new."""

    __tablename__ = "read_marks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    publish_seq: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
