"""Nudges: questions that an author may ignore, asked once before a comment is posted.

Each rule is pure: it gets the facts of a draft and returns a sentence or None. The author sees
the first sentence with two choices: edit the text, or post it as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app import text

IN_A_ROW = 3  # replies to one person, including this one
HEATED_FROM = 3  # reports of the comments above the reply


@dataclass(frozen=True)
class Facts:
    """The facts of a draft.

    `answers` is the id of the parent's author, None for a new thread. `answered` are the same of
    the author's latest comments in this discussion, the newest first. `earlier` are the sources
    of their latest comments anywhere. `branch_reports` counts the reports of the comments above.
    """

    source: str
    html: str
    is_first: bool = False
    answers: int | None = None
    answered: tuple[int | None, ...] = ()
    earlier: tuple[str, ...] = ()
    branch_reports: int = 0


def find_repetition(facts: Facts) -> str | None:
    if fold_words(facts.source) in {fold_words(body) for body in facts.earlier}:
        return "You posted the same text before. People who read both will skip the second."
    return None


def find_bare_link(facts: Facts) -> str | None:
    if facts.is_first and text.is_only_links(facts.html):
        return "A link alone looks like spam. Say in a sentence why it is worth opening."
    return None


def find_shouting(facts: Facts) -> str | None:
    if text.is_shouting(facts.source):
        return "Much of this is in capitals, which most people read as shouting."
    return None


def find_third_in_a_row(facts: Facts) -> str | None:
    latest = facts.answered[: IN_A_ROW - 1]
    in_a_row = len(latest) == IN_A_ROW - 1 and set(latest) == {facts.answers}
    if facts.answers is not None and in_a_row:
        return "This is your third reply in a row to the same person. Has it all been said?"
    return None


def find_heated_branch(facts: Facts) -> str | None:
    if facts.branch_reports >= HEATED_FROM:
        return "This thread is getting heated: several comments above were reported."
    return None


RULES: tuple[Callable[[Facts], str | None], ...] = (
    # Faults of the text itself come before faults of the moment.
    find_repetition,
    find_bare_link,
    find_shouting,
    find_third_in_a_row,
    find_heated_branch,
)


def find_nudge(facts: Facts) -> str | None:
    """Return the sentence of the first rule that has one, or None."""
    return next(filter(None, (rule(facts) for rule in RULES)), None)


def fold_words(source: str) -> str:
    return " ".join(source.casefold().split())
