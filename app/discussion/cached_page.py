"""One page of threads as everybody sees it: read and drawn once, until something of it changes."""

from dataclasses import dataclass

from app.articles import cached
from app.articles.models import Article
from app.cache.memo import unchanged
from app.cache.versions import Shows
from app.comments import queries
from app.comments.enums import Sort
from app.comments.models import Comment
from app.discussion import threads, tree
from app.discussion.highlights import glance
from app.discussion.rendering import Drawn
from app.discussion.tree import Node

_SIZE = 2_500_000  # bytes of a full page of comments with all drawings that are kept of it


@dataclass(frozen=True)
class Scene:
    """The threads of a page, whether more follow, and what stands above them at a glance.

    `drawn` keeps what `app.discussion.rendering` made of them.
    """

    heads: list[Comment]
    below: list[Comment]
    more: bool
    glance: list[tuple[str, Comment]]
    nodes: list[Node]
    drawn: Drawn


def scene(
    article: Article, sort: Sort, after: int | None, after_key: float | None, is_staff: bool
) -> Scene:
    """The page of `article` in the order `sort` behind the comment `after` (see `queries.heads`).

    Staff see numbers that move no version (reports, private disagreement), so theirs is not kept.
    """

    def make(here: Article) -> Scene:
        heads, more = threads.heads(here, sort, after, after_key)
        below = threads.shown_below(heads)
        found = [] if after else glance(here)
        queries.under(here, (*heads, *below, *(comment for _, comment in found)))
        nodes = tree.grow(heads, below)
        return Scene(heads, below, more, found, nodes, Drawn.of(nodes))

    if is_staff:
        return make(article)
    is_first = after is None
    name = ("threads", sort, after, None if is_first else after_key, article.version)
    known: Scene = unchanged(
        *(Shows.ARTICLE, article.id, name, _SIZE),
        lambda: make(cached.kept(article.id) or article),
        common=is_first,
    )
    return known
