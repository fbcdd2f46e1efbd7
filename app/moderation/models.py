"""Reports, listed words, and the audit log that nobody can change."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.accounts.models import User
from app.comments.models import Comment
from app.extensions import Base


class AuditEntry(Base):
    """One act. Triggers in the database refuse all but a next entry; `hash` covers the entry
    and the hash before it (app/moderation/chain.py), so that `flask audit verify` finds what
    got round them."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # without gaps
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the site itself
    action: Mapped[str] = mapped_column(String(30))
    comment_id: Mapped[int | None] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(String(200), default="")  # whom or what, in words
    before: Mapped[str] = mapped_column(String(30), default="")
    after: Mapped[str] = mapped_column(String(30), default="")
    reason: Mapped[str] = mapped_column(String(30), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    key_fingerprint: Mapped[str | None] = mapped_column(String(16))  # None: from before the keys

    actor: Mapped[User | None] = relationship()


class Report(Base):
    """One person's report of one comment; `decided_by` is the entry that answered it."""

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


class ListedWord(Base):
    """A word or phrase of the site's lists; a `*` at its end matches any ending."""

    __tablename__ = "listed_words"
    __table_args__ = (Unique("kind", "pattern"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    pattern: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
