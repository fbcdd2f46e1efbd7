"""Slugs, the readable parts of addresses."""

import re
import unicodedata

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_MAX = 80  # characters


def make_slug(text: str, fallback: str) -> str:
    """Return `text` in lower-case ASCII words joined by hyphens, cut at a word.

    It has at most SLUG_MAX characters. `fallback` is returned when nothing of the text is left,
    as of a headline in Arabic or Chinese.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    ascii_text = decomposed.encode("ascii", "ignore").decode("ascii")
    # An apostrophe joins ("don't" is one word); anything else separates.
    words = re.sub(r"[^a-z0-9]+", "-", ascii_text.replace("'", "")).strip("-")
    if len(words) > SLUG_MAX:
        head, _, rest = words[: SLUG_MAX + 1].rpartition("-")
        words = head or rest[:SLUG_MAX]
    return words or fallback
