"""HTML in the narrow form that our own writers give it, taken apart without a parser.

A document is in this form when every `<` begins a tag with double quotes around all values, and
every `&` one of a few entities. An HTML parser is between tags wherever this module is, so what
it finds there is text; whatever is not in this form is left to the parsers.
"""

import re
from functools import lru_cache

_VOID = ("<br>", "<hr>", "<img")

_TAG = re.compile(r'(<(?:/[a-z]+[0-9]?|[a-z]+[0-9]?(?: [a-z]+="[^"<>]*")*)>)')
# Each parser has its own way with controls, surrogates and a byte order mark.
_ODD = re.compile("[<>\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]|&(?!(?:lt|gt|amp|quot);)")


@lru_cache(maxsize=16)  # HTML is often asked for its plain text when it has just been judged
def split(html: str) -> tuple[str, ...] | None:
    """Return texts and tags in turn, a text first and last, or None for any other form."""
    parts = _TAG.split(html)
    return None if _ODD.search("\n".join(parts[::2])) else tuple(parts)


def name(tag: str) -> str:
    """Return the name of a tag of `split`, with a / before that of an end."""
    return tag[1:-1].partition(" ")[0]


def blocks(parts: tuple[str, ...]) -> list[str]:
    """Return what `parts` of a document are made of, one string for each block at its top.

    Every run of words is put as the letter x; space before it stays, as that may count.
    """
    found: list[str] = []
    current: list[str] = []
    depth = 0
    for place, part in enumerate(parts):
        if place % 2 == 0:
            words = part.lstrip()
            current.append(part[: len(part) - len(words)] + "x" if words else part)
            continue
        current.append(part)
        if part[1] == "/":
            depth -= 1
            if depth == 0:
                found.append("".join(current))
                current = []
        elif part[:4] not in _VOID:
            depth += 1
    found.append("".join(current))
    return found
