"""One page of threads as everybody sees it, read and rendered once for each version."""

from dataclasses import dataclass

from app.articles import cached
from app.articles.rows import AnyArticle
from app.cache.memo import memoise
from app.cache.versions import Scope
from app.comments.enums import Sort
from app.comments.rows import CommentRow
from app.discussion import threads, tree
from app.discussion.highlights import find_highlights
from app.discussion.rendering import RenderCache
from app.discussion.tree import Node

_HIGHLIGHTS = 100_000  # bytes of the few comments at a glance
_SIZE = 2_500_000  # bytes of a full page of comments with all cached renderings of it


@dataclass(frozen=True)
class CachedPage:
    """The threads of a page, whether more follow, and the highlights above them.

    `render_cache` has the HTML that `app.discussion.rendering` made of them.
    """

    heads: list[CommentRow]
    below: list[CommentRow]
    more: bool
    highlights: list[tuple[str, CommentRow]]
    nodes: list[Node]
    render_cache: RenderCache


def get_cached_page(
    article: AnyArticle, sort: Sort, after: int | None, after_key: float | None, is_staff: bool
) -> CachedPage:
    """Return the page of `article` in the order `sort` after the comment `after`.

    `after` and `after_key` are those of `threads.list_root_comments`. Pages of staff are not
    cached: they show numbers that change no version (reports, private disagreement).
    """

    def make(article: AnyArticle) -> CachedPage:
        heads, more = threads.list_root_comments(article, sort, after, after_key)
        below = threads.list_shown_below(heads)
        highlights = [] if after else _get_highlights(article)
        nodes = tree.build_threads(heads, below)
        return CachedPage(heads, below, more, highlights, nodes, RenderCache.of(nodes))

    if is_staff:
        return make(article)
    is_first = after is None
    name = ("threads", sort, after, None if is_first else after_key, article.version)
    page: CachedPage = memoise(
        *(Scope.ARTICLE, article.id, name, _SIZE),
        lambda: make(cached.get_cached(article.id) or article),
        common=is_first,
    )
    return page


def _get_highlights(article: AnyArticle) -> list[tuple[str, CommentRow]]:
    """Return the highlights of `article`; staff see the same ones as all."""
    highlights: list[tuple[str, CommentRow]] = memoise(
        *(Scope.ARTICLE, article.id, ("highlights", article.version), _HIGHLIGHTS),
        lambda: find_highlights(cached.get_cached(article.id) or article),
    )
    return highlights
