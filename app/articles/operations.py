"""Acts on articles' addresses and discussions, and on categories."""

from sqlalchemy import Select, func, select

from app import text
from app.articles import queries
from app.articles.enums import CommentsMode
from app.articles.models import Article, ArticleSlug, Category
from app.db.base import db
from app.db.locks import lock_rows, retry_once, take_write_lock
from app.errors import Conflict, Invalid, NotFound
from app.text.slug import SLUG

SLOWEST = 24 * 3600  # seconds between two comments of one person
LONGEST_OPEN = 3650  # days
CATEGORIES_MAX = 40  # the front page lists all of them
NAME_MAX, DESCRIPTION_MAX, POSITION_MAX = 80, 300, 999  # of a category


@retry_once
def change_slug(old: str, new: str) -> Article:
    """Change the slug of an article; the old address redirects to the new one for ever.

    Raises Invalid, NotFound, or Conflict when the new slug belongs to another article.
    """
    if not SLUG.fullmatch(new) or len(new) > 120:
        raise Invalid("A slug has lower-case letters, digits and single hyphens.", "slug")
    take_write_lock()
    article = queries.get_by_slug(old)
    if article is None:
        raise NotFound(f"There is no article with the slug {old!r}.")
    lock_rows(article)
    earlier = db.session.get(ArticleSlug, new)
    if queries.get_by_slug(new) or (earlier and earlier.article_id != article.id):
        raise Conflict(f"The slug {new!r} belongs to another article.")
    if earlier:
        db.session.delete(earlier)
    db.session.add(ArticleSlug(slug=old, article_id=article.id))
    article.slug = new
    article.version += 1
    db.session.commit()
    return article


def make_free_slug(slug: str, slugs: Select[str]) -> str:
    """Return `slug` if it is not among `slugs`, else with the first number that is free."""
    taken = set(db.session.scalars(slugs))
    number, free = 2, slug
    while free in taken:
        free, number = f"{slug}-{number}", number + 1
    return free


@retry_once
def set_discussion(
    slug: str,
    mode: CommentsMode | None = None,
    close_after_days: int | None = None,
    slow_seconds: int | None = None,
) -> Article:
    """Open, close or slow down a discussion; an argument of None changes nothing.

    `close_after_days` counts from publication, 0 meaning never; `slow_seconds` is the least
    time between two comments of one person, 0 for none. Raises NotFound or Invalid.
    """
    take_write_lock()
    article = queries.get_by_slug(slug)
    if article is None:
        raise NotFound(f"There is no article with the slug {slug!r}.")
    lock_rows(article)
    if slow_seconds is not None and not 0 <= slow_seconds <= SLOWEST:
        raise Invalid(f"Slow mode is 0 to {SLOWEST:,} seconds.", "slow_seconds")
    if close_after_days is not None and not 0 <= close_after_days <= LONGEST_OPEN:
        raise Invalid(f"A discussion is open for 0 to {LONGEST_OPEN:,} days.", "close_after_days")
    if mode is not None:
        article.comments_mode = mode
    if close_after_days is not None:
        article.close_after_days = close_after_days or None
    if slow_seconds is not None:
        article.slow_seconds = slow_seconds
    article.version += 1
    db.session.commit()
    return article


@retry_once
def add_category(name: str, description: str = "", position: int | None = None) -> Category:
    """Add a category, by default in the last position. Raises Invalid or Conflict."""
    name, description = _clean_category_name(name), " ".join(text.normalise(description).split())
    if len(description) > DESCRIPTION_MAX:
        raise Invalid(f"A description has {DESCRIPTION_MAX} characters at most.", "description")
    take_write_lock()
    _refuse_taken_name(name)
    if (db.session.scalar(select(func.count(Category.id))) or 0) >= CATEGORIES_MAX:
        raise Conflict(f"There are {CATEGORIES_MAX} categories: the front page holds no more.")
    if position is None:
        last = db.session.scalar(select(func.max(Category.position)))
        position = 0 if last is None else min(last + 1, POSITION_MAX)
    if not 0 <= position <= POSITION_MAX:
        raise Invalid(f"A position is a number from 0 to {POSITION_MAX}.", "position")
    slug = make_free_slug(text.make_slug(name, "category"), select(Category.slug))
    category = Category(name=name, slug=slug, description=description, position=position)
    db.session.add(category)
    db.session.commit()
    return category


@retry_once
def rename_category(old: str, new: str) -> Category:
    """Rename the category `old` without changing its address.

    `old` is compared without case and width of letters. Raises NotFound, Invalid or Conflict.
    """
    name = _clean_category_name(new)
    take_write_lock()
    category = queries.find_category(old)
    if category is None:
        names = ", ".join(each.name for each in queries.list_categories()) or "none yet"
        raise NotFound(f"There is no category {old!r}, but there are: {names}.")
    _refuse_taken_name(name, category)
    category.name = name
    db.session.commit()
    return category


def _clean_category_name(name: str) -> str:
    name = " ".join(text.normalise(name).split())
    if text.is_blank(name) or len(name) > NAME_MAX:
        raise Invalid(f"The name of a category has 1 to {NAME_MAX} characters.", "name")
    return name


def _refuse_taken_name(name: str, own: Category | None = None) -> None:
    """Raise Conflict if another category than `own` has the name already."""
    namesake = queries.find_category(name)
    if namesake is not None and namesake is not own:
        raise Conflict(f"There is a category {namesake.name!r} already.")
