"""The article page, its comments, and what readers do there."""

from app.discussion.views import article, comments, drafts, new_comments, reactions
from app.discussion.views.blueprint import bp

__all__ = ["article", "bp", "comments", "drafts", "new_comments", "reactions"]
