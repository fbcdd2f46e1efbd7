"""The states of an article and of its comments section, stored as text."""

from enum import StrEnum


class ArticleStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"  # becomes public at its time of publication, without a further act
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


# Everybody may read an article in one of these states after its time of publication.
PUBLIC_STATUSES = (ArticleStatus.PUBLISHED, ArticleStatus.SCHEDULED)


class CommentsMode(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
