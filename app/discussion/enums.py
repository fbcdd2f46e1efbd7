"""How much of a discussion a page shows, and what narrows it."""

from enum import StrEnum


class Only(StrEnum):
    """The parts of a discussion that a page may be narrowed to."""

    NEW = "new"  # published since the reader's last visit, by threads; the others are flat lists
    STAFF = "staff"
    PICKS = "picks"
    PERSON = "person"


THREADS_A_PAGE = 20
REPLIES_SHOWN = 3  # of one parent, before "Show N more replies"
LEVELS_SHOWN = 6  # before "Continue this thread"
COLLAPSED_BELOW = -4  # a comment with a lower score starts closed, behind a sentence that says so
HIGHLIGHTS_FROM = 30  # comments, from which on a discussion has highlights
LEVELS_INDENTED = 4  # on the narrowest window; a deeper comment names the one that it answers
