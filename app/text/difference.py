"""What changed between two versions of a text, word by word."""

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
# How often one comparison may look at a pair of the same word. difflib looks at all pairs of a
# stretch again for each part that it finds in it, which for monotonous texts takes seconds.
LOOKS_MAX = 50_000
_REMEMBERED = 100  # differences, of 200 KB at most each: versions of a comment do not change

# A gap, and what follows it: a line end, a letter of a script without spaces, a word, signs.
_PIECE = re.compile(
    rf"([^\S\n]*)(\n|[{UNSPACED}][{MARKS}{INVISIBLE}]*"
    rf"|(?:(?![{UNSPACED}])\w[{MARKS}{INVISIBLE}]*)+(?:['’](?:(?![{UNSPACED}])\w)+)*"
    r"|[^\w\s]+|\Z)"
)
_LINE = re.compile(r"()([^\n]*\n|[^\n]+)")
# What begins a piece, whatever stands before it: a gap, or a letter of a script without spaces.
_BEGINS = re.compile(rf"(?<!\s)[\s{UNSPACED}]|\Z")
_BEGINS_LINE = re.compile(r"(?<=\n)|\Z")
# Browsers tell nobody who listens where a change begins and ends.
_REMOVED = mark_stored('<del><span class="visually-hidden">[removed: </span>')
_ADDED = mark_stored('<ins><span class="visually-hidden">[added: </span>')
_ENDS = {_REMOVED: mark_stored('<span class="visually-hidden">] </span></del>')}
_ENDS[_ADDED] = mark_stored('<span class="visually-hidden">] </span></ins>')


class _Piece(NamedTuple):
    """A word with the gap before it; two are the same when their words are."""

    gap: str
    word: str


class _Change(NamedTuple):
    """A stretch of the texts: the same in both, then `old` that became `new`."""

    same: str
    old: str = ""
    new: str = ""


@lru_cache(maxsize=_REMEMBERED)
def render_word_diff(old: str, new: str) -> Markup:
    """Return what became of `old`, with <del> and <ins> around what changed and <br> for lines.

    Both are plain sources and come out escaped. Words are compared, or lines where more than
    PIECES_MAX words stand between the first change and the last; failing that, all between
    them counts as changed, and so does what LOOKS_MAX left uncompared. Wider or narrower gaps
    are no change.
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
    """How many characters are the same at the beginning, and at the end of what is left.

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
    """The pieces of a text; of too many only so many as show that they are."""
    found = islice(unit.finditer(text), PIECES_MAX + 2)
    return [_Piece(match[1], match[2]) for match in found if match[0]]


def _text(pieces: list[_Piece]) -> str:
    return "".join(gap + word for gap, word in pieces)


def _common(before: list[_Piece], after: list[_Piece]) -> tuple[int, int]:
    """How many pieces are the same at the beginning, and at the end of what is left."""
    start = _same(zip(before, after, strict=False))
    return start, _same(zip(reversed(before[start:]), reversed(after[start:]), strict=False))


def _same(pairs: Iterable[tuple[_Piece, _Piece]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0].word == pair[1].word, pairs))


class _Matcher(SequenceMatcher[str]):
    """difflib's own, which finds nothing more when it has looked at LOOKS_MAX pairs."""

    b2j: dict[str, list[int]]  # of each word of the second text where it stands

    def __init__(self, before: list[str], after: list[str]) -> None:
        super().__init__(None, before, after, autojunk=False)
        pairs = (1 + len(self.b2j.get(word, ())) for word in before)
        self._looks_before = [0, *accumulate(pairs)]
        self._left = LOOKS_MAX

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Return the longest stretch that is the same in both, or an empty one for none."""
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
    """One change, with a gap that stands before both left out of it."""
    old, new = _text(before), _text(after)
    gap = after[0].gap if before and after and before[0].gap == after[0].gap else ""
    return _Change(gap, old[len(gap) :], new[len(gap) :])
