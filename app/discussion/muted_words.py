"""Whether a comment holds a word that a reader muted, found once for each of its versions."""

import time
from collections.abc import Iterable
from hashlib import sha256

from app import text
from app.cache.store import make_store
from app.comments.models import Comment

_A_LIST = 1_500_000  # bytes of a list with all that it remembers of what it met, at most
_A_WORD = 600  # bytes of a pattern
_A_FINDING = 400  # bytes with its key
_LONG = 2_000  # characters whose words take a part of a millisecond to find
_lists = make_store(24 * 1024 * 1024)
_findings = make_store(8 * 1024 * 1024)
_words = make_store(16 * 1024 * 1024)  # of comments, for all who muted any


class MutedWords:
    """The patterns that one reader muted."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._name = sha256("\n".join(self._patterns).encode()).digest()

    def occur_in(self, comment: Comment) -> bool:
        """Return whether any of them stands in what was written."""
        if not self._patterns:
            return False
        version = _make_version(comment)
        known: bool | None = _findings.get((self._name, version))
        if known is None:
            known = self._list().occurs_in(_split_words(comment, version))
            _findings.put((self._name, version), known, _A_FINDING)
        return known

    def _list(self) -> text.WordList:
        known: text.WordList | None = _lists.get(self._name)
        if known is None:
            known = text.WordList(self._patterns)
            _lists.put(self._name, known, _A_LIST + _A_WORD * len(self._patterns))
        return known


def _make_version(comment: Comment) -> tuple[object, ...]:
    """Return what names the text of a comment: it changes with each edit and with our rules."""
    return (
        *(comment.id, comment.submission, comment.created_at),
        *(comment.version, comment.pipeline),
    )


def _split_words(comment: Comment, version: tuple[object, ...]) -> list[str]:
    """Return the words of a comment as lists compare them; they depend on no list."""
    joined: str | None = _words.get(version)
    if joined is None:
        joined = "\n".join(text.split_words(comment.words))
        _words.put(version, joined, _A_FINDING + 4 * len(joined))
        if len(joined) > _LONG:
            time.sleep(0)  # others have their turn between two long texts
    return joined.split("\n") if joined else []
