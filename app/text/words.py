"""Finding words in a text, and marking them: those on moderation's lists, and those searched for.

A pattern is a word or several ("free money"); a `*` at its end stands for any ending. Letters
are compared without regard to case, width or invisible characters, and in a search without
their accents.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from app.text.normalise import INVISIBLE, MARKS, STACKING
from app.text.sanitize import stored

# Scripts that put no space between words: each of their characters counts as a word, so that a
# listed word is found inside a sentence.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
UNSPACED += "\uf900-\ufaff\U00020000-\U0003ffff"
_CLUSTER = re.compile(f".[{MARKS}{INVISIBLE}]*", re.S)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ACCENTS = re.compile(f"[{STACKING}]")
# A word, or one sign by itself ("c++" is three tokens, and so is found as a phrase).
_TOKEN = re.compile(f"[{UNSPACED}][{MARKS}]*|(?:(?![{UNSPACED}])[\\w{MARKS}])+|[^\\w\\s]")
_ASCII_TOKEN = re.compile(r"[a-z0-9_]+|[^\w\s]")


_ATTACHED = re.compile(f"[{MARKS}{INVISIBLE}]")
_EXCERPT_MIN = 3  # an ellipsis on either side of a letter


class _Token(NamedTuple):
    word: str
    start: int
    end: int


@dataclass
class _Endings:
    """How phrases go on after their first words: the patterns by last word, and by its start."""

    exact: dict[str, list[str]] = field(default_factory=dict)
    prefixes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def lasts(self) -> list[str]:
        return [*self.exact, *self.prefixes]

    def patterns_for(self, word: str, lengths: list[int]) -> Iterator[str]:
        yield from self.exact.get(word, ())
        if self.prefixes:
            for length in lengths:
                yield from self.prefixes.get(word[:length], ()) if length <= len(word) else ()


class _Index(NamedTuple):
    """Phrases by all their words but the last, so that a text is walked through only once.

    `letters` holds those that a phrase may begin with.
    """

    by_head: dict[tuple[str, ...], _Endings]
    letters: frozenset[str]
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
    marked = _marked(text, _merged(_matches(text, tuple(words))))
    return stored(marked.replace("\r\n", "\n").replace("\n", "<br>"))


def highlighted(text: str, words: Iterable[str], length: int) -> Markup:
    """Return an excerpt of plain `text` around the first of `words`, with each in <mark>.

    At most `length` characters on one line, cut at words where it can be, with an ellipsis
    where something was left out; the beginning of the text where no word occurs. Letters are
    compared as a search does: accents do not count, and `*` ends a prefix. Raises ValueError
    for a length below 3.
    """
    if length < _EXCERPT_MIN:
        raise ValueError(f"An excerpt needs room for {_EXCERPT_MIN} characters, not {length}.")
    line = " ".join(text.split())
    spans = _merged(_matches(line, tuple(words), accents=False))
    start, end = _window(line, spans[0] if spans else (0, 0), length)
    shown = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]
    before, after = "…" if start else "", "…" if end < len(line) else ""
    piece = before + line[start:end] + after
    shift = len(before) - start
    return stored(_marked(piece, [(a + shift, b + shift) for a, b in shown]))


def _marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += [escape(text[position:start]), "<mark>", escape(text[start:end]), "</mark>"]
        position = end
    return "".join([*pieces, escape(text[position:])])


def _window(line: str, match: tuple[int, int], length: int) -> tuple[int, int]:
    """From where to where `line` is shown: `match` with a third of the room before it."""
    if len(line) <= length:
        return 0, len(line)
    room = length - 1
    start = max(0, min(match[0] - max(0, (room - match[1] + match[0]) // 3), len(line) - room))
    if start > 0:
        space = line.find(" ", start - 1, match[0])
        start = space + 1 if space >= 0 else min(start, match[0])
    # No letter is parted from its marks.
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


def _folded(text: str) -> tuple[str, list[int], list[int]]:
    """Return `text` folded for comparing, with the start and end in `text` of each character."""
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


def _tokens(text: str, accents: bool = True) -> list[_Token]:
    if text.isascii():
        found = _ASCII_TOKEN.finditer(text.lower())
        return [_Token(match[0], match.start(), match.end()) for match in found]
    folded, starts, ends = _folded(text)
    return [
        _Token(_word(match[0], accents), starts[match.start()], ends[match.end() - 1])
        for match in _TOKEN.finditer(folded)
    ]


def _word(folded: str, accents: bool) -> str:
    # Composed again, lest "cafe*" match a word that goes on with an accent.
    return unicodedata.normalize("NFKC", folded if accents else _ACCENTS.sub("", folded))


@lru_cache(maxsize=32)
def _index(patterns: tuple[str, ...], accents: bool) -> _Index:
    by_head: dict[tuple[str, ...], _Endings] = {}
    lengths: set[int] = set()
    for pattern in patterns:
        written = pattern.rstrip()
        *head, last = [t.word for t in _tokens(written.rstrip("*"), accents)] or [""]
        if not last:
            continue
        endings = by_head.setdefault(tuple(head), _Endings())
        if written.endswith("*"):
            endings.prefixes.setdefault(last, []).append(pattern)
            lengths.add(len(last))
        else:
            endings.exact.setdefault(last, []).append(pattern)
    openings = [head[0] if head else word for head, e in by_head.items() for word in e.lasts]
    letters = frozenset(word[0] for word in openings)
    return _Index(by_head, letters, sorted({len(head) for head in by_head}), sorted(lengths))


def _matches(
    text: str, patterns: tuple[str, ...], accents: bool = True
) -> Iterator[tuple[str, int, int]]:
    """Yield each match as its pattern and where it starts and ends in `text`."""
    index = _index(patterns, accents)
    tokens = _tokens(text, accents)
    words = [token.word for token in tokens]
    for position, token in enumerate(tokens):
        if token.word[:1] not in index.letters:
            continue
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
