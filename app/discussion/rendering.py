"""Render comments from the one partial, and cache whole threads for readers of one kind."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from flask import get_template_attribute
from markupsafe import Markup

from app import text
from app.discussion.comment_view import REPLIES, CommentViews
from app.discussion.comment_viewer import CommentViewer
from app.discussion.tree import Node, walk
from app.reactions.permissions import has_enough_comments

_PARTIAL = "discussion/_comment.html"


@dataclass(frozen=True)
class Thread:
    """The ids of the comments and authors in one thread, to compare with a reader's at once."""

    comments: frozenset[int]
    people: frozenset[int | None]
    newest: int  # the highest publish_seq

    def touches(self, viewer: CommentViewer) -> bool:
        """Return whether this reader gets other HTML of the thread than others of their kind."""
        mark, marks = viewer.state.mark, viewer.marks
        return (
            bool(viewer.state.words)
            or viewer.viewer.id in self.people
            or (mark is not None and self.newest > mark)
            or not self.people.isdisjoint(viewer.state.muted)
            or not all(map(self.comments.isdisjoint, marks.of_comments))
        )


@dataclass(frozen=True)
class RenderCache:
    """The HTML of one version of a page, to be used for several readers.

    `threads` describes each thread, by the `id()` of its top node. `whole` has the HTML of
    whole threads for readers whom they do not touch, by the kind of reader.
    """

    threads: dict[int, Thread]
    whole: dict[Hashable, str] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Sequence[Node]) -> "RenderCache":
        return cls({id(node): _make_thread(node) for node in nodes})


def _make_thread(top: Node) -> Thread:
    comments = [node.comment for node in walk([top])]
    return Thread(
        frozenset(comment.id for comment in comments),
        frozenset(who for c in comments for who in (c.author_id, c.disowned_by) if who),
        max(comment.publish_seq for comment in comments),
    )


def render_comments(
    nodes: Sequence[Node],
    viewer: CommentViewer,
    flat: bool = False,
    cache: RenderCache | None = None,
) -> list[Markup]:
    """Return the list items of `nodes`, in the order of the page.

    `cache` holds what was rendered of the same nodes for other readers.
    """
    pen = _Pen(viewer, flat)
    kind = _make_kind(viewer)
    return [text.mark_stored("".join(_render_thread(node, pen, kind, cache) for node in nodes))]


def render_comment(node: Node, viewer: CommentViewer, oob: bool = False) -> Markup:
    """Return one comment without its replies, for an answer of which HTMX takes some parts.

    With `oob` the parts beside its words are marked to be put in place as well.
    """
    return text.mark_stored("".join(_Pen(viewer).draw(node, oob)))


class _Pen:
    """Draws the comments of one page for one reader."""

    def __init__(self, viewer: CommentViewer, flat: bool = False) -> None:
        self.viewer, self._views = viewer, CommentViews(viewer, flat)
        self._comment: Callable[..., str] = get_template_attribute(_PARTIAL, "comment")
        self._more: Callable[..., str] = get_template_attribute(_PARTIAL, "more")

    def draw(self, node: Node, oob: bool = False) -> tuple[str, str]:
        """Return the HTML of a comment before and after its replies."""
        before, _, after = str(self._comment(self._views.make(node, oob))).partition(REPLIES)
        more = self._views.make_more(node)
        return before, f"{self._more(more)}{after}" if more else after


def _render_thread(top: Node, pen: _Pen, kind: Hashable, cache: RenderCache | None) -> str:
    """Return the HTML of a thread; readers of a kind share it unless it touches one of them."""
    thread = cache.threads.get(id(top)) if cache else None
    if cache is None or thread is None or thread.touches(pen.viewer):
        return _render_tree(top, pen)
    key = (kind, top.comment.id)
    if key not in cache.whole:
        cache.whole[key] = _render_tree(top, pen)
    return cache.whole[key]


def _render_tree(top: Node, pen: _Pen) -> str:
    """Return a comment with all that is below it on the page, without recursion."""
    parts, stack = list[str](), list[Node | str]([top])
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        before, after = pen.draw(node)
        parts.append(before)
        stack.append(after)
        stack.extend(reversed(node.children))
    return "".join(parts)


def _make_kind(viewer: CommentViewer) -> Hashable:
    """Return what the buttons depend on besides the comment and the reader's own marks."""
    reader = viewer.viewer
    return reader.is_authenticated, reader.role, has_enough_comments.test(reader, None)
