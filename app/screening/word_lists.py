"""The site's lists of words, which each process holds until somebody changes one."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from sqlalchemy import func, select

from app.cache.versions import Newsroom
from app.db.base import db
from app.screening.models import ListedWord, WordKind
from app.text import WordList

_REVISION = select(Newsroom.words_revision).where(Newsroom.id == 1)
_WORDS = select(ListedWord.kind, ListedWord.pattern).order_by(ListedWord.pattern)


@dataclass(frozen=True)
class WordLists:
    """The lists by their kinds, and for marking all listed words together."""

    by_kind: dict[WordKind, WordList]

    @cached_property
    def everything(self) -> WordList:
        return WordList(word for words in self.by_kind.values() for word in words.patterns)


_AT_ONCE = 500  # words that are put on a list before others have their turn
_turn = Lock()
_held: dict[int, WordLists] = {}  # by their revision; the last one alone


def get_lists() -> WordLists:
    """Return the lists as they are now.

    A read by key tells whether they are those that this process holds. It comes before the
    words are read, so a change in between is found the next time.
    """
    revision = db.session.scalar(_REVISION) or 0
    lists = _held.get(revision)
    if lists is None:
        with _turn:
            lists = _held.get(revision) or _make_lists()
            _held.clear()
            _held[revision] = lists
    return lists


def _make_lists() -> WordLists:
    words = list_words()
    return WordLists({kind: WordList(_iterate_with_pauses(words[kind])) for kind in WordKind})


def _iterate_with_pauses(words: list[str]) -> Iterator[str]:
    """Yield `words`; a full list takes a tenth of a second, in which others have their turn."""
    for number, word in enumerate(words):
        if number % _AT_ONCE == 0:
            time.sleep(0)  # under gevent the other requests go on meanwhile
        yield word


def list_words() -> dict[WordKind, list[str]]:
    """Return the patterns of each list, read from the table."""
    found: dict[WordKind, list[str]] = {kind: [] for kind in WordKind}
    for kind, pattern in db.session.execute(_WORDS):
        found[WordKind(kind)].append(pattern)
    return found


def count_words(kind: WordKind) -> int:
    """Return how many words are on a list."""
    number = select(func.count()).select_from(ListedWord).where(ListedWord.kind == kind)
    return db.session.scalar(number) or 0
