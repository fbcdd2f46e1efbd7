"""HTML as a flat list of events, and what programs ask about it: its text and its links."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import NamedTuple

import nh3

from app.text import links
from app.text.normalise import normalise
from app.text.sanitize import HOST_CLASS, SILENT_TAGS, list_names

INLINE = list_names("a b cite code del em i ins kbd q s strike strong sub sup tt var")
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
CELLS = frozenset({"td", "th"})
BLOCKS = (
    HEADINGS
    | CELLS
    | list_names(
        "address article aside blockquote br caption center dd details div dl dt fieldset "
        "figcaption figure footer form header hr li main nav ol p pre section summary table "
        "tbody tfoot thead tr ul"
    )
)


class Event(NamedTuple):
    """One step through a document: the start or end of a tag, or text without entities."""

    kind: str
    value: str
    attributes: dict[str, str]


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    return links.encode_address(value) if name == "href" else value


# nh3 mends unclosed tags and drops comments, declarations and scripts in bounded time, and writes
# what is left in one way only, which `_TAG` below reads.
_reader = nh3.Cleaner(
    tags=set(INLINE | BLOCKS | {"span"}),
    clean_content_tags=set(SILENT_TAGS),
    attributes={"a": {"href"}, "code": {"class"}, "ol": {"start"}, "span": {"class"}},
    attribute_filter=_keep_attribute,
    link_rel=None,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)


# A tag as nh3 writes it: the slash, the name, the attributes. All other `<` are entities.
_TAG = re.compile(r'<(/?)([a-z0-9]+)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_HOST_NOTE = f'<span class="{HOST_CLASS}">'


def list_events(html: str) -> list[Event]:
    """Return what the writer of any HTML wrote, in order; tags of no use to a reader are gone.

    Gone are, too, the hosts that this package put behind links.
    """
    html = _reader.clean(html)
    found: Iterable[Event] = _read_events(html)
    if _HOST_NOTE in html:
        found = _drop_hosts(list(found))
    return [event for event in found if event.kind == "text" or event.value != "span"]


def _read_events(html: str) -> Iterator[Event]:
    """Yield what stands in HTML of `_reader`."""
    pieces = iter(_TAG.split(html))
    for words in pieces:  # then the three parts of the tag that follows, but after the last words
        if words:
            yield Event("text", normalise(unescape(words)), {})
        slash, name, attributes = next(pieces, ""), next(pieces, ""), next(pieces, "")
        if slash:
            yield Event("end", name, {})
        elif name:
            values = _ATTRIBUTE.findall(attributes) if attributes else ()
            yield Event("start", name, {key: unescape(value) for key, value in values})


def _drop_hosts(found: list[Event]) -> Iterator[Event]:
    """Leave out each host that is that of the link before it; other words in a span stay."""
    name: str | None = None
    place = 0
    while place < len(found):
        event = found[place]
        if event.kind == "start" and event.value == "a":
            name = links.get_host_name(event.attributes.get("href", ""))
        if name and event == _LINK_END and found[place + 1 : place + 5] == _make_host_note(name):
            place += 4
        yield event
        place += 1


_LINK_END = Event("end", "a", {})


def _make_host_note(name: str) -> list[Event]:
    return [
        Event("text", " ", {}),
        Event("start", "span", {"class": HOST_CLASS}),
        Event("text", f"({name})", {}),
        Event("end", "span", {}),
    ]


def make_plain(html: str) -> str:
    """Return the text of `html` without tags; blocks and line breaks become lines."""
    pieces: list[str] = []
    for kind, value, _ in list_events(html):
        if kind == "text":
            pieces.append(value)
        elif value in CELLS:
            pieces.append(" ")
        elif value in BLOCKS:
            pieces.append("\n")
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def has_links(html: str) -> bool:
    """Tell whether `html` leads anywhere: to a page or to a mail address."""
    return any(True for _ in _list_addresses(html))


def list_link_hosts(html: str) -> list[str]:
    """Return the hosts that the web links of `html` lead to, each once, in order."""
    found = (links.get_host(address) for address in _list_addresses(html))
    return list(dict.fromkeys(name for name in found if name))


def _list_addresses(html: str) -> Iterator[str]:
    for kind, value, attributes in list_events(html):
        if kind == "start" and value == "a" and "href" in attributes:
            yield attributes["href"]
