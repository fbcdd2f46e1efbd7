"""One page of threads as everybody sees it, read and drawn once for each version."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property

from markupsafe import Markup

from app import text
from app.accounts.rows import make_stranger
from app.articles import cached
from app.articles.rows import AnyStory
from app.cache.memo import memoise
from app.cache.segments import Segments
from app.cache.versions import Scope
from app.comments.enums import Sort
from app.comments.rows import CommentRow
from app.discussion import threads, tree
from app.discussion.comment_viewer import CommentViewer
from app.discussion.highlights import find_highlights
from app.discussion.rendering import Place, draw_pieces, list_places
from app.discussion.tree import Node
from app.reactions.permissions import has_enough_comments

_HIGHLIGHTS = 100_000  # bytes of the few comments at a glance
_SIZE = 1_500_000  # bytes of a full page of comments with what was drawn of it


@dataclass(frozen=True)
class CachedPage:
    """The threads of a page, whether more follow, and the highlights above them."""

    heads: list[CommentRow]
    below: list[CommentRow]
    more: bool
    highlights: list[tuple[str, CommentRow]]
    nodes: list[Node]
    _segments: Segments = field(default_factory=Segments)

    @cached_property
    def places(self) -> list[Place]:
        return list_places(self.nodes)

    def render(self, viewer: CommentViewer) -> Markup:
        """Return the list items of the page, of which only those that touch the reader are drawn.

        All others are those of a stranger who may do the same.
        """
        places = self.places
        touched = {
            node.comment.id for node, begins in places if begins and viewer.is_touched_by(node)
        }
        own = [index for index, (node, _) in enumerate(places) if node.comment.id in touched]
        drawn = draw_pieces([places[index] for index in own], viewer)
        stranger = CommentViewer(make_stranger(viewer.viewer))
        kind = _make_kind(viewer)
        pieces = dict(zip(own, drawn, strict=True))
        html = self._segments.join(kind, lambda: draw_pieces(places, stranger), pieces)
        return text.mark_stored(html)


def _make_kind(viewer: CommentViewer) -> Hashable:
    """Return what the buttons depend on besides the comment and the reader's own marks."""
    reader = viewer.viewer
    return reader.is_authenticated, reader.role, has_enough_comments.test(reader, None)


def get_cached_page(
    article: AnyStory, sort: Sort, after: int | None, after_key: float | None, is_staff: bool
) -> CachedPage:
    """Return the page of `article` in the order `sort` after the comment `after`.

    `after` and `after_key` are those of `threads.list_root_comments`. Pages of staff are not
    cached, so that what they decide about is read anew each time.
    """

    def make(article: AnyStory) -> CachedPage:
        heads, more = threads.list_root_comments(article, sort, after, after_key)
        below = threads.list_shown_below(heads)
        highlights = [] if after else _get_highlights(article)
        return CachedPage(heads, below, more, highlights, tree.build_threads(heads, below))

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


def _get_highlights(article: AnyStory) -> list[tuple[str, CommentRow]]:
    """Return the highlights of `article`; staff see the same ones as all."""
    highlights: list[tuple[str, CommentRow]] = memoise(
        *(Scope.ARTICLE, article.id, ("highlights", article.version), _HIGHLIGHTS),
        lambda: find_highlights(cached.get_cached(article.id) or article),
    )
    return highlights
