"""Word lists of moderation: finding listed words in a text, and marking them for a moderator.

A pattern is a word or several ("free money"); a `*` at its end stands for any ending. Letters
are compared without regard to case, width or invisible characters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from app.text.normalise import INVISIBLE, MARKS
from app.text.sanitize import stored

# Scripts that put no space between words: each of their characters counts as a word, so that a
# listed word is found inside a sentence.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_UNSPACED += "\uf900-\ufaff\U00020000-\U0003ffff"
_CLUSTER = re.compile(f".[{MARKS}{INVISIBLE}]*", re.S)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# A word, or one sign by itself ("c++" is three tokens, and so is found as a phrase).
_TOKEN = re.compile(f"[{_UNSPACED}][{MARKS}]*|(?:(?![{_UNSPACED}])[\\w{MARKS}])+|[^\\w\\s]")


class _Token(NamedTuple):
    word: str
    start: int
    end: int


@dataclass
class _Endings:
    """How phrases go on after their first words: the patterns by last word, and by its start."""

    exact: dict[str, list[str]] = field(default_factory=dict)
    prefixes: dict[str, list[str]] = field(default_factory=dict)

    def patterns_for(self, word: str, lengths: list[int]) -> Iterator[str]:
        yield from self.exact.get(word, ())
        if self.prefixes:
            for length in lengths:
                yield from self.prefixes.get(word[:length], ()) if length <= len(word) else ()


class _Index(NamedTuple):
    """Phrases by all their words but the last, so that a text is walked through only once."""

    by_head: dict[tuple[str, ...], _Endings]
    head_sizes: list[int]
    prefix_lengths: list[int]


def find_words(text: str, patterns: Iterable[str]) -> list[str]:
    """Return those of `patterns` that occur in plain `text` as whole words, in their order.

    Takes time linear in the length of the text.
    """
    wanted = tuple(patterns)
    found = {pattern for pattern, _, _ in _matches(text, wanted)}
    return [pattern for pattern in dict.fromkeys(wanted) if pattern in found]


def mark_words(text: str, words: Iterable[str]) -> Markup:
    """Return plain `text` escaped, with <br> for line ends and matches of `words` in <mark>."""
    pieces: list[Markup] = []
    position = 0
    for start, end in _merged(_matches(text, tuple(words))):
        pieces += [escape(text[position:start]), stored("<mark>"), escape(text[start:end])]
        pieces.append(stored("</mark>"))
        position = end
    pieces.append(escape(text[position:]))
    joined = "".join(pieces).replace("\r\n", "\n").replace("\n", "<br>")
    return stored(joined)


def _folded(text: str) -> tuple[str, list[int], list[int]]:
    """Return `text` folded for comparing, with the start and end in `text` of each character."""
    if text.isascii():
        return text.lower(), list(range(len(text))), list(range(1, len(text) + 1))
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        wide = unicodedata.normalize("NFKD", match[0]).casefold()
        piece = _INVISIBLE.sub("", unicodedata.normalize("NFKD", wide))
        folded.append(piece)
        starts += [match.start()] * len(piece)
        ends += [match.end()] * len(piece)
    return "".join(folded), starts, ends


def _tokens(text: str) -> list[_Token]:
    folded, starts, ends = _folded(text)
    return [
        # Composed again, lest "cafe*" match a word that goes on with an accent.
        _Token(
            unicodedata.normalize("NFKC", match[0]), starts[match.start()], ends[match.end() - 1]
        )
        for match in _TOKEN.finditer(folded)
    ]


@lru_cache(maxsize=32)
def _index(patterns: tuple[str, ...]) -> _Index:
    by_head: dict[tuple[str, ...], _Endings] = {}
    lengths: set[int] = set()
    for pattern in patterns:
        written = pattern.rstrip()
        *head, last = [token.word for token in _tokens(written.rstrip("*"))] or [""]
        if not last:
            continue
        endings = by_head.setdefault(tuple(head), _Endings())
        if written.endswith("*"):
            endings.prefixes.setdefault(last, []).append(pattern)
            lengths.add(len(last))
        else:
            endings.exact.setdefault(last, []).append(pattern)
    return _Index(by_head, sorted({len(head) for head in by_head}), sorted(lengths))


def _matches(text: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    """Yield each match as its pattern and where it starts and ends in `text`."""
    index = _index(patterns)
    tokens = _tokens(text)
    words = [token.word for token in tokens]
    for position, token in enumerate(tokens):
        for size in index.head_sizes:
            last = position + size
            endings = index.by_head.get(tuple(words[position:last]))
            if endings is None or last >= len(words):
                continue
            for pattern in endings.patterns_for(words[last], index.prefix_lengths):
                yield pattern, token.start, tokens[last].end


def _merged(matches: Iterable[tuple[str, int, int]]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for start, end in sorted((start, end) for _, start, end in matches):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans
