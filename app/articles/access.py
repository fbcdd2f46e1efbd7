"""Find the article that an address names, for views."""

from collections.abc import Callable
from typing import TypeVar

from app.articles import queries, rows
from app.articles.cached import get_cached
from app.articles.models import Article
from app.articles.rows import AnyArticle, AnyStory, DiscussionRow
from app.cache.store import Store
from app.errors import Gone, NotFound
from app.policy import Permission, require
from app.text.quantities import format_day
from app.web.viewer import get_viewer

_ENTRY = 200  # bytes that an id takes in the store besides its slug
_IDS = Store(1024 * 1024)  # ids of articles by slug
Found = TypeVar("Found", Article, DiscussionRow)
NO_ARTICLE = "No page at this address. It may have moved; try the search above."


def get_or_404(slug: str) -> Article:
    """Return the article with this slug, now or earlier, if this person may read it.

    Raises NotFound, or Gone when it was withdrawn.
    """
    return _find_or_404(slug, queries.get_by_slug)


def get_discussion_or_404(slug: str) -> DiscussionRow:
    """Return what `get_or_404` does without the story, for acts that are done often."""
    return _find_or_404(slug, rows.get_discussion_by_slug)


def _find_or_404(slug: str, get: Callable[[str], Found | None]) -> Found:
    """Return what `get` returns for the slug, or for the one that took its place."""
    if "\x00" in slug:  # from a hidden field; PostgreSQL fails on it
        raise NotFound(NO_ARTICLE)
    article = get(slug)
    if article is None and (current := queries.find_current_slug(slug)):
        article = get(current)
    if article is None:
        raise NotFound(NO_ARTICLE)
    _require_readable(article)
    return article


def get_cached_or_404(slug: str) -> AnyStory:
    """Return what `get_or_404` does, from the cache: for pages that change nothing."""
    article_id = _IDS.get(slug) or queries.find_id(slug)
    article = get_cached(article_id) if article_id else None
    if article is None or article.slug != slug:  # its slug has changed
        return get_or_404(slug)
    _IDS.put(slug, article.id, _ENTRY + len(slug))
    _require_readable(article)
    return article


def _require_readable(article: AnyArticle) -> None:
    if article.is_withdrawn and article.withdrawn_at is not None:
        day = format_day(article.withdrawn_at)
        raise Gone(f"This story was withdrawn on {day}: {article.withdrawn_reason}")
    require(get_viewer(), Permission.ARTICLE_READ, article)
