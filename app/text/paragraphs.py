"""Paragraphs of Markdown with little or no Markdown in them, read without the parser.

Most of what people write is that, and the parser takes many times longer to say so. Lines that
a comment's parser may begin another block with are told by how they begin. As there are no
reference definitions, a paragraph before them means the same wherever it stands.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it.common.utils import escapeHtml

# Code, quotes, rules and lists. A star before a letter begins none of them.
_BLOCK = re.compile(r"[`~>]|[0-9]{1,9}[.)]|[_+-](?![A-Za-z0-9])|\*(?!\*?[A-Za-z0-9])")
_SIGN = re.compile(r"[\\`_\[\]<&]")
# Stars that can only begin, or only end, an emphasis: a space at one side, a letter at the other.
_EMPHASIS = re.compile(
    r"(?:(?<=[ \n])|^)(\*\*?)(?=[A-Za-z0-9])([^*]*)(?<=[A-Za-z0-9])\1(?![^\s.,;:!?])"
)


class Part(NamedTuple):
    """Some of a source that means the same without the rest; `html` where that is known."""

    source: str
    html: str | None = None
    quoted: bool = False


def whole(text: str) -> Iterator[Part]:
    """Yield `text` as one part, for texts that hold other blocks, too."""
    yield Part(text)


def parts(text: str) -> Iterator[Part]:
    """Yield the parts of a comment's normalised Markdown that may be parsed one by one.

    From the first line on that may begin a list or code, all is one part.
    """
    text = text.lstrip("\n")
    waiting: list[str] = []  # what takes the parser goes there together
    place = 0
    while place < len(text):
        end = text.find("\n\n", place)
        end = len(text) if end < 0 else end
        source = text[place:end]
        if end == len(text):
            source = source.rstrip("\n")
        quoted = source.startswith("> ")
        words = _unquoted(source) if quoted else source
        if words is None or not _is_paragraph(words):
            waiting.append(text[place:])
            break
        html = _html(words)
        if html is None:
            waiting.append(source)
        else:
            if waiting:
                yield Part("\n\n".join(waiting))
                waiting = []
            yield Part(source, f"<blockquote>\n{html}</blockquote>\n" if quoted else html, quoted)
        place = end
        while place < len(text) and text[place] == "\n":
            place += 1
    if waiting:
        yield Part("\n\n".join(waiting))


def _unquoted(source: str) -> str | None:
    """The lines of one quote without their signs, or None when some have none."""
    lines = source.split("\n")
    if any(line[:2] != "> " for line in lines):
        return None
    return "\n".join(line[2:] for line in lines)


def _is_paragraph(source: str) -> bool:
    """Whether no line may begin another block, or has space at an end that says something."""
    return not any(
        not line or line[0].isspace() or line[-1].isspace() or _BLOCK.match(line)
        for line in source.split("\n")
    )


def _html(source: str) -> str | None:
    """What the parser makes of a paragraph, or None where it takes the parser to say."""
    if _SIGN.search(source):
        return None
    if ":" in source and ("://" in source or "http" in source.lower()):
        return None
    html = escapeHtml(source)
    if "*" in html:
        html = _EMPHASIS.sub(_emphasised, html)
        if "*" in html:
            return None
    return "<p>" + html.replace("\n", "<br>\n") + "</p>\n"


def _emphasised(found: re.Match[str]) -> str:
    tag = "em" if found[1] == "*" else "strong"
    return f"<{tag}>{found[2]}</{tag}>"
