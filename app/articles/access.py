"""Find the article that an address names, for views."""

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
NO_ARTICLE = "No page at this address. It may have moved; try the search above."


def get_or_404(slug: str) -> Article:
    """Return the article with this slug, now or earlier, if this person may read it.

    Raises NotFound, or Gone when it was withdrawn.
    """
    if "\x00" in slug:  # from a hidden field; PostgreSQL fails on it
        raise NotFound(NO_ARTICLE)
    article = queries.get_by_slug(slug)
    if article is None and (current := queries.find_current_slug(slug)):
        article = queries.get_by_slug(current)
    if article is None:
        raise NotFound(NO_ARTICLE)
    _require_readable(article)
    return article


def get_discussion_or_404(slug: str) -> DiscussionRow:
    """Return what `get_or_404` does without the story, for acts that are done often."""
    if "\x00" in slug:
        raise NotFound(NO_ARTICLE)
    article = rows.get_discussion_by_slug(slug)
    if article is None and (current := queries.find_current_slug(slug)):
        article = rows.get_discussion_by_slug(current)
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
