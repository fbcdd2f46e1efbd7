"""The screening of a text: gather its facts, then run the phases."""

from datetime import timedelta

from app import clock, text
from app.accounts.rows import AnyMember
from app.screening import word_lists
from app.screening.models import WordKind
from app.screening.phases import PHASES, Draft, Finding, Outcome

NEWCOMER_AGE = timedelta(days=7)
NEWCOMER_COMMENTS = 5  # published ones; with so many, and after NEWCOMER_AGE, links are trusted


def is_newcomer(author: AnyMember) -> bool:
    if author.imported:
        return False
    young = clock.now() < author.created_at + NEWCOMER_AGE
    return young or author.published_comments < NEWCOMER_COMMENTS


def make_draft(author: AnyMember, source: str, html: str) -> Draft:
    """Return the facts of a text by `author`; `html` is its rendering."""
    lists = word_lists.get_lists().by_kind
    words = text.split_words(source)
    return Draft(
        by_staff=author.is_staff,
        by_newcomer=is_newcomer(author),
        banned=tuple(lists[WordKind.BANNED].find(words)),
        suspect=tuple(lists[WordKind.SUSPECT].find(words)),
        links=tuple(text.list_link_hosts(html)),
    )


def screen(facts: Draft) -> Finding:
    """Return the finding of the first phase that has one, else the finding to publish."""
    for phase in PHASES:
        if finding := phase(facts):
            return finding
    return Finding(Outcome.PUBLISH)
