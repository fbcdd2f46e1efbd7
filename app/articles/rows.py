"""An article as plain values, without its story: what the acts on its discussion ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import bindparam, select

from app.articles.models import Article
from app.db import core


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """The columns of an article that its discussion depends on."""

    id: int
    slug: str
    status: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    comments_mode: str
    close_after_days: int | None
    slow_seconds: int
    comment_count: int
    last_publish_seq: int

    is_public: ClassVar[Any] = Article.is_public
    is_withdrawn: ClassVar[Any] = Article.is_withdrawn
    comments_close_at: ClassVar[Any] = Article.comments_close_at
    comments_open: ClassVar[Any] = Article.comments_open


COLUMNS = [Article.__table__.c[field.name] for field in fields(ArticleRow)]
_BY_SLUG = select(*COLUMNS).where(Article.slug == bindparam("slug"))


def get_by_slug(slug: str) -> ArticleRow | None:
    """Return the article that has this slug now, or None."""
    row = core.run(_BY_SLUG, {"slug": slug}).first()
    return make_row(row) if row else None


def make_row(columns: Sequence[Any]) -> ArticleRow:
    """Return the article with these values of COLUMNS."""
    return ArticleRow(*columns)
