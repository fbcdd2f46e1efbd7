"""The first words of a text, for cards, feeds, descriptions and notices."""

import re
from functools import lru_cache

from app.text.markdown import render_unsafe
from app.text.normalise import INVISIBLE, MARKS
from app.text.reading import make_plain

# The pipeline's own HTML begins like this; Markdown that a person types hardly ever does.
_HTML = re.compile(r"\s*<(?:p|ul|ol|pre|blockquote|hr|h3|h4|table)[\s>]")
_ATTACHED = re.compile(f"[{MARKS}{INVISIBLE}]")
_LOOSE_ENDS = " ,;:-–—([{\"'“‘«"
# Markup and addresses are not visible, so more characters are read than the excerpt has.
_ROOM, _PER_CHARACTER = 2_000, 8


@lru_cache(1_000, typed=True)  # a str and a Markup with the same letters have other excerpts
def make_excerpt(text: str, length: int) -> str:
    """Return at most `length` characters of plain text, cut at a word with an ellipsis.

    `text` is Markdown, or HTML of this package; the excerpt is one line. Raises ValueError for a
    length below 1.
    """
    if length < 1:
        raise ValueError(f"An excerpt needs room for at least 1 character, not {length}.")
    if hasattr(text, "__html__") or _HTML.match(text):
        return cut_plain(make_plain(text), length)
    beginning = text[: _ROOM + _PER_CHARACTER * length]
    words = " ".join(make_plain(render_unsafe(beginning)).split())
    if len(words) > length or len(beginning) < len(text):
        return _cut_at_word(words, length)
    return words


def cut_plain(plain: str, length: int) -> str:
    """Return at most `length` characters of plain text as `make_excerpt` does."""
    words = " ".join(plain.split())
    return _cut_at_word(words, length) if len(words) > length else words


def _cut_at_word(words: str, length: int) -> str:
    end = min(length - 1, len(words))
    if end < len(words) and words[end] != " ":
        space = words.rfind(" ", 0, end)
        # A text without spaces, or one long word, is cut between letters.
        if space >= end // 2 and space > 0:
            end = space
        while end > 0 and _ATTACHED.match(words[end]):
            end -= 1
    return words[:end].rstrip(_LOOSE_ENDS) + "…"
