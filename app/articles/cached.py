"""Articles that are read once for all who ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.articles import queries
from app.articles.models import Article
from app.cache import memo
from app.cache.versions import Shows

_ARTICLE = 60_000  # bytes of a story with its texts
_BESIDE = 6 * _ARTICLE


def kept(article_id: int) -> Article | None:
    """The article as it is now; it was read once for all and belongs to no session."""
    article: Article | None = memo.unchanged(
        Shows.ARTICLE, article_id, "article", _ARTICLE, lambda: queries.by_id(article_id)
    )
    return article


@dataclass(frozen=True)
class Beside:
    """The other stories that the page of one shows."""

    more_from: Sequence[Article]
    suggested: Sequence[Article]


def beside(article: Article) -> Beside:
    """The same for everybody, and asked anew when the newsroom changed something."""

    def make() -> Beside:
        return Beside(queries.more_from(article), queries.suggested(article))

    shown: Beside = memo.unchanged(Shows.NEWSROOM, article.id, "beside", _BESIDE, make)
    return shown
