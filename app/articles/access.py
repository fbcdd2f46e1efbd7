"""Finding the article that an address names, for views."""

from app.articles import queries
from app.articles.cached import get_cached
from app.articles.models import Article
from app.cache import store
from app.errors import Gone, NotFound
from app.policy import Permission, require
from app.text.quantities import format_day
from app.web.viewer import get_viewer

_AN_ID = 200  # bytes that one takes besides its slug
_IDS = store.make_store(1024 * 1024)  # of articles by their slugs
NO_ARTICLE = "No page at this address. It may have moved; try the search above."


def get_or_404(slug: str) -> Article:
    """The article that this person may read, by its slug or an earlier one.

    Raises NotFound, or Gone when it was withdrawn.
    """
    if "\x00" in slug:  # of a hidden field; PostgreSQL fails when asked for it
        raise NotFound(NO_ARTICLE)
    article = queries.get_by_slug(slug)
    if article is None and (current := queries.find_current_slug(slug)):
        article = queries.get_by_slug(current)
    return _require_readable(article)


def get_cached_or_404(slug: str) -> Article:
    """The same for a page that only reads: as `kept`."""
    article_id = _IDS.get(slug) or queries.find_id(slug)
    article = get_cached(article_id) if article_id else None
    if article is None or article.slug != slug:  # it moved
        return get_or_404(slug)
    _IDS.put(slug, article.id, _AN_ID + len(slug))
    return _require_readable(article)


def _require_readable(article: Article | None) -> Article:
    if article is None:
        raise NotFound(NO_ARTICLE)
    if article.is_withdrawn and article.withdrawn_at is not None:
        day = format_day(article.withdrawn_at)
        raise Gone(f"This story was withdrawn on {day}: {article.withdrawn_reason}")
    require(get_viewer(), Permission.ARTICLE_READ, article)
    return article
