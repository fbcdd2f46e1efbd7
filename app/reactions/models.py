"""Votes and private disagreement."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.db.base import Base


class VoteMode(StrEnum):
    """The votes that the whole site allows, a setting."""

    UP_DOWN = "up-down"
    UP = "up"
    OFF = "off"


DOWNVOTES_FROM = 10  # published comments of one's own


class Vote(Base):
    """One person's vote on one comment; taking it back deletes the row."""

    __tablename__ = "votes"
    __table_args__ = (CheckConstraint("value IN (-1, 1)", name="value"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    value: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Disagreement(Base):
    """One person's private "I disagree" with a comment, which affects no ranking or report."""

    __tablename__ = "disagreements"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
