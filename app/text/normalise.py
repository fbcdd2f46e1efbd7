"""Removing harmful characters from a text before anything else reads it."""

import re
import sys
import unicodedata

_MARKS_IN_A_ROW = 4
# Marks, joiners and tags are below U+20000; only the variation selectors are above it.
_LAST_SCRIPT = 0x20000
_VARIATION_SELECTORS = "\U000e0100-\U000e01ef"


def _character_class(*categories: str) -> str:
    """Return the inside of a regular expression's [...] for the given Unicode categories."""
    ranges: list[tuple[int, int]] = []
    for point in range(0x80, _LAST_SCRIPT):
        if unicodedata.category(chr(point)) not in categories:
            continue
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1] = (ranges[-1][0], point)
        else:
            ranges.append((point, point))
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


STACKING = _character_class("Mn", "Me") + _VARIATION_SELECTORS
MARKS = STACKING + _character_class("Mc")
INVISIBLE = _character_class("Cf") + "\U000e0000-\U000e007f"

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}-{chr(plane + 0xFFFF)}" for plane in range(0, sys.maxunicode, 0x10000)
)
_DROPPED = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 and C1 controls but tab, LF and CR
    "\u202a-\u202e\u2066-\u2069"  # reorder the text around them: a link could be read backwards
    "\ufff9-\ufffb"  # interlinear annotations hide text
    "\ud800-\udfff"  # a lone surrogate cannot be written as UTF-8
    f"{_NONCHARACTERS}]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
# The same for ASCII, as a table for str.translate, which is faster for most texts.
_DROPPED_ASCII = {point: None for point in range(0x80) if _DROPPED.match(chr(point))}
# Tag characters are invisible ASCII and can hide messages; only flags of regions need them.
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007f]{1,8})|[\U000e0000-\U000e007f]+")
# Marks pile up even with invisible characters between them.
_PILE = re.compile(
    f"((?:[{STACKING}][{INVISIBLE}]*){{{_MARKS_IN_A_ROW}}})(?:[{STACKING}][{INVISIBLE}]*)+"
)
# Characters that are letters by their category but invisible.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def normalise(source: str) -> str:
    """Return `source` with LF line ends and without characters that deceive or break things.

    Controls, NUL, lone surrogates, noncharacters, hidden tags and the characters that override
    the direction of writing are dropped. Of more than four stacking marks in a row the first
    four stay (Unicode TR 36 and 39). Left-to-right and right-to-left marks and joiners stay,
    because Arabic, Persian, Hebrew and Indic texts need them. Doing it twice changes nothing.
    """
    if source.isascii():
        if source.isprintable():
            return source
        text = source.translate(_DROPPED_ASCII)
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    text = _LINE_ENDS.sub("\n", _DROPPED.sub("", source))
    text = _TAGS.sub(lambda match: match[1] or "", text)
    return _PILE.sub(r"\1", text)


def is_blank(text: str) -> bool:
    """Return whether `text` (plain text, not HTML) has no visible character."""
    return all(
        character in _BLANK_LETTERS or unicodedata.category(character)[0] in "ZCM"
        for character in text
    )
