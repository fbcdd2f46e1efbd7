"""Where a comment is read."""

from app.comments.models import Comment
from app.web.urls import make_url


def make_comment_url(comment: Comment) -> str:
    """Where a comment is read, with its thread around it."""
    return make_url(
        "discussion.show_article",
        slug=comment.article.slug,
        c=comment.id,
        _anchor=f"c-{comment.id}",
    )
