"""Finding the comment that an address or a form names, for views."""

from app.comments import queries
from app.comments.models import Comment
from app.comments.vocabulary import CommentStatus
from app.errors import Gone, NotFound
from app.policy import Permission, allows, require
from app.web.pages import LARGEST_ID
from app.web.viewer import viewer


def found(comment_id: int) -> Comment:
    """The comment that this person may see; raises NotFound, or Gone when it was deleted."""
    comment = queries.by_id(comment_id) if 0 < comment_id <= LARGEST_ID else None
    if comment is None:
        raise NotFound("This comment is not here.")
    once_public = comment.published_at is not None
    gone = comment.status == CommentStatus.DELETED and once_public and not comment.listed
    if gone and not allows(viewer(), Permission.COMMENT_UNDELETE, comment):
        raise Gone("This comment was deleted by its author.")
    require(viewer(), Permission.COMMENT_READ, comment)
    return comment


def parent_of_form(parent_id: int | None) -> Comment | None:
    """The comment that a reply answers, None for a new thread; raises NotFound."""
    if parent_id is None:
        return None
    parent = queries.by_id(parent_id) if 0 < parent_id <= LARGEST_ID else None
    if parent is None:
        raise NotFound("The comment that you reply to does not exist.")
    return parent
