"""Responses that render comments again after an act, for every feature that acts on comments."""

from collections.abc import Sequence

from markupsafe import Markup

from app import text
from app.comments.models import Comment
from app.comments.urls import make_comment_url
from app.discussion.page import make_viewer, read_viewer
from app.discussion.rendering import render_comment, render_comments
from app.discussion.tree import Node, get_level, walk
from app.web.htmx import Answer, is_htmx, redirect_after_post, render_fragment
from app.web.viewer import get_viewer


def respond_changed(comment: Comment, announce: str, focus: str = "") -> Answer:
    """Return the changed comment in its place: its own parts, never its replies.

    HTMX takes the words and what stands beside them out of the whole comment. Long ones are not
    cut, for their author has just had them open.

    `focus` is the id that gets the focus, by default the comment's heading.
    """
    if not is_htmx():
        return redirect_after_post(make_comment_url(comment))
    node = Node(comment, get_level(comment), above=comment.parent, is_target=True)
    return render_fragment(
        "discussion/_changed_comment.html",
        announce=announce,
        focus=focus or f"c-{comment.id}-heading",
        reselect=f"#c-{comment.id}-body",
        item=render_comment(node, make_viewer(get_viewer(), comment), oob=True),
        article=comment.article,
    )


def render_items(nodes: Sequence[Node]) -> Markup:
    """Return the list items of `nodes`, all of one discussion, as this reader sees them."""
    if not nodes:
        return text.mark_stored("")
    comments = [node.comment for node in walk(nodes)]
    return render_comments(nodes, read_viewer(get_viewer(), comments[0].article, comments))
