"""The site's word lists."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.cache import versions
from app.db.base import Base


class WordKind(StrEnum):
    BANNED = "banned"  # a comment with it is refused
    SUSPECT = "suspect"  # a comment with it waits for a moderator


class ListedWord(Base):
    """A word or phrase of the site's lists; a `*` at its end matches any ending."""

    __tablename__ = "listed_words"
    __table_args__ = (Unique("kind", "pattern"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    pattern: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


versions.watch(ListedWord, lambda _columns, _is_changed: {"words_revision"})
