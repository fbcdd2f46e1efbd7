"""Markdown to HTML: the pipeline that every comment, biography and article goes through.

Refuse what is too long, normalise the characters, parse without raw HTML, decorate, then both
gates of `sanitize`. Whatever fails in between, the writer's words are shown as they were typed.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape

from app.text import links
from app.text.decorate import decorate
from app.text.normalise import normalise
from app.text.sanitize import ARTICLES, COMMENTS, Sanitizer, mark_as_written

# Raised whenever the same source would give other HTML; `flask text rerender` makes it anew.
PIPELINE_VERSION = 2
COMMENT_MAX = 5_000
SOURCE_MAX = 10_000
ARTICLE_MAX = 200_000

# linkify looks at the rest of a word again for each address in it: quadratic in its length.
_WORD_MAX = 10_000

_NESTING_MAX = 20

_log = logging.getLogger(__name__)


class TooLong(ValueError):
    """A text is longer than the pipeline takes; `limit` says how many characters it does."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"The text has {length} characters; at most {limit} are allowed.")
        self.length = length
        self.limit = limit


class _TooDeep(Exception):
    """Quotes or lists are nested so deep that the parser left out what they hold."""


class _Linkify(LinkifyIt):  # type: ignore[misc]  # linkify-it publishes no types.
    """linkify-it for web addresses alone."""

    def pretest(self, text: str) -> bool:
        # Its own expression is tried at each letter, and takes longer than all other rules do.
        # An entity may stand for a letter of the scheme.
        return ("http" in text.lower() or "&" in text) and bool(super().pretest(text))


class _Parser(MarkdownIt):
    """markdown-it with our own rule for links and for how a bare address is shown."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        return links.is_allowed(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - the name is markdown-it's
        return links.shorten_label(link)


def _neutralise(state: StateCore) -> None:
    """Normalise once more, for entities such as `&#8238;` turn into characters while parsing."""
    waiting = list(state.tokens)
    while waiting:
        token = waiting.pop()
        if token.type in ("text", "code_inline"):
            token.content = normalise(token.content)
        for name in ("title", "alt"):
            if name in token.attrs:
                token.attrs[name] = normalise(str(token.attrs[name]))
        waiting.extend(token.children or ())


def _refuse_depth(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("blockquote_open", "list_item_open") and token.level >= _NESTING_MAX - 1:
            raise _TooDeep


def _drop_empty_links(state: StateCore) -> None:
    """Leave `[text]()` as its text: the parser takes it for a link without asking our rule."""
    for block in state.tokens:
        kept: list[Token] = []
        empty = False
        for token in block.children or ():
            if token.type == "link_open":
                empty = not token.attrGet("href")
            if not (empty and token.type in ("link_open", "link_close")):
                kept.append(token)
        if block.children:
            block.children = kept


def _lower_headings(state: StateCore) -> None:
    """Keep headings below those of the page, which ends its own outline at h2."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3" if token.tag in ("h1", "h2") else "h4"


def _link_opener(rel: str) -> Callable[..., str]:
    """Make the render rule that sets the rel of every link."""

    def rule(
        renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
    ) -> str:
        tokens[index].attrSet("rel", rel)
        return renderer.renderToken(tokens, index, options, env)

    return rule


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """Write an https image; any other is told by its alternative text alone."""
    token = tokens[index]
    if not links.is_image(str(token.attrGet("src"))):
        return str(escape(renderer.renderInlineAsText(token.children, options, env)))
    token.attrSet("loading", "lazy")
    return renderer.image(tokens, index, options, env)


def _make_parser(rel: str) -> _Parser:
    parser = _Parser(
        "commonmark",
        {
            "html": False,
            "linkify": True,
            "breaks": True,
            "maxNesting": _NESTING_MAX,
            "xhtmlOut": False,
        },
    )
    parser.disable(["html_block", "html_inline", "reference"])
    parser.enable("linkify")
    linkify = _Linkify(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("ftp:", "//", "mailto:"):
        linkify.add(scheme, None)
    parser.linkify = linkify
    parser.core.ruler.push("refuse_depth", _refuse_depth)
    parser.core.ruler.push("neutralise", _neutralise)
    parser.core.ruler.push("drop_empty_links", _drop_empty_links)
    parser.add_render_rule("link_open", _link_opener(rel))
    return parser


def make_comment_parser() -> MarkdownIt:
    """Return a new parser for what readers write: no headings, images or tables."""
    return _make_parser(COMMENTS.allowed.rel).disable(["image", "heading", "lheading"])


def make_article_parser() -> MarkdownIt:
    """Return a new parser for what editors write: also headings, tables and https images."""
    parser = _make_parser(ARTICLES.allowed.rel).enable("table")
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.add_render_rule("image", _image)
    return parser


class Pipeline:
    """The whole way of one kind of text; threads take turns with its parser.

    `limit` is the longest source in characters, `parser` is the Markdown parser and
    `sanitizer` holds the two gates.
    """

    def __init__(self, limit: int, parser: MarkdownIt, sanitizer: Sanitizer) -> None:
        self._limit = limit
        self._parser = parser
        self._turn = threading.Lock()
        self._sanitizer = sanitizer

    def read(self, source: str) -> tuple[Markup, list[Token] | None]:
        """Return clean HTML for a Markdown `source`, and the tokens that it was made of.

        There are no tokens where the text is shown as it was typed. Raises TooLong before
        anything else is done; no other exception leaves it.
        """
        if len(source) > self._limit:
            raise TooLong(len(source), self._limit)
        text = normalise(source)
        try:
            tokens = self.parse(text)
            return self._sanitizer.clean(decorate(self._render_tokens(text, tokens))), tokens
        except Exception:  # Losing a reader's words is worse than losing their bold type.
            _log.exception("Markdown of %d characters fell back to plain text", len(text))
            return mark_as_written(text), None

    def parse(self, text: str) -> list[Token] | None:
        """Return what the parser makes of normalised `text`, or None for what it cannot read."""
        words = text.split() if len(text) > _WORD_MAX else ()
        if any(len(word) > _WORD_MAX for word in words):
            return None
        try:
            with self._turn:
                return self._parser.parse(text)
        except _TooDeep:
            return None

    def render_unsafe(self, text: str) -> str:
        """Return the parser's HTML before the gates: to be read by programs, never shown."""
        return self._render_tokens(text, self.parse(text))

    def _render_tokens(self, text: str, tokens: list[Token] | None) -> str:
        if tokens is None:
            return mark_as_written(text)
        with self._turn:
            return str(self._parser.renderer.render(tokens, self._parser.options, {}))


_COMMENTS = Pipeline(SOURCE_MAX, make_comment_parser(), COMMENTS)
_ARTICLES = Pipeline(ARTICLE_MAX, make_article_parser(), ARTICLES)


def render(source: str) -> Markup:
    """Return the HTML of a comment or biography written in Markdown.

    Raises TooLong beyond SOURCE_MAX characters; for any other trouble the text is shown as it
    was typed. The result is what may be stored beside PIPELINE_VERSION.
    """
    return _COMMENTS.read(source)[0]


def read_comment(source: str) -> tuple[Markup, list[Token] | None]:
    """Return the HTML of `render`, and the parser's tokens as `parse_comment` does."""
    return _COMMENTS.read(source)


def render_article(source: str) -> Markup:
    """Return the HTML of an editor's Markdown: `render` plus h3, h4, tables and https images.

    Raises TooLong beyond ARTICLE_MAX characters.
    """
    return _ARTICLES.read(source)[0]


def parse_comment(source: str) -> list[Token] | None:
    """Return the parser's tokens of a comment, or None where its text stays as it was typed."""
    return _COMMENTS.parse(normalise(source))


def render_unsafe(source: str) -> str:
    """Return the HTML of any Markdown without the gates, for excerpts and searches alone."""
    return _ARTICLES.render_unsafe(normalise(source))
