"""Draw the comments of a page from the one partial, parents around their replies."""

from collections.abc import Callable, Sequence

from flask import get_template_attribute
from markupsafe import Markup

from app import text
from app.discussion.comment_view import REPLIES, CommentViews
from app.discussion.comment_viewer import CommentViewer
from app.discussion.tree import Node
from app.web.templating import fill_id

_PARTIAL = "discussion/_comment.html"

# A comment is drawn in two pieces: what stands before its replies (True) and what after them.
Place = tuple[Node, bool]


def render_comments(nodes: Sequence[Node], viewer: CommentViewer, flat: bool = False) -> Markup:
    """Return the list items of `nodes` as one reader gets them, in the order of the page."""
    return text.mark_stored("".join(draw_pieces(list_places(nodes), viewer, flat)))


def render_comment(node: Node, viewer: CommentViewer, oob: bool = False) -> Markup:
    """Return one comment without its replies, for an answer of which HTMX takes some parts.

    With `oob` the parts beside its words are marked to be put in place as well.
    """
    return text.mark_stored("".join(_Pen(viewer).draw(node, oob)))


def list_places(nodes: Sequence[Node]) -> list[Place]:
    """Return where the pieces of comments stand on a page, without recursion."""
    places, stack = list[Place](), [(node, True) for node in reversed(nodes)]
    while stack:
        node, begins = stack.pop()
        places.append((node, begins))
        if begins:
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(node.children))
    return places


def draw_pieces(places: Sequence[Place], viewer: CommentViewer, flat: bool = False) -> list[str]:
    """Return the HTML of the pieces at `places`, in which each comment begins before it ends."""
    pen, drawn, pieces = _Pen(viewer, flat), dict[int, str](), list[str]()
    for node, begins in places:
        if begins:
            before, drawn[node.comment.id] = pen.draw(node)
            pieces.append(before)
        else:
            pieces.append(drawn[node.comment.id])
    return pieces


class _Pen:
    """Draws the comments of one page for one reader."""

    def __init__(self, viewer: CommentViewer, flat: bool = False) -> None:
        self._views = CommentViews(viewer, flat)
        self._comment: Callable[..., str] = get_template_attribute(_PARTIAL, "comment")
        self._more: Callable[..., str] = get_template_attribute(_PARTIAL, "more")

    def draw(self, node: Node, oob: bool = False) -> tuple[str, str]:
        """Return the HTML of a comment before and after its replies."""
        html = fill_id(str(self._comment(self._views.make(node, oob))), node.comment.id)
        before, _, after = html.partition(REPLIES)
        more = self._views.make_more(node)
        return before, f"{self._more(more)}{after}" if more else after
