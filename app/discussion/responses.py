"""Answers that draw comments again after an act, for every feature that acts on comments."""

from collections.abc import Sequence

from markupsafe import Markup

from app.comments.models import Comment
from app.comments.urls import comment_url
from app.discussion.page import how_read, personal
from app.discussion.rendering import draw
from app.discussion.tree import Node
from app.web.htmx import Answer, fragment, is_htmx, see_other
from app.web.viewer import viewer


def redrawn(comment: Comment, announce: str, focus: str = "") -> Answer:
    """The changed comment in its place: its own parts, never its replies.

    `focus` is the id that gets the focus, by default the comment's heading.
    """
    if not is_htmx():
        return see_other(comment_url(comment))
    node = Node(comment, comment.depth, above=comment.parent)
    return fragment(
        "comments/_changed.html",
        announce=announce,
        focus=focus or f"c-{comment.id}-h",
        node=node,
        you=personal(viewer(), [node]),
    )


def drawn(nodes: Sequence[Node]) -> list[Markup]:
    """The list items of `nodes`, all of one discussion, as this reader sees them."""
    if not nodes:
        return []
    reading = how_read(viewer(), nodes[0].comment.article)
    return draw(nodes, personal(viewer(), nodes, reading))
