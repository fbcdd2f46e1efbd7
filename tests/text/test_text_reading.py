"""What is read of HTML, beside what Python's own parser reads of the same."""

from html.parser import HTMLParser
from random import Random

import pytest

from app.text import clean_html, make_plain, reading, render
from app.text.normalise import normalise
from app.text.reading import Event, list_events

# Whatever may be taken for the beginning or the end of something else.
PIECES = (
    *("<", "</", ">", "&", "&amp;", "&lt;", "&nbsp;", "&#13;", "&#8238;", '"', "'", "=", "x", "é"),
    *("a ", "p", "br", "pre", "td", "h3", "script", "plaintext", "xmp", "textarea", "svg", "math"),
    *("!--", "-->", "<![CDATA[", "]]>", "<?x?>", "\x00", "\r", "\n", " ", "\u00a0", "\u202e"),
    *('<a href="https://host.example/?a=1&amp;b=2">', "</a>", "<a href='https://e.example/\">'>"),
    *('<p title=">">', '<ol start="3">', "<li>", "<table>", '<code class="language-<b>">'),
)
HOSTILE = sorted({"".join(Random(seed).choices(PIECES, k=1 + seed % 40)) for seed in range(2_000)})


class Parser(HTMLParser):
    """Python's parser, which reads slowly and without any assumption."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[Event] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.events.append(Event("start", tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.events.append(Event("end", tag, {}))

    def handle_data(self, data: str) -> None:
        self.events.append(Event("text", normalise(data), {}))


def read_slowly(html: str) -> list[Event]:
    parser = Parser()
    parser.feed(reading._reader.clean(html))
    parser.close()
    return [event for event in parser.events if event.kind == "text" or event.value != "span"]


def test_html_from_anywhere_is_read_as_a_parser_reads_it() -> None:
    for html in HOSTILE:
        assert list_events(html) == read_slowly(html), html


def test_what_is_stored_is_read_as_a_parser_reads_it() -> None:
    for source in HOSTILE[::5]:
        for html in (render(source), clean_html(source)):
            if 'class="host"' not in html:  # the hosts that we put behind links are left out
                assert list_events(html) == read_slowly(html), source


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ('<p title="a > b">one</p><p>two', "one\ntwo"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ('<a href="https://host.example/?a=1&amp;lt=2">x</a>', "x"),
        ("<plaintext>a</plaintext><b>b", "a</plaintext><b>b"),
        ("", ""),
    ],
)
def test_the_words_of_tags_and_entities(html: str, plain: str) -> None:
    assert make_plain(html) == plain
