"""States and orders of comments, stored as text, and the fixed sizes of a discussion."""

from datetime import timedelta
from enum import StrEnum


class CommentStatus(StrEnum):
    PENDING = "pending"  # held for a moderator; only its author sees it
    PUBLISHED = "published"
    REJECTED = "rejected"  # by a moderator; a tombstone if it had been published
    DELETED = "deleted"  # by its author; a tombstone while it has replies


class BodyFormat(StrEnum):
    """The format of a comment's source."""

    MARKDOWN = "markdown"
    HTML = "html"  # of imported threads only


class Sort(StrEnum):
    BEST = "best"
    NEWEST = "newest"  # flat
    OLDEST = "oldest"
    DISCUSSED = "discussed"
    CONTROVERSIAL = "controversial"


SORT_LABELS = {
    Sort.BEST: "Best",
    Sort.NEWEST: "Newest",
    Sort.OLDEST: "Oldest",
    Sort.DISCUSSED: "Most discussed",
    Sort.CONTROVERSIAL: "Controversial",
}


REPLIES_A_STEP = 20  # loaded by one "Show N more replies"
ANCESTORS_SHOWN = 5  # above a comment that was linked to
EDIT_MINUTES = 15  # the three are also in the sentences about them
UNDO_MINUTES = 10
SCORE_HIDDEN_MINUTES = 60  # a young score would steer the votes that follow
EDIT_WINDOW = timedelta(minutes=EDIT_MINUTES)
UNDO_WINDOW = timedelta(minutes=UNDO_MINUTES)  # after deleting one's own comment
SCORE_HIDDEN = timedelta(minutes=SCORE_HIDDEN_MINUTES)
EDITS_MAX = 20  # of one comment: each stores the text before it
DEPTH_MAX = 100  # levels of replies: deleting the lowest may unlist all tombstones above it
LONG_LINES = 30  # of text, beyond which a comment is folded to "Read more"
PICK_WHY_MAX = 140  # characters of the line that says why a comment was picked
NEW_COUNTED = 1_000  # new comments beyond which the count says "and more"
