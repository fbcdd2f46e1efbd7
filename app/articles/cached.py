"""Articles that are read once for all requests."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.articles import queries
from app.articles.models import Article
from app.cache import memo
from app.cache.versions import Scope

_ARTICLE = 60_000  # bytes of a story with its texts
_OTHER_STORIES = 6 * _ARTICLE


def get_cached(article_id: int) -> Article | None:
    """Return the article as it is now, cached and detached from any session, or None."""
    article: Article | None = memo.memoise(
        Scope.ARTICLE, article_id, "article", _ARTICLE, lambda: queries.get_by_id(article_id)
    )
    return article


@dataclass(frozen=True)
class OtherStories:
    """The other stories on the page of one."""

    more_from: Sequence[Article]
    suggested: Sequence[Article]


def get_other_stories(article: Article) -> OtherStories:
    """Return the other stories, cached for everybody until any article changes."""

    def make() -> OtherStories:
        return OtherStories(queries.list_more_from(article), queries.list_suggested(article))

    others: OtherStories = memo.memoise(Scope.NEWSROOM, article.id, "beside", _OTHER_STORIES, make)
    return others
