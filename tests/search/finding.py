"""Asking the search of a discussion as its page does."""

from app.accounts.models import Visitor
from app.comments.models import Comment
from app.search import queries
from tests.conftest import person, story


def ids(words: str, who: str | None = None, slug: str = "story") -> list[int]:
    """Return the comments that match `words`, in their order."""
    viewer = person(who) if who else Visitor()
    return queries.search_comments(viewer, story(slug), queries.parse_words(words))


def finds(words: str, comment: Comment) -> bool:
    return comment.id in ids(words, slug=comment.article.slug)
