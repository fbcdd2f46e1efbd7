"""A parse that forgives nothing, written without the code that it judges."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

VOID = {"br", "hr", "img"}
COMMENT_TAGS = set(
    "a blockquote br code del em hr kbd li ol p pre s span strong sub sup ul".split()  # noqa: SIM905
)
ARTICLE_TAGS = COMMENT_TAGS | {"h3", "h4", "img", "table", "tbody", "td", "th", "thead", "tr"}
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "code": {"class"},
    "ol": {"start"},
    "img": {"src", "alt", "title", "loading"},
    "span": {"class"},
}
# Colours of code; `host` is the other class that a span may have.
CODE_CLASSES = set(
    "bp c1 ch cm cp cpf cs dl fm gd ge ges gh gi go gp gr gs gt gu il k kc kd kn kp kr kt ld m mb "  # noqa: SIM905
    "mf mh mi mo na nb nc nd ne nf ni nl nn no nt nv o ow py s s1 s2 sa sb sc sd se sh si sr ss sx "
    "vc vg vi vm".split()
)
OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _escape(text: str) -> str:
    for character, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ("\xa0", "nbsp")):
        text = text.replace(character, f"&{name};")
    return text


class Strict(HTMLParser):
    """Collects what a parser sees, and writes it again to prove that nothing was hidden."""

    def __init__(self, tags: set[str], rel: str, link: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.rel, self.link = tags, rel, link
        self.gates_alone = False
        self.open: list[str] = []
        self.again: list[str] = []
        self.seen: list[tuple[str, object]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.tags, f"tag {tag}"
        assert tag != "a" or "a" not in self.open, "link in a link"
        assert len({name for name, _ in attrs}) == len(attrs), "attribute twice"
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set()), f"attribute {name} of {tag}"
            self.check_attribute(tag, name, value or "")
        if tag == "a":
            assert self.link <= {name for name, _ in attrs}, "link without href or rel"
        if not self.gates_alone:
            assert "span" not in self.open, f"{tag} in a span"
            assert tag != "span" or attrs, "a span of no use"
        if tag not in VOID:
            self.open.append(tag)
        written = "".join(
            f' {name}="{_escape(value or "").replace(chr(34), "&quot;")}"' for name, value in attrs
        )
        self.again.append(f"<{tag}{written}>")
        self.seen.append((tag, dict(attrs)))

    def check_attribute(self, tag: str, name: str, value: str) -> None:
        if name in ("href", "src"):
            parts = urlsplit(value)
            if name == "href" and parts.scheme == "mailto":
                assert re.fullmatch(r"[^@\s?]+@[^@\s?]+\.[a-z]+", parts.path, re.I), value
                assert not parts.query, value
            else:
                assert parts.scheme in (("http", "https") if name == "href" else ("https",)), value
                assert parts.hostname, value
                assert parts.username is None, value
            assert value.isascii(), value
            assert not re.search(r"[\s\"<>\\^`]", value), value
        elif name == "rel":
            assert value == self.rel
        elif name == "class" and tag == "span":
            assert value in CODE_CLASSES | {"host"}, value
            assert value == "host" or self.gates_alone or self.open[-2:] == ["pre", "code"]
        elif name == "class":
            assert re.fullmatch(r"language-\S+", value), value
        elif name == "start":
            assert value.isdecimal()
        assert self.gates_alone or not OVERRIDES.search(value), repr(value)

    def check_host(self, words: str) -> None:
        """Check that the host is right after a link, which leads to it."""
        assert self.seen[-3:-1] == [("/", "a"), ("text", " ")], words
        href = next(found["href"] for tag, found in reversed(self.seen) if tag == "a")
        assert re.fullmatch(r"\([a-z0-9_.\[\]:-]+\)", words), words
        assert urlsplit(href).hostname.rstrip(".") == words[1:-1].strip("[]")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"end of {tag} without start"
        assert self.open.pop() == tag, f"end of {tag} crosses"
        self.again.append(f"</{tag}>")
        self.seen.append(("/", tag))

    def handle_data(self, data: str) -> None:
        assert self.gates_alone or not OVERRIDES.search(data), repr(data)
        if not self.gates_alone and self.seen and self.seen[-1] == ("span", {"class": "host"}):
            self.check_host(data)
        self.again.append(_escape(data))
        self.seen.append(("text", data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"declaration {decl!r}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"declaration {data!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"instruction {data!r}")


def read_strictly(
    html: str, *, article: bool = False, gates_alone: bool = False
) -> list[tuple[str, object]]:
    """Assert that `html` is nothing but the allow-list, and return what a parser sees in it.

    `gates_alone` judges HTML that no parser of ours wrote: a link may have lost its address
    there, and the direction of writing is not the gates' affair.
    """
    rel = "nofollow noopener" if article else "nofollow ugc noopener"
    link = {"rel"} if gates_alone else {"href", "rel"}
    parser = Strict(ARTICLE_TAGS if article else COMMENT_TAGS, rel, link)
    parser.gates_alone = gates_alone
    parser.feed(html)
    parser.close()
    assert not parser.open, f"not closed: {parser.open}"
    assert "".join(parser.again) == html
    return parser.seen


class _Loose(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, object]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def check_host(self, words: str) -> None:
        """Check that the host is right after a link, which leads to it."""
        assert self.seen[-3:-1] == [("/", "a"), ("text", " ")], words
        href = next(found["href"] for tag, found in reversed(self.seen) if tag == "a")
        assert re.fullmatch(r"\([a-z0-9_.\[\]:-]+\)", words), words
        assert urlsplit(href).hostname.rstrip(".") == words[1:-1].strip("[]")

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(("/", tag))

    def handle_data(self, data: str) -> None:
        self.seen.append(("text", data))


def read_loosely(html: str) -> list[tuple[str, object]]:
    """Return the tags, attributes and texts that a parser sees in `html`, without judging."""
    parser = _Loose()
    parser.feed(html)
    parser.close()
    return parser.seen
