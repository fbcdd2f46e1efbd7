"""Finding the article that an address names, for views."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.articles import queries
from app.articles.models import Article
from app.articles.versions import Shows
from app.errors import Gone, NotFound
from app.policy import Permission, require
from app.web import caching
from app.web.viewer import viewer

_BESIDE = 60_000  # bytes of six stories with their texts
NO_ARTICLE = "No page at this address. It may have moved; try the search above."


def found(slug: str) -> Article:
    """The article that this person may read, by its slug or an earlier one.

    Raises NotFound, or Gone when it was withdrawn.
    """
    if "\x00" in slug:  # of a hidden field; PostgreSQL fails when asked for it
        raise NotFound(NO_ARTICLE)
    article = queries.by_slug(slug)
    if article is None and (current := queries.current_slug(slug)):
        article = queries.by_slug(current)
    if article is None:
        raise NotFound(NO_ARTICLE)
    if article.withdrawn_at is not None:
        day = article.withdrawn_at.strftime("%Y-%m-%d")
        raise Gone(f"This story was withdrawn on {day}: {article.withdrawn_reason}")
    require(viewer(), Permission.ARTICLE_READ, article)
    return article


@dataclass(frozen=True)
class Beside:
    """The other stories that the page of one shows."""

    more_from: Sequence[Article]
    suggested: Sequence[Article]


def beside(article: Article) -> Beside:
    """The same for everybody, and asked anew when the newsroom changed something."""

    def make() -> Beside:
        found = Beside(queries.more_from(article), queries.suggested(article))
        for other in (*found.more_from, *found.suggested):
            caching.let_go((other, other.organisation, other.category))
        return found

    shown: Beside = caching.unchanged(
        Shows.NEWSROOM, article.id, ("beside", article.version), _BESIDE, make
    )
    return shown
