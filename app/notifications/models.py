"""Notices: comments that a member should know of."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.comments.models import Comment
from app.db.base import Base


class Notice(Base):
    """A comment that a member should know of, as a reply to them or a mention of their name.

    Each comment has at most one notice for each member.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Unique("user_id", "comment_id"),
        Index("ix_notices_latest", "user_id", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    comment: Mapped[Comment] = relationship()


class NoticeKind(StrEnum):
    """The reason of a notice."""

    REPLY = "reply"
    MENTION = "mention"
