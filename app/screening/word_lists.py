"""The site's word lists, which each process caches until somebody changes one."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from sqlalchemy import func, select

from app.cache.versions import Newsroom
from app.db import core
from app.db.base import db
from app.screening.models import ListedWord, WordKind
from app.text import WordList

_REVISION = select(Newsroom.words_revision).where(Newsroom.id == 1)
_WORDS = select(ListedWord.kind, ListedWord.pattern).order_by(ListedWord.pattern)


@dataclass(frozen=True)
class WordLists:
    """The lists by kind, and all of them as one list, for marking words in moderation."""

    by_kind: dict[WordKind, WordList]

    @cached_property
    def everything(self) -> WordList:
        return WordList(word for words in self.by_kind.values() for word in words.patterns)


_AT_ONCE = 500  # words that are added to a list before other requests may run
_turn = Lock()
_cached: dict[int, WordLists] = {}  # by revision; holds the latest one only


def get_lists() -> WordLists:
    """Return the current lists.

    One read by key compares the revision with the cached one. It comes before the words are
    read, so that a change in between is noticed the next time.
    """
    revision = core.run(_REVISION).scalar() or 0
    lists = _cached.get(revision)
    if lists is None:
        with _turn:
            lists = _cached.get(revision) or _make_lists()
            _cached.clear()
            _cached[revision] = lists
    return lists


def _make_lists() -> WordLists:
    words = list_words()
    return WordLists({kind: WordList(_iterate_with_pauses(words[kind])) for kind in WordKind})


def _iterate_with_pauses(words: list[str]) -> Iterator[str]:
    """Yield `words` with pauses for other requests, as a full list takes a tenth of a second."""
    for number, word in enumerate(words):
        if number % _AT_ONCE == 0:
            time.sleep(0)  # under gevent this lets other requests run
        yield word


def list_words() -> dict[WordKind, list[str]]:
    """Return the patterns of each list, read from the table."""
    patterns: dict[WordKind, list[str]] = {kind: [] for kind in WordKind}
    for kind, pattern in db.session.execute(_WORDS):
        patterns[WordKind(kind)].append(pattern)
    return patterns


def count_words(kind: WordKind) -> int:
    """Return the number of words on a list."""
    number = select(func.count()).select_from(ListedWord).where(ListedWord.kind == kind)
    return db.session.scalar(number) or 0
