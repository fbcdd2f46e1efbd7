"""The diff of two versions of a text, word by word."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from difflib import Match, SequenceMatcher
from functools import lru_cache
from itertools import accumulate, islice, takewhile
from typing import NamedTuple

from markupsafe import Markup, escape

from app.text.normalise import INVISIBLE, MARKS, normalise
from app.text.sanitize import mark_stored
from app.text.tokens import UNSPACED

PIECES_MAX = 2_000  # words of both texts together, between the first change and the last
# How many pairs of equal words one comparison may inspect. difflib inspects all pairs of a
# stretch again for each match in it, which for monotonous texts takes seconds.
LOOKS_MAX = 50_000
_CACHED = 100  # diffs, of 200 KB at most each; versions of a comment never change

# A gap, and a line end, a letter of a script without spaces, a word, or signs.
_PIECE = re.compile(
    rf"([^\S\n]*)(\n|[{UNSPACED}][{MARKS}{INVISIBLE}]*"
    rf"|(?:(?![{UNSPACED}])\w[{MARKS}{INVISIBLE}]*)+(?:['’](?:(?![{UNSPACED}])\w)+)*"
    r"|[^\w\s]+|\Z)"
)
_LINE = re.compile(r"()([^\n]*\n|[^\n]+)")
# A gap or a letter of a script without spaces always begins a piece.
_BEGINS = re.compile(rf"(?<!\s)[\s{UNSPACED}]|\Z")
_BEGINS_LINE = re.compile(r"(?<=\n)|\Z")
# Screen readers do not announce <del> and <ins>, so hidden words mark the ends of a change.
_REMOVED = mark_stored('<del><span class="visually-hidden">[removed: </span>')
_ADDED = mark_stored('<ins><span class="visually-hidden">[added: </span>')
_ENDS = {_REMOVED: mark_stored('<span class="visually-hidden">] </span></del>')}
_ENDS[_ADDED] = mark_stored('<span class="visually-hidden">] </span></ins>')


class _Piece(NamedTuple):
    """A word with the gap before it; two pieces are equal when their words are."""

    gap: str
    word: str


class _Change(NamedTuple):
    """A stretch of the texts: `same` is in both, then `old` was replaced by `new`."""

    same: str
    old: str = ""
    new: str = ""


@lru_cache(maxsize=_CACHED)
def render_word_diff(old: str, new: str) -> Markup:
    """Return `new` with <ins> and <del> for the changes since `old`, and <br> for line ends.

    Both are plain sources, and the result is escaped. Words are compared; or lines, if there are
    more than PIECES_MAX words between the first and the last change. With more lines than that,
    all between them counts as changed, and so does what LOOKS_MAX leaves uncompared. Wider or
    narrower gaps are no change.
    """
    pieces: list[Markup] = []
    for same, removed, added in _changes(normalise(old), normalise(new)):
        pieces.append(_escaped(same))
        for sign, words in ((_REMOVED, removed), (_ADDED, added)):
            if words:
                pieces.append(sign + _escaped(words) + _ENDS[sign])
    return mark_stored("").join(pieces)


def _escaped(text: str) -> Markup:
    return mark_stored(str(escape(text)).replace("\n", "<br>"))


def _changes(old: str, new: str) -> Iterator[_Change]:
    for unit, begins in ((_PIECE, _BEGINS), (_LINE, _BEGINS_LINE)):
        start, end = _common_ends(old, new, begins)
        middle = old[start : len(old) - end], new[start : len(new) - end]
        before, after = _pieces(unit, middle[0]), _pieces(unit, middle[1])
        is_small = len(before) + len(after) <= PIECES_MAX
        if is_small:
            break
    yield _Change(new[:start])
    yield from _compared(before, after) if is_small else (_Change("", *middle),)
    yield _Change(new[len(new) - end :])


def _common_ends(old: str, new: str, begins: re.Pattern[str]) -> tuple[int, int]:
    """Return how many characters are the same at the start, and at the end of the rest.

    Both are cut where a piece `begins`.
    """
    most = min(len(old), len(new))
    start = bisect_left(range(1, most + 1), True, key=lambda n: old[:n] != new[:n])
    while start and not all(begins.match(text, start) for text in (old, new)):
        start -= 1
    most -= start
    end = bisect_left(range(1, most + 1), True, key=lambda n: old[-n:] != new[-n:])
    while end and not all(begins.match(text, len(text) - end) for text in (old, new)):
        end -= 1
    return start, end


def _pieces(unit: re.Pattern[str], text: str) -> list[_Piece]:
    """Return the pieces of a text; if there are too many, only a few more than PIECES_MAX."""
    matches = islice(unit.finditer(text), PIECES_MAX + 2)
    return [_Piece(match[1], match[2]) for match in matches if match[0]]


def _text(pieces: list[_Piece]) -> str:
    return "".join(gap + word for gap, word in pieces)


def _common(before: list[_Piece], after: list[_Piece]) -> tuple[int, int]:
    """Return how many pieces are the same at the start, and at the end of the rest."""
    start = _same(zip(before, after, strict=False))
    return start, _same(zip(reversed(before[start:]), reversed(after[start:]), strict=False))


def _same(pairs: Iterable[tuple[_Piece, _Piece]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0].word == pair[1].word, pairs))


class _Matcher(SequenceMatcher[str]):
    """difflib's matcher, which finds nothing more after it has inspected LOOKS_MAX pairs."""

    b2j: dict[str, list[int]]  # the positions of each word in the second text

    def __init__(self, before: list[str], after: list[str]) -> None:
        super().__init__(None, before, after, autojunk=False)
        pairs = (1 + len(self.b2j.get(word, ())) for word in before)
        self._looks_before = [0, *accumulate(pairs)]
        self._left = LOOKS_MAX

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Return the longest stretch that is the same in both; an empty one if there is none."""
        last = len(self._looks_before) - 1 if ahi is None else ahi
        self._left -= self._looks_before[last] - self._looks_before[alo]
        if self._left < 0:
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def _compared(before: list[_Piece], after: list[_Piece]) -> Iterator[_Change]:
    start, end = _common(before, after)
    yield _Change(_text(after[:start]))
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    for kind, i, j, k, m in _Matcher(_words(old), _words(new)).get_opcodes():
        if kind == "equal":
            yield _Change(_text(new[k:m]))
        else:
            yield _changed(old[i:j], new[k:m])
    yield _Change(_text(after[len(after) - end :]))


def _words(pieces: list[_Piece]) -> list[str]:
    return [word for _, word in pieces]


def _changed(before: list[_Piece], after: list[_Piece]) -> _Change:
    """Return one change, without a gap that both versions begin with."""
    old, new = _text(before), _text(after)
    gap = after[0].gap if before and after and before[0].gap == after[0].gap else ""
    return _Change(gap, old[len(gap) :], new[len(gap) :])
