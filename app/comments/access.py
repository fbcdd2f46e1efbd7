"""Find the comment that an address or a form names, for views."""

from app.comments import queries, rows, visibility
from app.comments.models import Comment
from app.comments.permissions import NOT_HERE
from app.comments.rows import CommentRow
from app.comments.visibility import Visible
from app.db.types import LARGEST_ID
from app.errors import NotFound
from app.policy import Permission, require
from app.web.viewer import get_viewer


def get_or_404(comment_id: int) -> Comment:
    """Return the comment if this person may see it.

    Raises NotFound, or Gone when its author deleted it.
    """
    comment = queries.get_by_id(comment_id) if 0 < comment_id <= LARGEST_ID else None
    if comment is None:
        raise NotFound(NOT_HERE)
    require(get_viewer(), Permission.COMMENT_READ, comment)
    return comment


def get_row_or_404(comment_id: int) -> CommentRow:
    """Return what `get_or_404` does as plain values, for acts that are done often."""
    comment = rows.get_by_id(comment_id) if 0 < comment_id <= LARGEST_ID else None
    if comment is None:
        raise NotFound(NOT_HERE)
    require(get_viewer(), Permission.COMMENT_READ, comment)
    return comment


def get_parent_or_404(parent_id: int | None) -> CommentRow | None:
    """Return the parent of a new reply, None for a new thread; raises NotFound."""
    if parent_id is None:
        return None
    parent = rows.get_by_id(parent_id) if 0 < parent_id <= LARGEST_ID else None
    if parent is None or visibility.of(get_viewer(), parent) is Visible.HIDDEN:
        raise NotFound("The comment that you reply to does not exist.")
    return parent
