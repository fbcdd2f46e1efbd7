"""Texts that are not comments yet: drafts of members, and unsent texts of visitors."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.db.base import Base

DRAFT_LIFE = timedelta(days=7)  # the life of a draft
DRAFTS_MAX = 50  # of one person
DRAFTS_CHARACTERS = 100_000  # of all drafts of one person together: 400 KB at most
UNSENT_A_BROWSER = 5  # that wait for one sign-in
UNSENT_LIFE = timedelta(hours=24)  # the life of a text whose writer has yet to sign in
UNSENT_MAX = 5_000  # such texts on the whole site, from however many networks: some 100 MB
UNSENT_TRUSTED = timedelta(hours=1)  # after writing, in which a new member counts as the writer


def make_draft_key(article_id: int, parent_id: int | None = None) -> str:
    """Return the key of a draft: that of the article's own box, or that of a reply."""
    return f"a-{article_id}" + (f"-c-{parent_id}" if parent_id else "")


class Draft(Base):
    """A text that a member was typing.

    `draft_key` names its box: `a-5` for the main box of article 5, `a-5-c-12` for a reply.
    """

    __tablename__ = "drafts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    draft_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


class UnsentText(Base):
    """A comment that waits until its writer has signed in; the browser holds its token.

    Only a hash of the token is stored, so that somebody who reads the database can post nothing.
    """

    __tablename__ = "kept_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)
    submission: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
