"""Where a comment is read."""

from app.comments.models import Comment
from app.web.urls import address


def comment_url(comment: Comment) -> str:
    """Where a comment is read, with its thread around it."""
    return address(
        "discussion.show_article",
        slug=comment.article.slug,
        c=comment.id,
        _anchor=f"c-{comment.id}",
    )
