"""Articles, and their categories, organisations and topics."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, text
from app.articles.enums import PUBLIC_STATUSES, ArticleStatus, CommentsMode
from app.cache import versions
from app.db.base import Base


class Category(Base):
    """One of the few sections of the site; the navigation orders them by `position`."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    slug: Mapped[str] = mapped_column(String(90), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)


class Organisation(Base):
    """The organisation that a story is about.

    `logo` is a path below static/, or None for a monogram.
    """

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    slug: Mapped[str] = mapped_column(String(90), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    logo: Mapped[str | None] = mapped_column(String(200))


class Topic(Base):
    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    slug: Mapped[str] = mapped_column(String(90), unique=True)
    definition: Mapped[str] = mapped_column(Text, default="")


article_topics = Table(
    "article_topics",
    Base.metadata,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topics.id"), primary_key=True, index=True),
)


class _Columns(Protocol):
    """The columns from which `ArticleProperties` follow."""

    @property
    def status(self) -> str: ...

    @property
    def published_at(self) -> datetime | None: ...

    @property
    def withdrawn_at(self) -> datetime | None: ...

    @property
    def comments_mode(self) -> str: ...

    @property
    def close_after_days(self) -> int | None: ...

    @property
    def comments_close_at(self) -> datetime | None: ...


class ArticleProperties:
    """Properties of a story, shared by entities and by the rows of `app.articles.rows`."""

    __slots__ = ()

    @property
    def is_public(self: _Columns) -> bool:
        """Return whether everybody may read it now; `visibility.sql_is_public` is the SQL twin."""
        return (
            self.status in PUBLIC_STATUSES
            and self.published_at is not None
            and self.published_at <= clock.now()
        )

    @property
    def is_withdrawn(self: _Columns) -> bool:
        """Return whether it was withdrawn after it was public, so that its address says so."""
        published, withdrawn = self.published_at, self.withdrawn_at
        was_public = published is not None and withdrawn is not None and published <= withdrawn
        return self.status == ArticleStatus.WITHDRAWN and was_public

    @property
    def comments_close_at(self: _Columns) -> datetime | None:
        """The time when the discussion closes by age, or None."""
        if self.close_after_days is None or self.published_at is None:
            return None
        return self.published_at + timedelta(days=self.close_after_days)

    @property
    def comments_open(self: _Columns) -> bool:
        closes = self.comments_close_at
        return self.comments_mode == CommentsMode.OPEN and (closes is None or clock.now() < closes)


class Article(ArticleProperties, Base):
    """One story. It stores Markdown sources, and their HTML, which `write` renders once."""

    __tablename__ = "articles"
    __table_args__ = (
        Index("ix_articles_newest", "status", "published_at", "id"),
        Index("ix_articles_organisation", "organisation_id", "published_at", "id"),
        Index("ix_articles_category", "category_id", "published_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    headline: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    status: Mapped[str] = mapped_column(String(20), default=ArticleStatus.DRAFT)
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]  # when readers should know of a change
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    featured: Mapped[bool] = mapped_column(default=False)
    takeaways: Mapped[list[str]] = mapped_column(JSON, default=list)
    source_name: Mapped[str] = mapped_column(String(120), default="")
    source_url: Mapped[str] = mapped_column(String(1000), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    summary_html: Mapped[str] = mapped_column(Text, default="")
    opinion: Mapped[str] = mapped_column(Text, default="")
    opinion_html: Mapped[str] = mapped_column(Text, default="")
    disclosure: Mapped[str] = mapped_column(Text, default="")
    pipeline: Mapped[int] = mapped_column(default=0)  # version of app.text that made the HTML
    comments_mode: Mapped[str] = mapped_column(String(20), default=CommentsMode.OPEN)
    close_after_days: Mapped[int | None]
    slow_seconds: Mapped[int] = mapped_column(default=0)  # between two comments of one person
    comment_count: Mapped[int] = mapped_column(default=0)
    pick_count: Mapped[int] = mapped_column(default=0)
    last_publish_seq: Mapped[int] = mapped_column(default=0)  # of the comment published last
    version: Mapped[int] = mapped_column(default=1)  # raised by each change of its page
    voted_at: Mapped[int] = mapped_column(default=0)  # raised by each vote, see app.cache.versions
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    organisation: Mapped[Organisation] = relationship()
    category: Mapped[Category] = relationship()
    topics: Mapped[list[Topic]] = relationship(secondary=article_topics, order_by=Topic.id)

    def write(self, summary: str, opinion: str) -> None:
        """Store the two Markdown sources and their cleaned HTML."""
        self.summary, self.summary_html = summary, str(text.render_article(summary))
        self.opinion, self.opinion_html = opinion, str(text.render_article(opinion))
        self.pipeline = text.PIPELINE_VERSION


class ArticleSlug(Base):
    """A former slug of an article, whose address redirects for ever."""

    __tablename__ = "article_slugs"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), index=True
    )


# Only the article's own page depends on these columns.
_OF_ITS_PAGE = {"version", "voted_at", "last_publish_seq", "pick_count"}


def _list_moved(columns: set[str], is_changed: bool) -> set[str]:
    """Return the versions that an article's row raises: lists show comment counts, too."""
    talk = {"talk"} if "comment_count" in columns else set()
    is_in_lists = not is_changed or columns - _OF_ITS_PAGE - {"comment_count"}
    return talk | ({"version"} if is_in_lists else set())


versions.watch(Article, _list_moved)
for _filed_under in (Organisation, Category, Topic):
    versions.watch(_filed_under, lambda _columns, _is_changed: {"version"})
