"""What a Markdown source says apart from its code, links and quotes, and what follows from that.

Sources are asked by the parser's tokens, so it costs no gate.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it.token import Token
from markupsafe import Markup

from app.text import markdown, reading
from app.text.normalise import normalise

MENTIONS_MAX = 10

_SHOUT_LETTERS = 20
_SHOUT_SHARE = 0.7
_CODE = "`"  # stands where inline code stood: it ends a word, and is neither letter nor mark

# Letters of Latin script end or begin a name; those of a script that puts no space around a
# name do not. What stands before an @ in a mail address or a path makes it none of ours.
_LATIN = "A-Za-z0-9\u00c0-\u024f\u0300-\u036f_"
_MENTION = re.compile(
    rf"(?<![{_LATIN}@.+/-])@([A-Za-z0-9_-]{{3,20}})(?![{_LATIN}@-])(?!\.[A-Za-z0-9])"
)
# Latin, full-width, Arabic, Greek, Ethiopic, and those that Unicode doubles or mixes with "!".
_MARKS = "?？؟\u037e፧⁇⁈⁉⸮"
_QUESTION = re.compile(f"[{_MARKS}]!*$")
_CLOSERS = " \t\n\"'”’»›)]}）］」』*_~"
_MARK = re.compile(f"[{_MARKS}]")
_ENDS = re.compile(f"[{_MARKS}][!\\\\\\s{re.escape(_CLOSERS)}]*$", re.M)


class Piece(NamedTuple):
    """A run of words in a paragraph; in a link, `address` tells a bare one from a text."""

    words: str
    in_link: bool = False
    address: bool = False


class Paragraph(NamedTuple):
    pieces: list[Piece]
    quoted: bool

    @property
    def own(self) -> str:
        """Its words outside links, with a space for each link."""
        return "".join(" " if piece.in_link else piece.words for piece in self.pieces)


def list_mentions(source: str) -> list[str]:
    """Return the names that a Markdown `source` calls as @name, in order and each once.

    A name has 3 to 20 of A-Z, a-z, 0-9, _ and -; at most MENTIONS_MAX are returned, spelt as
    they first stand. Code, links and mail addresses call nobody.
    """
    found: dict[str, str] = {}
    if "@" not in source and "&" not in source:  # nor an entity that stands for it
        return []  # the parser takes its time
    for paragraph in _list_paragraphs(source, markdown.parse_comment(source)):
        for match in _MENTION.finditer(paragraph.own):
            found.setdefault(match[1].lower(), match[1])
    return list(found.values())[:MENTIONS_MAX]


def is_shouting(source: str) -> bool:
    """Tell whether a Markdown `source` is mostly in capitals.

    Asked are letters that have a case, outside code, links and quotes: at least 20 of them,
    more than 70 % upper case.
    """
    paragraphs = _list_paragraphs(source, markdown.parse_comment(source))
    own = "".join(p.own for p in paragraphs if not p.quoted)
    upper = sum(map(str.isupper, own))
    cased = upper + sum(map(str.islower, own))
    return cased >= _SHOUT_LETTERS and upper > _SHOUT_SHARE * cased


def is_question(source: str) -> bool:
    """Tell whether a paragraph of a Markdown `source`, outside quotes and code, asks something.

    It does when it ends with a question mark of any script, before closing quotes or brackets.
    """
    text = normalise(source)
    if not _may_ask(text):
        return False  # the parser takes its time
    return _is_asked(text, markdown.parse_comment(text))


def render_with_question(source: str) -> tuple[Markup, bool]:
    """Return `render` and `is_question` of a Markdown `source`, parsed once; raises TooLong."""
    html, tokens = markdown.read_comment(source)
    text = normalise(source)
    return html, _may_ask(text) and _is_asked(text, tokens)


def _may_ask(text: str) -> bool:
    """Return whether a line ends with a question mark, or entities or links may hide one."""
    if "?" not in text and "&" not in text and (text.isascii() or not _MARK.search(text)):
        return False
    return bool(_ENDS.search(text)) or any(sign in text for sign in ("&", "<", "](", ":"))


def _is_asked(text: str, tokens: list[Token] | None) -> bool:
    for paragraph in _list_paragraphs(text, tokens):
        words = "".join(" " if p.address else p.words for p in paragraph.pieces)
        if not paragraph.quoted and _QUESTION.search(words.rstrip(_CLOSERS)):
            return True
    return False


def is_only_links(html: str) -> bool:
    """Tell whether `html` of this package has a link and no word besides those of its links."""
    linked = False
    inside = False
    for kind, value, attributes in reading.list_events(html):
        if value == "a" and kind != "text":
            inside = kind == "start" and "href" in attributes
            linked = linked or inside
        elif kind == "text" and not inside and any(map(str.isalnum, value)):
            return False
    return linked


def count_lines(text: str, width: int = 75) -> int:
    """Return roughly how many lines plain `text` takes when one holds `width` Latin letters.

    Raises ValueError for a width below 1.
    """
    if width < 1:
        raise ValueError(f"A line needs room for at least 1 letter, not {width}.")
    # An empty line takes a line, too.
    return sum(max(1, -(-_count_columns(line) // width)) for line in text.strip("\n").splitlines())


def _count_columns(line: str) -> int:
    """Return how many Latin letters a line is wide: ideographs take two columns, marks none."""
    if line.isascii():
        return len(line)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in line)
    return len(line) + wide - sum(unicodedata.category(letter)[0] == "M" for letter in line)


def _list_paragraphs(source: str, tokens: list[Token] | None) -> Iterator[Paragraph]:
    if tokens is None:  # shown as it was typed
        yield Paragraph([Piece(source)], quoted=False)
        return
    quotes = 0
    for token in tokens:
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type == "inline":
            yield Paragraph(list(_list_pieces(token.children or [])), quotes > 0)


def _list_pieces(tokens: list[Token]) -> Iterator[Piece]:
    in_link = address = False
    before = ""
    signs: list[bool] = []
    for token in tokens:
        words = token.content
        if token.type == "link_open":
            in_link, address = True, token.info == "auto"
        elif token.type == "link_close":
            in_link = address = False
            words = " "
        elif token.type in ("softbreak", "hardbreak"):
            words = "\n"
        elif token.type == "code_inline":
            words = _CODE
        elif token.type.endswith(("_open", "_close")):
            words = _join_underscores(token, before, signs)
        before = words or before
        yield Piece(words, in_link, address)


def _join_underscores(token: Token, before: str, signs: list[bool]) -> str:
    """Return the signs of emphasis that belong to a name, as in `@_name_`, else a space."""
    if token.nesting > 0:
        signs.append(before.endswith("@") and token.markup[0] == "_")
        return token.markup if signs[-1] else " "
    return token.markup if signs and signs.pop() else " "
