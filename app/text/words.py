"""Finding and marking words in a text: those of word lists, and those of a search.

A pattern is a word or several ("free money"); a `*` at its end matches any ending. Letters are
compared without case, width and invisible characters, and in a search without accents.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from markupsafe import Markup, escape

from app.text.normalise import INVISIBLE, MARKS
from app.text.sanitize import mark_stored
from app.text.wordlist import WordList

_ATTACHED = re.compile(f"[{MARKS}{INVISIBLE}]")
_EXCERPT_MIN = 3  # characters: a letter between two ellipses
_SEARCH_MAX = 1_000  # words of a pattern, more than a search can have

_make_list = lru_cache(maxsize=16)(WordList)


def mark_words(text: str, words: WordList | Iterable[str]) -> Markup:
    """Return plain `text` escaped, with <br> for line ends and matches of `words` in <mark>."""
    word_list = words if isinstance(words, WordList) else _make_list(tuple(words))
    marked = _mark_spans(text, word_list.find_spans(text))
    return mark_stored(marked.replace("\r\n", "\n").replace("\n", "<br>"))


def highlight_words(text: str, words: Iterable[str], length: int) -> Markup:
    """Return an excerpt of plain `text` around the first of `words`, with each in <mark>.

    It has at most `length` characters on one line, cut between words if possible, with an
    ellipsis where text is left out. If no word occurs it is the beginning of the text. Letters
    are compared as in a search: without accents, and `*` ends a prefix. Raises ValueError for a
    length below 3.
    """
    if length < _EXCERPT_MIN:
        raise ValueError(f"An excerpt needs room for {_EXCERPT_MIN} characters, not {length}.")
    line = " ".join(text.split())
    spans = _make_list(tuple(words), accents=False, most=_SEARCH_MAX).find_spans(line)
    start, end = _find_window(line, spans[0] if spans else (0, 0), length)
    visible = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]
    before, after = "…" if start else "", "…" if end < len(line) else ""
    piece = before + line[start:end] + after
    shift = len(before) - start
    return mark_stored(_mark_spans(piece, [(a + shift, b + shift) for a, b in visible]))


def _mark_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += [escape(text[position:start]), "<mark>", escape(text[start:end]), "</mark>"]
        position = end
    return "".join([*pieces, escape(text[position:])])


def _find_window(line: str, match: tuple[int, int], length: int) -> tuple[int, int]:
    """Return start and end of an excerpt of `line`: `match`, with a third of the rest before it."""
    if len(line) <= length:
        return 0, len(line)
    room = length - 1
    start = max(0, min(match[0] - max(0, (room - match[1] + match[0]) // 3), len(line) - room))
    if start > 0:
        space = line.find(" ", start - 1, match[0])
        start = space + 1 if space >= 0 else min(start, match[0])
    # Do not separate a letter from its marks.
    while start > 0 and _ATTACHED.match(line[start]):
        start -= 1
    if len(line) - start <= room:
        return start, len(line)
    end = start + room - (start > 0)
    space = line.rfind(" ", max(match[1], start + room // 2), end + 1)
    end = space if space > 0 else end
    while end > start and _ATTACHED.match(line[end]):
        end -= 1
    return start, end
