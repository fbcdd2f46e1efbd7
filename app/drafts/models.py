"""Texts that are not comments yet: drafts of members, and what strangers wrote."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.db.base import Base

DRAFTS_KEPT = timedelta(days=7)
DRAFTS_MAX = 50  # of one person
DRAFTS_CHARACTERS = 100_000  # of all drafts of one person together: 400 KB at most
TEXTS_A_BROWSER = 5  # that wait for one sign-in
TEXTS_KEPT = timedelta(hours=24)  # written by somebody who has yet to sign in
TEXTS_MAX = 5_000  # of them for the whole site, from however many networks: some 100 MB at most
VISIT = timedelta(hours=1)  # after writing, within which who joins is taken for who wrote


class Draft(Base):
    """What a member was typing; `place` is the box, such as `a-5` or `a-5-c-12`."""

    __tablename__ = "drafts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(60), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


class UnsentText(Base):
    """A comment that waits until its writer has signed in; the browser holds its token.

    Only a hash of the token is stored, so that who reads the database posts nothing.
    """

    __tablename__ = "kept_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)
    submission: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
