"""What changed between two versions of a text, word by word."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

from markupsafe import Markup, escape

from app.text.normalise import INVISIBLE, MARKS, normalise
from app.text.sanitize import stored
from app.text.tokens import UNSPACED

# difflib takes the square or worse of what it compares, by pairs of the same word.
PIECES_MAX = 3_000
PAIRS_MAX = 30_000

# A gap, and what follows it: a line end, a letter of a script without spaces, a word, signs.
_PIECE = re.compile(
    rf"([^\S\n]*)(\n|[{UNSPACED}][{MARKS}{INVISIBLE}]*"
    rf"|(?:(?![{UNSPACED}])\w[{MARKS}{INVISIBLE}]*)+(?:['’](?:(?![{UNSPACED}])\w)+)*"
    r"|[^\w\s]+|\Z)"
)
_LINE = re.compile(r"()([^\n]*\n|[^\n]+)")
# Browsers tell nobody who listens where a change begins and ends.
_REMOVED = stored('<del><span class="vh">[removed: </span>')
_ADDED = stored('<ins><span class="vh">[added: </span>')
_ENDS = {_REMOVED: stored('<span class="vh">] </span></del>')}
_ENDS[_ADDED] = stored('<span class="vh">] </span></ins>')


class _Piece(NamedTuple):
    """A word with the gap before it; two are the same when their words are."""

    gap: str
    word: str


class _Change(NamedTuple):
    """A stretch of the texts: the same in both, then `old` that became `new`."""

    same: str
    old: str = ""
    new: str = ""


def word_diff(old: str, new: str) -> Markup:
    """Return what became of `old`, with <del> and <ins> around what changed and <br> for lines.

    Both are plain sources and come out escaped. Words are compared, or lines where the changes
    lie too far apart in texts that are too long or too monotonous; failing that, all between
    the first and the last change counts as changed. Wider or narrower gaps are no change.
    """
    pieces: list[Markup] = []
    for same, removed, added in _changes(normalise(old), normalise(new)):
        pieces.append(_escaped(same))
        for sign, words in ((_REMOVED, removed), (_ADDED, added)):
            if words:
                pieces.append(sign + _escaped(words) + _ENDS[sign])
    return stored("").join(pieces)


def _escaped(text: str) -> Markup:
    return stored(str(escape(text)).replace("\n", "<br>"))


def _changes(old: str, new: str) -> Iterator[_Change]:
    for unit in (_PIECE, _LINE):
        before, after = _pieces(unit, old), _pieces(unit, new)
        start, end = _common(before, after)
        middle = before[start : len(before) - end], after[start : len(after) - end]
        if _is_small(*middle):
            break
    yield _Change(_text(after[:start]))
    yield from _compared(*middle) if _is_small(*middle) else (_changed(*middle),)
    yield _Change(_text(after[len(after) - end :]))


def _pieces(unit: re.Pattern[str], text: str) -> list[_Piece]:
    return [_Piece(*found) for found in unit.findall(text) if any(found)]


def _text(pieces: list[_Piece]) -> str:
    return "".join(gap + word for gap, word in pieces)


def _common(before: list[_Piece], after: list[_Piece]) -> tuple[int, int]:
    """How many pieces are the same at the beginning, and at the end of what is left."""
    start = _same(zip(before, after, strict=False))
    return start, _same(zip(reversed(before[start:]), reversed(after[start:]), strict=False))


def _same(pairs: Iterable[tuple[_Piece, _Piece]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0].word == pair[1].word, pairs))


def _is_small(before: list[_Piece], after: list[_Piece]) -> bool:
    counts = Counter(word for _, word in after)
    pairs = sum(counts[word] for _, word in before)
    return len(before) + len(after) <= PIECES_MAX and pairs <= PAIRS_MAX


def _compared(before: list[_Piece], after: list[_Piece]) -> Iterator[_Change]:
    matcher = SequenceMatcher(
        None, [word for _, word in before], [word for _, word in after], autojunk=False
    )
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield _Change(_text(after[k:m]))
        else:
            yield _changed(before[i:j], after[k:m])


def _changed(before: list[_Piece], after: list[_Piece]) -> _Change:
    """One change, with a gap that stands before both left out of it."""
    old, new = _text(before), _text(after)
    gap = after[0].gap if before and after and before[0].gap == after[0].gap else ""
    return _Change(gap, old[len(gap) :], new[len(gap) :])
