"""Comments, and their earlier versions."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, text
from app.accounts.models import User
from app.articles.models import Article
from app.comments.enums import LONG_LINES, PICK_WHY_MAX, SCORE_HIDDEN, BodyFormat
from app.db.base import Base


def make_columns(source: str) -> dict[str, Any]:
    """Return the columns of a comment that was written in Markdown; raises TooLong."""
    html, question = text.render_with_question(source)
    plain = text.make_plain(html)
    return _make_columns(source, str(html), plain, question, BodyFormat.MARKDOWN)


def make_columns_of_html(html: str) -> dict[str, Any]:
    """Return the columns of a comment that was written in HTML elsewhere; raises TooLong."""
    cleaned = str(text.clean_html(html))
    plain = text.make_plain(cleaned)
    return _make_columns(html, cleaned, plain, text.is_question(plain), BodyFormat.HTML)


def _make_columns(
    body: str, html: str, plain: str, question: bool, body_format: BodyFormat
) -> dict[str, Any]:
    return {
        "body": body,
        "html": html,
        "plain": plain,
        "is_long": is_long(body),
        "question": question,
        "body_format": body_format,
        "pipeline": text.PIPELINE_VERSION,
    }


def is_long(body: str) -> bool:
    """Return whether a comment with this source is folded to "Read more"."""
    return text.count_lines(body) > LONG_LINES


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class _Columns(Protocol):
    """The columns from which `CommentProperties` follow."""

    @property
    def body(self) -> str: ...

    @property
    def plain(self) -> str: ...

    @property
    def body_format(self) -> str: ...

    @property
    def up(self) -> int: ...

    @property
    def down(self) -> int: ...

    @property
    def created_at(self) -> datetime: ...

    @property
    def author_id(self) -> int | None: ...

    @property
    def author(self) -> _Named | None: ...

    @property
    def disowned_by(self) -> int | None: ...


class CommentProperties:
    """Properties of a comment, shared by entities and by the rows of `app.comments.rows`."""

    __slots__ = ()

    @property
    def words(self: _Columns) -> str:
        """Return what was written: the Markdown, or the text of what came as HTML."""
        return self.plain if self.body_format == BodyFormat.HTML else self.body

    @property
    def score(self: _Columns) -> int:
        return self.up - self.down

    @property
    def score_is_hidden(self: _Columns) -> bool:
        return clock.now() < self.created_at + SCORE_HIDDEN

    @property
    def author_name(self: _Columns) -> str:
        if self.author is not None:
            return self.author.name
        return "[disowned]" if self.disowned_by else "[deleted account]"

    def is_by(self: _Columns, user_id: int | None) -> bool:
        """Return whether this person wrote it, also where their name is off it now."""
        return user_id is not None and user_id in (self.author_id, self.disowned_by)


class Comment(CommentProperties, Base):
    """One comment. What a page needs of it stands in columns, made when it was written.

    `rank` is its place among the replies of its parent, counted from 1 when it is first
    published and never changed, so that which replies are shown at first is known without
    looking at the others. `publicly_listed` says that everybody sees it, as words or as a
    tombstone.
    `publish_seq` is its place in the order of first publication below its article, from 1: what
    has a higher one than a reader's mark is new to them.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Unique("author_id", "submission"),
        Index("ix_comments_best", "article_id", "depth", "publicly_listed", "best", "id"),
        Index("ix_comments_oldest", "article_id", "depth", "publicly_listed", "id"),
        Index("ix_comments_newest", "article_id", "status", "id"),
        Index(
            "ix_comments_discussed", "article_id", "depth", "publicly_listed", "thread_count", "id"
        ),
        Index(
            "ix_comments_controversial",
            "article_id",
            "depth",
            "publicly_listed",
            "controversy",
            "id",
        ),
        Index("ix_comments_arrivals", "article_id", "publish_seq"),
        Index("ix_comments_picks", "article_id", "picked_at"),
        Index("ix_comments_person", "article_id", "author_id", "status", "id"),
        Index("ix_comments_replies", "parent_id", "publicly_listed", "rank"),
        Index("ix_comments_by_author", "author_id", "status", "id"),
        Index("ix_comments_queue", "status", "report_count", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    root_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))  # None: begins a thread
    depth: Mapped[int] = mapped_column(default=1)
    rank: Mapped[int] = mapped_column(default=0)
    publish_seq: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    plain: Mapped[str] = mapped_column(Text, default="")  # the text of `html`, without tags
    is_long: Mapped[bool] = mapped_column(default=False)  # see `is_long` above
    body_format: Mapped[str] = mapped_column(String(10), default=BodyFormat.MARKDOWN)
    pipeline: Mapped[int]  # version of app.text that made the HTML
    status: Mapped[str] = mapped_column(String(20))
    publicly_listed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    # Who took their name off it: shown to nobody, asked by the rules about one's own comment.
    disowned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    question: Mapped[bool] = mapped_column(default=False)  # a paragraph of it ends in a "?"
    pick_why: Mapped[str] = mapped_column(String(PICK_WHY_MAX), default="")  # "": not picked
    picked_at: Mapped[datetime | None]
    up: Mapped[int] = mapped_column(default=0)
    down: Mapped[int] = mapped_column(default=0)
    best: Mapped[float] = mapped_column(default=0.0)  # Wilson lower bound of up and down
    controversy: Mapped[float] = mapped_column(default=0.0)
    disagree_count: Mapped[int] = mapped_column(default=0)  # private, seen by editors alone
    reply_count: Mapped[int] = mapped_column(default=0)  # replies that are listed
    thread_count: Mapped[int] = mapped_column(default=0)  # of a thread's first: all that is below
    report_count: Mapped[int] = mapped_column(default=0)  # reports that nobody has decided
    removal: Mapped[str] = mapped_column(String(30), default="")  # reason shown on a tombstone
    version: Mapped[int] = mapped_column(default=1)
    submission: Mapped[str] = mapped_column(String(64))

    article: Mapped[Article] = relationship()
    author: Mapped[User | None] = relationship(foreign_keys=[author_id])
    parent: Mapped["Comment | None"] = relationship(foreign_keys=[parent_id], remote_side=[id])

    def write(self, source: str) -> None:
        """Keep the Markdown source and store its cleaned HTML."""
        for name, value in make_columns(source).items():
            setattr(self, name, value)


class Revision(Base):
    """A text that a comment had before an edit."""

    __tablename__ = "revisions"
    __table_args__ = (Unique("comment_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    number: Mapped[int]  # the comment's version that this text was
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime] = mapped_column(default=clock.now)
    redacted_at: Mapped[datetime | None]  # its words are gone then
