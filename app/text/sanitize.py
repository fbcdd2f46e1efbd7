"""The last two gates before HTML is stored: bleach and nh3, both with the same allow-list.

Nothing may touch the HTML after `Sanitizer.clean`. The Markdown renderer already writes no
tag that a person typed; the gates hold should it ever err.
"""

import html
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import bleach
import nh3
from markupsafe import Markup, escape

from app.text import links, syntax

LANGUAGE = re.compile(r"language-[A-Za-z0-9_+#.-]{1,40}")
# The host that a link hides, written behind it.
HOST_CLASS = "host"
SPAN_CLASSES = syntax.CLASSES | {HOST_CLASS}
_START = re.compile(r"[0-9]{1,9}")
_SCHEMES = {"http", "https", "mailto"}


def list_names(words: str) -> frozenset[str]:
    """Return the names of tags or attributes that `words` lists."""
    return frozenset(words.split())


# Their text is code or belongs to no reader, so it goes with them.
SILENT_TAGS = list_names(
    "applet audio canvas datalist embed frameset head iframe map noembed noframes noscript object "
    "script select style svg template title video xmp"
)


@dataclass(frozen=True)
class AllowList:
    """The tags and attributes allowed in one kind of text; the rel is set on every link."""

    tags: frozenset[str]
    attributes: Mapping[str, frozenset[str]]
    rel: str

    def allows(self, tag: str, name: str, value: str) -> bool:
        """Tell whether attribute `name` of `tag` may stay; `value` has no entities left."""
        if name not in self.attributes.get(tag, ()):
            return False
        match name:
            case "href":
                return links.is_allowed(value)
            case "src":
                return links.is_image(value)
            case "rel":
                return value == self.rel
            case "class" if tag == "span":
                return value in SPAN_CLASSES
            case "class":
                return LANGUAGE.fullmatch(value) is not None
            case "start":
                return _START.fullmatch(value) is not None
            case "loading":
                return value == "lazy"
            case _:
                return name in ("title", "alt")


COMMENT_LIST = AllowList(
    tags=list_names("a blockquote br code del em hr kbd li ol p pre s span strong sub sup ul"),
    attributes={
        "a": list_names("href title rel"),
        "code": list_names("class"),
        "ol": list_names("start"),
        "span": list_names("class"),
    },
    rel="nofollow ugc noopener",
)

ARTICLE_LIST = AllowList(
    tags=COMMENT_LIST.tags | list_names("h3 h4 img table tbody td th thead tr"),
    attributes={
        **COMMENT_LIST.attributes,
        "img": list_names("src alt title loading"),
    },
    rel="nofollow noopener",
)


class Sanitizer:
    """Both gates for one allow-list; threads take turns, for bleach's parser keeps state."""

    def __init__(self, allowed: AllowList) -> None:
        self.allowed = allowed
        # A lock and not a copy for each thread: with gevent every request is a thread of its own.
        self._turn = threading.Lock()
        self._bleach = bleach.Cleaner(
            tags=allowed.tags,
            attributes=self._bleach_allows,
            protocols=_SCHEMES,
            strip=False,
            strip_comments=True,
        )
        self._nh3 = nh3.Cleaner(
            tags=set(allowed.tags),
            clean_content_tags=set(SILENT_TAGS),
            # nh3 writes the rel itself, and refuses to be told twice.
            attributes={tag: set(own - {"rel"}) for tag, own in allowed.attributes.items()},
            attribute_filter=self._nh3_allows,
            link_rel=allowed.rel,
            url_schemes=_SCHEMES,
            url_relative="deny",
            strip_comments=True,
        )

    def _bleach_allows(self, tag: str, name: str, value: str) -> bool:
        # bleach hands the value over as it was written, so entities would hide what it says.
        return self.allowed.allows(tag, name, html.unescape(value))

    def _nh3_allows(self, tag: str, name: str, value: str) -> str | None:
        return value if self.allowed.allows(tag, name, value) else None

    def first_gate(self, source: str) -> str:
        """Return HTML as bleach leaves it: tags that are not allowed become visible text."""
        with self._turn:
            return str(self._bleach.clean(source))

    def last_gate(self, source: str) -> str:
        """Return HTML as nh3 leaves it: tags that are not allowed are gone."""
        return self._nh3.clean(source)

    def clean(self, source: str) -> Markup:
        """Return HTML that has passed both gates, safe to store and to show."""
        return mark_stored(self.last_gate(self.first_gate(source)))


COMMENTS = Sanitizer(COMMENT_LIST)
ARTICLES = Sanitizer(ARTICLE_LIST)


def mark_stored(source: str) -> Markup:
    """Mark HTML as safe that this package made; `source` must come from our own columns."""
    return Markup(source)  # noqa: S704 - the one place that vouches for HTML


def mark_as_written(source: str) -> Markup:
    """Return plain text as one escaped paragraph that keeps its line breaks."""
    lines = mark_stored("<br>").join(escape(line) for line in source.strip("\n").split("\n"))
    return mark_stored("<p>") + lines + mark_stored("</p>")
