"""What a page shows, read from its HTML as a reader meets it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class _Reader(HTMLParser):
    """Collects headings, links and elements with an id, in the order of the page."""

    found: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.found.append(element)
        if tag not in ("input", "img", "meta", "link", "br", "hr", "use"):
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def elements(html: str) -> list[Element]:
    reader = _Reader()
    reader.feed(html)
    return reader.found


def texts(html: str, *tags: str) -> list[str]:
    """Return the words of every element of `tags`, in the page's order."""
    return [re.sub(r"\s+", " ", e.text).strip() for e in elements(html) if e.tag in tags]


def part(html: str, start: str, end: str) -> str:
    """Return the HTML from the first `start` to the next `end`."""
    return html.split(start, 1)[1].split(end, 1)[0]


def slugs(html: str) -> list[str]:
    """Return the articles that the headlines of `html` lead to, in order."""
    return re.findall(r'<h[23][^>]*><a href="/articles/([^"]+)">', html)
