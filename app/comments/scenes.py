"""One page of threads as everybody sees it: read and drawn once, until something of it changes."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from sqlalchemy.orm.attributes import set_committed_value

from app.articles.models import Article
from app.articles.versions import Shows
from app.comments import queries, tree
from app.comments.glance import glance
from app.comments.models import Comment
from app.comments.tree import Node
from app.comments.vocabulary import Sort
from app.web.caching import let_go, unchanged

_SIZE = 2_500_000  # bytes of a full page of comments with all drawings that are kept of it


@dataclass(frozen=True)
class Scene:
    """The threads of a page, whether more follow, and what stands above them at a glance.

    `drawn` keeps what `app.comments.drawing` made of the nodes, by whom it was made for.
    """

    heads: list[Comment]
    below: list[Comment]
    more: bool
    glance: list[tuple[str, Comment]]
    nodes: list[Node]
    drawn: dict[Hashable, tuple[str, str]] = field(default_factory=dict)


def scene(
    article: Article, sort: Sort, after: int | None, after_key: float | None, is_staff: bool
) -> Scene:
    """The page of `article` in the order `sort` behind the comment `after` (see `queries.heads`).

    Staff see numbers that move no version (reports, private disagreement), so theirs is not kept.
    """
    if is_staff:
        return _read(article, sort, after, after_key)

    def make() -> Scene:
        made = _read(article, sort, after, after_key)
        glimpsed = [comment for _, comment in made.glance]
        for comment in (*made.heads, *made.below, *glimpsed):
            set_committed_value(comment, "article", article)
            let_go((comment, comment.author))
        let_go([article])
        return made

    name = ("threads", sort, after, after_key, article.version)
    kept: Scene = unchanged(Shows.ARTICLE, article.id, name, _SIZE, make)
    return kept


def _read(article: Article, sort: Sort, after: int | None, after_key: float | None) -> Scene:
    heads, more = queries.heads(article, sort, after, after_key)
    below = queries.shown_below(heads)
    return Scene(heads, below, more, [] if after else glance(article), tree.grow(heads, below))
