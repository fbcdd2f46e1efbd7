"""Find muted words in comments, once for each list and each version of a comment.

A page spends WORK_A_PAGE on comments that were not compared with the reader's list before. What
is left then stays unknown, is folded, and is compared when the page is opened again: a page of
the longest comments in a script that is slow to split into words would take half a second.
"""

import time
from collections.abc import Iterable
from hashlib import sha256

from app import text
from app.cache.store import Store
from app.comments.rows import AnyComment

_A_LIST = 1_500_000  # bytes of a list with its own caches, at most
_A_WORD = 600  # bytes of a pattern
_A_FINDING = 400  # bytes with its key
_LONG = 2_000  # characters that take a part of a millisecond to split
WORK_A_PAGE = 0.01  # seconds of the processor, after which no further text is begun
_lists = Store(24 * 1024 * 1024)
_findings = Store(8 * 1024 * 1024)
_words = Store(16 * 1024 * 1024)  # of comments, for all who muted any


class MutedWords:
    """The patterns that one reader muted."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._name = sha256("\n".join(self._patterns).encode()).digest()
        self._work_left = WORK_A_PAGE

    def occur_in(self, comment: AnyComment) -> bool | None:
        """Return whether any of the patterns occurs in the comment, or None if not known yet."""
        if not self._patterns:
            return False
        version = _make_version(comment)
        occurs: bool | None = _findings.get((self._name, version))
        if occurs is None and self._work_left > 0:
            began = time.thread_time()
            occurs = self._list().occurs_in(_split_words(comment, version))
            self._work_left -= time.thread_time() - began
            _findings.put((self._name, version), occurs, _A_FINDING)
            if len(comment.words) > _LONG:
                time.sleep(0)  # let other requests run between two long texts
        return occurs

    def _list(self) -> text.WordList:
        word_list: text.WordList | None = _lists.get(self._name)
        if word_list is None:
            word_list = text.WordList(self._patterns)
            _lists.put(self._name, word_list, _A_LIST + _A_WORD * len(self._patterns))
        return word_list


def _make_version(comment: AnyComment) -> tuple[object, ...]:
    """Return a key for the text of a comment; each edit and each change of our rules alters it."""
    return (
        *(comment.id, comment.submission, comment.created_at),
        *(comment.version, comment.pipeline),
    )


def _split_words(comment: AnyComment, version: tuple[object, ...]) -> list[str]:
    """Return the words of a comment in the form that lists compare, for all lists the same."""
    joined: str | None = _words.get(version)
    if joined is None:
        joined = "\n".join(text.split_words(comment.words))
        _words.put(version, joined, _A_FINDING + 4 * len(joined))
    return joined.split("\n") if joined else []
