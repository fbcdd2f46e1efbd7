"""Articles that are read once for all requests."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.articles import queries, rows
from app.articles.rows import AnyStory, ArticleRow, CardRow
from app.cache import memo
from app.cache.versions import Scope

_ARTICLE = 60_000  # bytes of a story with its texts
_OTHER_STORIES = 6 * _ARTICLE


def get_cached(article_id: int) -> ArticleRow | None:
    """Return the article as it is now, or None."""
    article: ArticleRow | None = memo.memoise(
        Scope.ARTICLE, article_id, "article", _ARTICLE, lambda: rows.get_row(article_id)
    )
    return article


@dataclass(frozen=True)
class OtherStories:
    """The other stories on the page of one."""

    more_from: Sequence[CardRow]
    suggested: Sequence[CardRow]


def get_other_stories(article: AnyStory) -> OtherStories:
    """Return the other stories, cached for everybody until any article changes."""

    def make() -> OtherStories:
        return OtherStories(queries.list_more_from(article), queries.list_suggested(article))

    others: OtherStories = memo.memoise(Scope.NEWSROOM, article.id, "beside", _OTHER_STORIES, make)
    return others
