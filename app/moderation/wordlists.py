"""The site's lists of words, which each process holds until somebody changes one."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.articles.models import Newsroom
from app.extensions import db
from app.moderation.models import ListedWord
from app.moderation.reasons import WordKind
from app.text import WordList

_REVISION = select(Newsroom.words_revision).where(Newsroom.id == 1)
_WORDS = select(ListedWord.kind, ListedWord.pattern).order_by(ListedWord.pattern)


@dataclass(frozen=True)
class WordLists:
    """The lists by their kinds, and all listed words together."""

    by_kind: dict[WordKind, WordList]
    everything: WordList


_held: dict[int, WordLists] = {}  # by their revision; the last one alone


def get_lists() -> WordLists:
    """Return the lists as they are now.

    A read by key tells whether they are those that this process holds. It comes before the
    words are read, so a change in between is found the next time.
    """
    revision = db.session.scalar(_REVISION) or 0
    lists = _held.get(revision)
    if lists is None:
        words = list_words()
        by_kind = {kind: WordList(words[kind]) for kind in WordKind}
        lists = WordLists(by_kind, WordList(word for kind in WordKind for word in words[kind]))
        _held.clear()
        _held[revision] = lists
    return lists


def list_words() -> dict[WordKind, list[str]]:
    """Return the patterns of each list, read from the table."""
    found: dict[WordKind, list[str]] = {kind: [] for kind in WordKind}
    for kind, pattern in db.session.execute(_WORDS):
        found[WordKind(kind)].append(pattern)
    return found


def count(kind: WordKind) -> int:
    """Return how many words are on a list."""
    number = select(func.count()).select_from(ListedWord).where(ListedWord.kind == kind)
    return db.session.scalar(number) or 0
