"""Queries for articles. All lists are limited by `visibility.sql_is_public`."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from app.articles.models import (
    Article,
    ArticleSlug,
    Category,
    Organisation,
    Topic,
    article_topics,
)
from app.articles.rows import AnyStory, CardRow, list_cards, select_cards
from app.articles.visibility import sql_is_public
from app.db.base import db
from app.db.keyset import Cursor, get_page, order_latest

WIRE_LENGTH = 20  # articles of one page of a list
SUGGESTED = 3
MORE_FROM = 3
SITEMAP_LENGTH = 49_000  # the protocol allows 50,000 addresses, and the lists need some


# The most frequent statements are built once: building one costs as much as running it.
_WHOLE = select(Article).options(
    joinedload(Article.organisation),
    joinedload(Article.category),
    joinedload(Article.topics),
)
_BY_SLUG = _WHOLE.where(Article.slug == bindparam("slug"))
_ID_OF = select(Article.id).where(Article.slug == bindparam("slug"))
_BY_ID = _WHOLE.where(Article.id == bindparam("id"))


def find_id(slug: str) -> int | None:
    """Return the id of the article that has this slug now, or None."""
    return db.session.scalar(_ID_OF, {"slug": slug})


def get_by_slug(slug: str) -> Article | None:
    """Return the article with all that its page shows besides comments, with one query, or None."""
    return db.session.execute(_BY_SLUG, {"slug": slug}).unique().scalar_one_or_none()


def get_by_id(article_id: int) -> Article | None:
    """Return the article as `get_by_slug` does, by its id."""
    return db.session.execute(_BY_ID, {"id": article_id}).unique().scalar_one_or_none()


def find_current_slug(old_slug: str) -> str | None:
    """Return the present slug of the article that once had `old_slug`, or None."""
    return db.session.scalar(
        select(Article.slug)
        .join(ArticleSlug, ArticleSlug.article_id == Article.id)
        .where(ArticleSlug.slug == old_slug)
    )


def _select_cards() -> Select[Article]:
    return (
        select(Article)
        .where(sql_is_public())
        .options(joinedload(Article.organisation), joinedload(Article.category))
    )


_MORE_FROM = (
    select_cards()
    .where(sql_is_public())
    .where(Article.organisation_id == bindparam("organisation"), Article.id != bindparam("article"))
    .order_by(Article.published_at.desc(), Article.id.desc())
    .limit(MORE_FROM)
)
_SHARED = (
    select(article_topics.c.article_id, func.count().label("n"))
    .where(article_topics.c.topic_id.in_(bindparam("topics", expanding=True)))
    .group_by(article_topics.c.article_id)
    .subquery()
)
_SUGGESTED = (
    select_cards()
    .where(sql_is_public())
    .outerjoin(_SHARED, _SHARED.c.article_id == Article.id)
    .where(Article.id != bindparam("article"), Article.organisation_id != bindparam("organisation"))
    .order_by(func.coalesce(_SHARED.c.n, 0).desc(), Article.published_at.desc(), Article.id.desc())
    .limit(SUGGESTED)
)


def list_more_from(article: AnyStory) -> Sequence[CardRow]:
    """Return the newest other articles of the same organisation."""
    values = {"article": article.id, "organisation": article.organisation.id}
    return list_cards(_MORE_FROM, values)


def list_suggested(article: AnyStory) -> Sequence[CardRow]:
    """Return articles of other organisations, by the number of shared topics, then the newest."""
    values = {
        "article": article.id,
        "organisation": article.organisation.id,
        "topics": [topic.id for topic in article.topics],
    }
    return list_cards(_SUGGESTED, values)


@dataclass(frozen=True)
class Wire:
    """One page of a list; `newer` and `older` are the cursors of its neighbours, or None."""

    articles: Sequence[Article]
    newer: Cursor | None
    older: Cursor | None


def list_wire(
    category: Category | None = None,
    organisation: Organisation | None = None,
    topic: Topic | None = None,
    older_than: Cursor | None = None,
    newer_than: Cursor | None = None,
) -> Wire:
    """Return one page of articles, the newest first, filtered, after or before a cursor."""
    query = _select_cards()
    if category:
        query = query.where(Article.category_id == category.id)
    if organisation:
        query = query.where(Article.organisation_id == organisation.id)
    if topic:
        query = query.join(article_topics).where(article_topics.c.topic_id == topic.id)
    if newer_than:
        key = tuple_(Article.published_at, Article.id)
        query = query.where(key > (newer_than.at, newer_than.id))
        query = query.order_by(Article.published_at, Article.id)
    else:
        query = order_latest(query, Article.published_at, Article.id, older_than)
    rows, more = get_page(query, WIRE_LENGTH)
    if newer_than:
        rows.reverse()
    has_newer = more if newer_than else older_than is not None
    has_older = True if newer_than else more
    return Wire(
        rows,
        newer=_make_cursor(rows[0]) if rows and has_newer else None,
        older=_make_cursor(rows[-1]) if rows and has_older else None,
    )


def _make_cursor(article: Article) -> Cursor:
    return Cursor(article.published_at or article.created_at, article.id)


def count_since(moment: datetime) -> int:
    """Count the articles that became public after `moment`."""
    counted = select(func.count(Article.id)).where(sql_is_public(), Article.published_at > moment)
    return db.session.scalar(counted) or 0


def get_lead() -> Article | None:
    """Return the newest featured article, else the newest, else None."""
    return db.session.scalar(
        _select_cards()
        .order_by(Article.featured.desc(), Article.published_at.desc(), Article.id.desc())
        .limit(1)
    )


def list_addresses() -> Sequence[tuple[str, datetime]]:
    """Return the slug and the last change of every public article, the newest first."""
    rows = db.session.execute(
        select(Article.slug, func.coalesce(Article.updated_at, Article.published_at))
        .where(sql_is_public())
        .order_by(Article.published_at.desc(), Article.id.desc())
        .limit(SITEMAP_LENGTH)
    )
    return [(row[0], row[1]) for row in rows]


def list_categories() -> Sequence[Category]:
    return db.session.scalars(select(Category).order_by(Category.position, Category.id)).all()


def get_category(slug: str) -> Category | None:
    return db.session.scalar(select(Category).where(Category.slug == slug))


def find_category(name: str) -> Category | None:
    """Return the category of that name, compared without case and width of letters, or None."""
    key = _make_name_key(name)
    return next((each for each in list_categories() if _make_name_key(each.name) == key), None)


def _make_name_key(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def count_filed() -> Sequence[tuple[Category, int]]:
    """Return every category in its position, with the number of its articles, public or not."""
    rows = db.session.execute(
        select(Category, func.count(Article.id))
        .outerjoin(Article, Article.category_id == Category.id)
        .group_by(Category.id)
        .order_by(Category.position, Category.id)
    )
    return [(row[0], row[1]) for row in rows]


def get_organisation(slug: str) -> Organisation | None:
    return db.session.scalar(select(Organisation).where(Organisation.slug == slug))


def get_topic(slug: str) -> Topic | None:
    return db.session.scalar(select(Topic).where(Topic.slug == slug))


def list_organisations_with_counts() -> Sequence[tuple[Organisation, int]]:
    rows = db.session.execute(
        select(Organisation, func.count(Article.id))
        .join(Article, and_(Article.organisation_id == Organisation.id, sql_is_public()))
        .group_by(Organisation.id)
        .order_by(Organisation.name)
    )
    return [(row[0], row[1]) for row in rows]


def list_topics_with_counts() -> Sequence[tuple[Topic, int]]:
    rows = db.session.execute(
        select(Topic, func.count(Article.id))
        .join(article_topics, article_topics.c.topic_id == Topic.id)
        .join(Article, and_(article_topics.c.article_id == Article.id, sql_is_public()))
        .group_by(Topic.id)
        .order_by(Topic.name)
    )
    return [(row[0], row[1]) for row in rows]


def list_categories_with_counts() -> Sequence[tuple[Category, int]]:
    rows = db.session.execute(
        select(Category, func.count(Article.id))
        .outerjoin(Article, and_(Article.category_id == Category.id, sql_is_public()))
        .group_by(Category.id)
        .order_by(Category.position, Category.id)
    )
    return [(row[0], row[1]) for row in rows]


def search_articles(words: str, limit: int = 40) -> Sequence[Article]:
    """Return articles that contain every word in their headline or in what they are filed under."""
    query = (
        select(Article)
        .join(Article.organisation)
        .join(Article.category)
        .where(sql_is_public())
        .options(contains_eager(Article.organisation), contains_eager(Article.category))
    )
    for word in words.split()[:8]:
        in_topics = Article.topics.any(Topic.name.icontains(word, autoescape=True))
        query = query.where(
            or_(
                Article.headline.icontains(word, autoescape=True),
                Organisation.name.icontains(word, autoescape=True),
                Category.name.icontains(word, autoescape=True),
                in_topics,
            )
        )
    return db.session.scalars(
        query.order_by(Article.published_at.desc(), Article.id.desc()).limit(limit)
    ).all()
