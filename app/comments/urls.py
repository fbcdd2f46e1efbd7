"""The address of a comment."""

from app.comments.models import Comment
from app.comments.rows import CommentRow
from app.web.urls import make_url


def make_comment_url(comment: Comment | CommentRow) -> str:
    """Return the address that shows a comment with the thread around it."""
    return make_url(
        "discussion.show_article",
        slug=comment.article.slug,
        c=comment.id,
        _anchor=f"c-{comment.id}",
    )
