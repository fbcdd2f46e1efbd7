"""Words that comments are described with, stored as text, and the section's fixed sizes."""

from datetime import timedelta
from enum import StrEnum


class CommentStatus(StrEnum):
    PENDING = "pending"  # held for a moderator; only its author sees it
    PUBLISHED = "published"
    REJECTED = "rejected"  # by a moderator; a tombstone if it had been published
    DELETED = "deleted"  # by its author; a tombstone while it has replies


class BodyFormat(StrEnum):
    """What a comment's source is written in."""

    MARKDOWN = "markdown"
    HTML = "html"  # of imported threads only


class Sort(StrEnum):
    BEST = "best"
    NEWEST = "newest"
    OLDEST = "oldest"


SORT_LABELS = {Sort.BEST: "Best", Sort.NEWEST: "Newest", Sort.OLDEST: "Oldest"}

THREADS_A_PAGE = 20
REPLIES_SHOWN = 3  # of one parent, before "Show N more replies"
REPLIES_A_STEP = 20  # brought by one "Show N more replies"
LEVELS_SHOWN = 6  # before "Continue this thread"
ANCESTORS_SHOWN = 5  # above a comment that was linked to
EDIT_WINDOW = timedelta(minutes=15)
DOWNVOTES_FROM = 10  # published comments of one's own
