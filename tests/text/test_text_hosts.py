"""A link whose text does not show where it leads gets its true host behind it."""

from app.text import (
    clean_html,
    is_blank,
    list_link_hosts,
    make_excerpt,
    make_plain,
    render,
    render_article,
)
from tests.cases import each
from tests.text.patterns import find_words
from tests.text.strict import read_strictly

REL = 'rel="nofollow ugc noopener"'


def note(host: str) -> str:
    return f'</a> <span class="host">({host})</span>'


def test_a_text_without_its_host_gets_it_behind():
    assert render("[the docs](https://docs.example.org/x).") == (
        f'<p><a href="https://docs.example.org/x" {REL}>the docs{note("docs.example.org")}.</p>\n'
    )
    assert note("docs.example.org") in render_article("[the docs](https://docs.example.org/x)")


@each(
    "source",
    [
        "https://host.example/index.html?next=other.example#x",
        "<https://host.example>",
        "[host.example](https://host.example/a)",
        "[HOST.example/a/b.html](https://host.example/a)",
        "[http://host.example:8080](https://host.example:8080)",
        "[read it at host.example.](https://host.example/a)",
        "[**host**.example](https://Host.Example/a)",
        "[ｈｏｓｔ.example](https://host.example)",
        "https://[2001:db8::1]/x",
        "https://\u0430pple.example/",
        "https://host.example/%D8%A7%DB%8C",
        "[mail](mailto:desk@host.example)",
        "[no link](javascript:1) and [none]()",
    ],
)
def test_a_text_that_shows_its_host_gets_none(source):
    html = render(source)
    read_strictly(html)
    assert "<span" not in html


@each(
    "text",
    [
        "bank.example",
        "https://bank.example/login",
        "bank.example at evil.example",
        "evil.example.bank.example",
        "bank.evil.example",
        "https://bank.example/?u=evil.example",
        "https://bank.example@evil.example/",
        "bank.example/evil.example",
        "bank。example evil.example",
        "xevil.example",
        "evil.example.com",
        "evil-example",
        "\u0435vil.example",
        "evil.ex\u200bample",
        "evil",
        "`bank.example`",
        "https://evil.example bank.example",
        "1",
        "",
    ],
)
def test_a_text_that_shows_another_host_or_a_disguised_one_gets_the_true_one(text):
    html = render(f"[{text}](https://evil.example/x)")
    read_strictly(html)
    assert note("evil.example") in html


def test_the_host_of_another_alphabet_is_shown_in_punycode():
    # The first letter is Cyrillic, in the text and in the address.
    html = render("[\u0430pple.example](https://\u0430pple.example/)")
    assert note("xn--pple-43d.example") in html


@each(
    ("address", "host"),
    [
        ("https://HOST.example./", "host.example"),
        ("http://host.example:81/", "host.example"),
        ("https://127.0.0.1/", "127.0.0.1"),
        ("https://[2001:db8::1]:81/", "[2001:db8::1]"),
    ],
)
def test_the_host_stands_in_its_plain_form(address, host):
    html = render(f"[x]({address})")
    read_strictly(html)
    assert note(host) in html


def test_imported_links_get_their_host_too():
    link = f'<a href="https://host.example/" {REL}><strong>x</strong> y{note("host.example")}'
    assert clean_html('<a href="https://host.example/"><b>x</b> y</a>, z') == f"<p>{link}, z</p>\n"
    assert "span" not in clean_html('<a href="https://host.example/">host.example/a</a>')


def test_our_own_html_comes_through_an_import_unchanged():
    html = render("[x](https://host.example), `y`\n\n```py\nimport z\n```")
    assert clean_html(html).split() == html.split()


def test_the_host_is_no_word_of_the_writer():
    html = render("[the docs](https://docs.example.org/x), then [more](https://a.example) here")
    assert make_plain(html) == make_excerpt(html, 99) == "the docs, then more here"
    assert make_excerpt(str(html), 99) == "the docs, then more here"
    assert find_words(make_plain(html), ["docs.example.org", "docs", "example"]) == ["docs"]
    assert is_blank(make_plain(render("[](https://host.example)")))
    assert list_link_hosts(html) == ["docs.example.org", "a.example"]


@each(
    "html",
    [
        '<a href="https://host.example/">x</a> <span class="host">(b)</span>',
        '<a href="https://host.example/">x</a> <span>(host.example)</span>',
        '<a href="https://host.example/">x</a><span class="host">(host.example)</span>',
        '<span class="host">(host.example)</span>',
        '<a>x</a> <span class="host">(host.example)</span>',
        "span <span class='host'>span</span> span",
    ],
)
def test_words_in_a_span_of_somebody_else_stay(html):
    without_tags = html.replace("<span>", "").replace("</span>", "").replace("</a>", "")
    for tag in ('<span class="host">', "<span class='host'>", "<a>"):
        without_tags = without_tags.replace(tag, "")
    words = without_tags.replace('<a href="https://host.example/">', "")
    assert make_plain(html) == words
    assert words.replace("(", "").split()[-1] in make_plain(clean_html(html)).replace("(", "")


def test_many_links_give_bounded_output():
    source = ("[x](http://a.b) " * 1_000)[:10_000]
    html = render(source)
    read_strictly(html)
    assert len(html) <= 7 * len(source)
