"""The phases that screen a new or edited comment before it is published.

Each phase is pure: it gets the facts of a draft and returns a finding or None. The order of
PHASES is the policy; the first finding decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    PUBLISH = "publish"
    HOLD = "hold"  # stored, but visible only to its author and moderators until one decides
    REFUSE = "refuse"  # not stored; the form shows the text again and says why


@dataclass(frozen=True)
class Draft:
    """The facts of a comment that the phases need.

    `banned` and `suspect` are the listed words found in it; `links` the hosts it links to.
    """

    by_staff: bool = False
    by_newcomer: bool = False
    banned: tuple[str, ...] = ()
    suspect: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The decision of a phase, with a `note` for moderators and a `message` for the author."""

    outcome: Outcome
    note: str = ""
    message: str = ""


Phase = Callable[[Draft], Finding | None]


def pass_staff(draft: Draft) -> Finding | None:
    return Finding(Outcome.PUBLISH) if draft.by_staff else None


def find_banned_words(draft: Draft) -> Finding | None:
    if draft.banned:
        words = ", ".join(f"“{word}”" for word in draft.banned)
        return Finding(
            Outcome.REFUSE,
            f"banned word: {words}",
            f"Not published: this site does not allow {words}. Change the text and send it again.",
        )
    return None


def find_suspect_words(draft: Draft) -> Finding | None:
    if draft.suspect:
        return Finding(Outcome.HOLD, "suspect word: " + ", ".join(draft.suspect))
    return None


def hold_links_from_newcomers(draft: Draft) -> Finding | None:
    if draft.by_newcomer and draft.links:
        return Finding(Outcome.HOLD, "link from a new member: " + ", ".join(draft.links))
    return None


PHASES: tuple[Phase, ...] = (
    # Staff answer to the newsroom, not to filters.
    pass_staff,
    # What the site never allows comes before what a moderator should look at.
    find_banned_words,
    find_suspect_words,
    # Links from new members are the commonest spam.
    hold_links_from_newcomers,
)
