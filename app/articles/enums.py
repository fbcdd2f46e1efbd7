"""The states of an article and of its comments section, stored as text."""

from enum import StrEnum


class ArticleStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"  # public by itself when its time has come
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


# With a time of publication that has passed, these are what everybody may read.
PUBLIC_STATUSES = (ArticleStatus.PUBLISHED, ArticleStatus.SCHEDULED)


class CommentsMode(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
