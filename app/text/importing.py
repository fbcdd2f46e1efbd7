"""Converting HTML from elsewhere to the few tags of our own comments.

Forums and wikis wrap text in layout: divs, tables, definition lists, spans. The writer below
keeps paragraphs, quotes, lists, code and emphasis, and turns every other block into paragraphs.
"""

import logging
import re
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from app.text import reading
from app.text.decorate import decorate
from app.text.markdown import TooLong
from app.text.normalise import normalise
from app.text.sanitize import COMMENT_LIST, COMMENTS, LANGUAGE, mark_as_written

HTML_MAX = 100_000

# Sanitisers and browsers slow down with depth, and nobody reads twelve nested lists.
_BOXES_MAX = 20
_INLINES_MAX = 12
_SPACE = re.compile(r"[ \t\n\r\f]+")
_LISTS = frozenset({"ul", "ol"})
_BOXES = _LISTS | {"li", "blockquote"}
# The tags that are written; of `cite`, `var`, `q`, `ins` and `tt` only the text stays.
_NAMES = {"b": "strong", "i": "em", "strike": "s"} | {
    name: name for name in ("a", "code", "del", "em", "kbd", "s", "strong", "sub", "sup")
}

_log = logging.getLogger(__name__)


def clean_html(html: str) -> Markup:
    """Return imported HTML in the shape and under the allow-list of our own comments.

    Unknown tags are dropped but their text stays; scripts, styles, head content, comments and
    empty paragraphs are dropped altogether; links follow the same rule as everywhere. Raises
    TooLong beyond HTML_MAX characters; after any other error the result is plain text.
    """
    if len(html) > HTML_MAX:
        raise TooLong(len(html), HTML_MAX)
    source = normalise(html)
    try:
        return COMMENTS.clean(decorate(_convert(source)))
    except Exception:  # one odd comment must not stop the import of a whole thread
        _log.exception("Imported HTML of %d characters fell back to plain text", len(source))
        return mark_as_written(source)


def _convert(source: str) -> str:
    writer = _Writer()
    for kind, value, attributes in reading.list_events(source):
        if kind == "start":
            writer.start(value, attributes)
        elif kind == "end":
            writer.end(value)
        else:
            writer.text(value)
    return writer.finish()


@dataclass
class _Box:
    """A list, item or quote, written only before its first text, so that none is empty."""

    name: str
    attributes: str = ""
    implied: bool = False
    written: bool = False
    has_text: bool = False


@dataclass
class _Inline:
    """A tag within a paragraph, written before its first text; not at all without `opening`."""

    source: str
    opening: str = ""
    closing: str = ""


class _Writer:
    """Writes our own HTML from the events of a parser."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._boxes: list[_Box] = []
        self._outer: list[tuple[str, int]] = []
        self._inlines: list[_Inline] = []
        self._opened = 0
        self._unseen = 0
        self._in_paragraph = False
        self._closing = ""
        self._gap = ""
        self._breaks = 0
        self._code: list[str] | None = None
        self._code_depth = 0
        self._language = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._code is not None:
            self._start_in_code(tag, attributes)
        elif tag == "br":
            self._breaks += 1
        elif tag in reading.CELLS:
            self._gap = " | "
        elif tag in reading.INLINE:
            self._start_inline(tag, attributes)
        else:
            self._start_block(tag, attributes)

    def end(self, tag: str) -> None:
        if self._code is not None:
            self._end_in_code(tag)
        elif tag in reading.INLINE:
            self._end_inline(tag)
        elif tag not in reading.CELLS:
            self._end_block(tag)

    def text(self, data: str) -> None:
        if self._code is not None:
            self._code.append(data)
            return
        words = _SPACE.sub(" ", data)
        if words.startswith(" "):
            self._gap = self._gap or " "
        words = words.strip(" ")
        if not words:
            return
        self._begin_text()
        self._out.append(escape(words, quote=False))
        self._gap = " " if data[-1] in " \t\n\r\f" else ""

    def finish(self) -> str:
        self._close_boxes(0)
        return "".join(self._out)

    def _start_block(self, tag: str, attributes: dict[str, str]) -> None:
        self._close_paragraph()
        if tag in _BOXES:
            self._outer.append((tag, len(self._boxes)))
            self._open_box(tag, attributes)
        elif tag == "pre":
            self._code, self._code_depth, self._language = [], 1, ""
        elif tag == "hr":
            self._write_boxes()
            self._out.append("<hr>\n")
        elif tag in reading.HEADINGS:
            self._push_inline(tag, "strong")

    def _end_block(self, tag: str) -> None:
        self._close_paragraph()
        if tag in reading.HEADINGS:
            self._end_inline(tag)
        elif self._outer and self._outer[-1][0] == tag:
            self._close_boxes(self._outer.pop()[1])

    def _open_box(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "li" and self._boxes and self._boxes[-1].implied:
            self._close_boxes(len(self._boxes) - 1)
        stray = tag == "li" and not self._in_list()
        if stray or len(self._boxes) >= _BOXES_MAX:
            return
        if tag != "li":
            self._imply_item()
        start = attributes.get("start", "") if tag == "ol" else ""
        written = f' start="{escape(start)}"' if start else ""
        self._boxes.append(_Box(tag, written))

    def _in_list(self) -> bool:
        return bool(self._boxes) and self._boxes[-1].name in _LISTS

    def _imply_item(self) -> None:
        """Add an item for a text or list that is directly in a list."""
        if self._in_list():
            self._boxes.append(_Box("li", implied=True))

    def _write_boxes(self) -> None:
        self._imply_item()
        for box in self._boxes:
            if not box.written:
                self._out.append(f"<{box.name}{box.attributes}>")
                box.written = True
        if self._boxes:
            self._boxes[-1].has_text = True

    def _close_boxes(self, depth: int) -> None:
        self._close_paragraph()
        while len(self._boxes) > depth:
            box = self._boxes.pop()
            if box.written:
                self._out.append(f"</{box.name}>\n")

    def _begin_text(self) -> None:
        if self._breaks > 1:
            self._close_paragraph()
        if not self._in_paragraph:
            # The first text of a list item needs no paragraph of its own.
            bare = bool(self._boxes) and self._boxes[-1].name == "li"
            bare = (bare and not self._boxes[-1].has_text) or self._in_list()
            self._write_boxes()
            self._out.append("" if bare else "<p>")
            self._closing = "" if bare else "</p>\n"
            self._in_paragraph = True
        elif self._breaks:
            self._out.append("<br>")
        else:
            self._out.append(self._gap)
        self._breaks, self._gap = 0, ""
        for inline in self._inlines[self._opened :]:
            self._out.append(inline.opening)
        self._opened = len(self._inlines)

    def _close_paragraph(self) -> None:
        if self._in_paragraph:
            self._close_inlines(0)
            self._out.append(self._closing)
            self._in_paragraph = False
            # A link around many blocks stays on the first one: repeating it multiplies the HTML.
            for inline in self._inlines:
                if inline.source == "a":
                    inline.opening = inline.closing = ""
        self._breaks, self._gap = 0, ""

    def _start_inline(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "a":
            href = attributes.get("href")
            opening = f'a href="{escape(href)}" rel="{COMMENT_LIST.rel}"' if href else ""
            self._push_inline(tag, opening)
        elif tag in _NAMES:
            self._push_inline(tag, _NAMES[tag])

    def _push_inline(self, source: str, opening: str) -> None:
        if len(self._inlines) >= _INLINES_MAX:
            self._unseen += 1
            return
        name = opening.partition(" ")[0]
        closing = f"</{name}>"
        if not name or any(inline.closing == closing for inline in self._inlines):
            self._inlines.append(_Inline(source))
        else:
            self._inlines.append(_Inline(source, f"<{opening}>", closing))

    def _end_inline(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= tag in _NAMES or tag in reading.HEADINGS
            return
        for position in range(len(self._inlines) - 1, -1, -1):
            if self._inlines[position].source == tag:
                self._close_inlines(position)
                del self._inlines[position]
                return

    def _close_inlines(self, depth: int) -> None:
        while self._opened > depth:
            self._opened -= 1
            self._out.append(self._inlines[self._opened].closing)

    def _start_in_code(self, tag: str, attributes: dict[str, str]) -> None:
        language = attributes.get("class", "")
        if tag == "pre":
            self._code_depth += 1
        elif tag == "code" and LANGUAGE.fullmatch(language):
            self._language = f' class="{escape(language)}"'
        if tag in reading.BLOCKS and self._code:
            self._code.append("\n")

    def _end_in_code(self, tag: str) -> None:
        self._code_depth -= tag == "pre"
        if self._code_depth or self._code is None:
            return
        text = "".join(self._code).strip("\n")
        self._code = None
        if text.strip():
            self._write_boxes()
            code = escape(text, quote=False)
            self._out.append(f"<pre><code{self._language}>{code}\n</code></pre>\n")
