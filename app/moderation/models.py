"""Reports of comments."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.accounts.models import User
from app.comments.models import Comment
from app.db.base import Base


class Report(Base):
    """One person's report of one comment; `decided_by` is the log entry that answered it."""

    __tablename__ = "reports"
    __table_args__ = (
        Unique("comment_id", "reporter_id"),
        Index("ix_reports_open", "comment_id", "decided_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    reason: Mapped[str] = mapped_column(String(30))
    details: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("audit_log.id"))
    agreed: Mapped[bool | None]

    comment: Mapped[Comment] = relationship()
    reporter: Mapped[User] = relationship()
