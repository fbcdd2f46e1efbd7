"""The table of the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base


class AuditEntry(Base):
    """One act.

    Triggers in the database refuse everything but the insertion of the next entry. `hash` covers
    the entry and the hash before it (app/audit/chain.py), so that `flask audit verify` finds
    changes that got round the triggers.
    """

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # without gaps
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the site itself
    action: Mapped[str] = mapped_column(String(30))
    comment_id: Mapped[int | None] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(String(200), default="")  # a name or a text
    before: Mapped[str] = mapped_column(String(30), default="")
    after: Mapped[str] = mapped_column(String(30), default="")
    reason: Mapped[str] = mapped_column(String(30), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    key_fingerprint: Mapped[str | None] = mapped_column(String(16))  # None: from before the keys

    # `accounts.models.User`, by its name, because this folder may import no feature.
    actor: Mapped[Any] = relationship("User")
