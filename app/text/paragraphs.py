"""Markdown that is nothing but paragraphs, found without the parser.

Most of what people write is that, and the parser takes many times longer to say so. Lines that
a comment's parser may begin another block with are told by how they begin. As there are no
reference definitions, a paragraph before them means the same wherever it stands.
"""

import re
from collections.abc import Iterator

from markdown_it.common.utils import escapeHtml

_BLOCKS = frozenset("`~>*_-+")  # of code, quotes, rules and lists
_NUMBER = re.compile("[0-9]{1,9}[.)]")
_SIGN = re.compile(r"[\\`*_\[\]<&]")


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield normalised `text` in parts that may be parsed one by one, as (source, is plain).

    A plain part is one paragraph without a sign of Markdown and without an address. From the
    first line on that may begin another block, all is one part.
    """
    text = text.lstrip("\n")
    paragraphs, rest = _paragraphs(text)
    waiting: list[str] = []
    for paragraph in paragraphs:
        if not _is_plain(paragraph):
            waiting.append(paragraph)
            continue
        if waiting:
            yield "\n\n".join(waiting), False
            waiting = []
        yield paragraph, True
    if rest:
        waiting.append(rest)
    if waiting:
        yield "\n\n".join(waiting), False


def whole(text: str) -> Iterator[tuple[str, bool]]:
    """Yield `text` as one part, for texts that hold other blocks, too."""
    yield text, False


def html(paragraph: str) -> str:
    """Return what the parser makes of a plain part."""
    return f"<p>{escapeHtml(paragraph)}</p>\n".replace("\n", "<br>\n", paragraph.count("\n"))


def _paragraphs(text: str) -> tuple[list[str], str]:
    """The paragraphs at the beginning of `text`, and what follows."""
    found: list[str] = []
    begin = end = 0
    for line in text.split("\n"):
        if not line:
            if begin < end:
                found.append(text[begin : end - 1])
            begin = end + 1
        # Spaces at either end of a line indent it or break it, or are trimmed.
        elif line[0] in _BLOCKS or line[0].isspace() or line[-1].isspace() or _NUMBER.match(line):
            return found, text[begin:]
        end += len(line) + 1
    if begin < end:
        found.append(text[begin : end - 1])
    return found, ""


def _is_plain(paragraph: str) -> bool:
    if _SIGN.search(paragraph):
        return False
    return ":" not in paragraph or ("://" not in paragraph and "http" not in paragraph.lower())
