"""A story as pages read it: plain values that every request may share, and no entity.

Entities (`app.articles.models`) are for acts that change a story. A row has the same names. For
posting and voting there is a row without the story.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from app.articles.models import (
    Article,
    ArticleProperties,
    Category,
    Organisation,
    Topic,
    article_topics,
)
from app.db import core
from app.db.base import db


class OrganisationRow(NamedTuple):
    id: int
    name: str
    slug: str
    logo: str | None


class Heading(NamedTuple):
    """A category or topic that a story is filed under."""

    id: int
    name: str
    slug: str


class _Columns(NamedTuple):
    id: int
    slug: str
    headline: str
    status: str
    published_at: datetime | None
    updated_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    takeaways: list[str]
    source_name: str
    source_url: str
    summary: str
    summary_html: str
    opinion_html: str
    disclosure: str
    comments_mode: str
    close_after_days: int | None
    slow_seconds: int
    comment_count: int
    pick_count: int
    last_publish_seq: int
    version: int
    organisation: OrganisationRow
    category: Heading
    topics: tuple[Heading, ...]


class ArticleRow(ArticleProperties, _Columns):
    """One story with all that its page shows."""

    __slots__ = ()


class _DiscussionColumns(NamedTuple):
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


class DiscussionRow(ArticleProperties, _DiscussionColumns):
    """An article with the columns that acts on its discussion depend on."""

    __slots__ = ()


AnyStory = Article | ArticleRow
AnyArticle = AnyStory | DiscussionRow


class CardRow(NamedTuple):
    """One story of a short list beside another one."""

    slug: str
    headline: str
    published_at: datetime
    organisation: OrganisationRow
    category: Heading


_FILED = ("organisation", "category", "topics")
_OWN = [getattr(Article, name) for name in _Columns._fields if name not in _FILED]
_BESIDE = [Organisation.id, Organisation.name, Organisation.slug, Organisation.logo]
_BESIDE += [Category.id, Category.name, Category.slug]
_OF_CARD = [Article.slug, Article.headline, Article.published_at]
_BY_ID = (
    select(*_OWN, *_BESIDE, Topic.id, Topic.name, Topic.slug)
    .join(Article.organisation)
    .join(Article.category)
    .outerjoin(article_topics, article_topics.c.article_id == Article.id)
    .outerjoin(Topic, Topic.id == article_topics.c.topic_id)
    .where(Article.id == bindparam("id"))
    .order_by(Topic.id)
)


OF_DISCUSSION = [getattr(Article, name) for name in DiscussionRow._fields]
_DISCUSSION_BY_SLUG = select(*OF_DISCUSSION).where(Article.slug == bindparam("slug"))


def get_discussion_by_slug(slug: str) -> DiscussionRow | None:
    """Return what is asked of the article that has this slug now, or None."""
    row = core.run(_DISCUSSION_BY_SLUG, {"slug": slug}).first()
    return DiscussionRow._make(row) if row else None


def get_row(article_id: int) -> ArticleRow | None:
    """Return the article with all that its page shows, with one query, or None."""
    rows = db.session.connection().execute(_BY_ID, {"id": article_id}).all()
    if not rows:
        return None
    topics = tuple(Heading(*row[-3:]) for row in rows if row[-3] is not None)
    own, filed = rows[0][: len(_OWN)], rows[0][len(_OWN) :]
    return ArticleRow._make((*own, OrganisationRow(*filed[:4]), Heading(*filed[4:7]), topics))


def select_cards() -> Select[Any]:
    """Return the query for what cards show of stories, to be narrowed, ordered and limited."""
    columns: list[Any] = [*_OF_CARD, *_BESIDE]
    return select(*columns).join(Article.organisation).join(Article.category)


def list_cards(query: Select[Any], values: Mapping[str, Any]) -> list[CardRow]:
    """Return the stories of a query that began with `select_cards`."""
    rows = db.session.connection().execute(query, values)
    return [
        CardRow._make((*row[:3], OrganisationRow(*row[3:7]), Heading(*row[7:]))) for row in rows
    ]
