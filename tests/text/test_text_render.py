from concurrent.futures import ThreadPoolExecutor

import pytest
from markupsafe import Markup

from app.text import (
    ARTICLE_MAX,
    COMMENT_MAX,
    PIPELINE_VERSION,
    SOURCE_MAX,
    TooLong,
    mark_stored,
    render,
    render_article,
)
from app.text.markdown import Pipeline, make_comment_parser
from app.text.sanitize import COMMENTS
from tests.cases import each

REL = 'rel="nofollow ugc noopener"'


def test_the_result_is_markup_that_templates_do_not_escape_again():
    assert isinstance(render("x"), Markup)
    assert isinstance(render_article("x"), Markup)
    assert isinstance(mark_stored("<p>x</p>"), Markup)


def test_the_limits_and_the_version_are_numbers_of_use():
    assert COMMENT_MAX < SOURCE_MAX < ARTICLE_MAX
    assert PIPELINE_VERSION >= 1


def test_an_empty_text_gives_nothing():
    assert render("") == ""
    assert render(" \n\t\n") == ""


def test_a_text_at_the_limit_is_taken_and_beyond_it_refused():
    assert render("a" * SOURCE_MAX)
    with pytest.raises(TooLong) as refusal:
        render("a" * (SOURCE_MAX + 1))
    assert refusal.value.limit == SOURCE_MAX
    assert "10001" in str(refusal.value)


def test_an_article_has_a_limit_of_its_own():
    assert render_article("a " * SOURCE_MAX)
    with pytest.raises(TooLong):
        render_article("a" * (ARTICLE_MAX + 1))


def test_a_link_of_a_reader_carries_the_rel_of_user_content():
    assert render("https://host.example") == (
        f'<p><a href="https://host.example" {REL}>https://host.example</a></p>\n'
    )


def test_a_link_of_an_editor_is_not_called_user_content():
    html = render_article("[x](https://host.example)")
    assert 'rel="nofollow noopener"' in html


@each(
    "target",
    [
        "javascript:123",
        "JaVaScRiPt:boom(1)",
        "data:text/html,x",
        "vbscript:1",
        "//host.example",
        "/path",
        "page.html",
        "#part",
        "https:host.example",
        "https://user@host.example/",
        "https://1.2.3.999/",
        "https://host.example:99999/",
        "https://xn--a-a-a-data-ds6e/",
        "ftp://host.example/",
        "tel:+100",
        "mailto:desk@host.example?bcc=a@host.example",
    ],
)
def test_a_link_that_is_not_http_https_or_mailto_stays_text(target):
    html = render(f"[x]({target})")
    assert "<a " not in html
    assert target.replace("&", "&amp;") in html


def test_an_address_longer_than_any_real_one_stays_text():
    assert "<a " not in render("[x](https://host.example/" + "a" * 2_000 + ")")


def test_a_link_to_nowhere_is_its_text():
    assert render("[x]() [**y**]( )") == "<p>x <strong>y</strong></p>\n"


def test_a_bare_address_shows_its_host_in_punycode():
    # The first letter of the host is Cyrillic.
    html = render("https://\u0430pple.example/x and <https://\u0430pple.example>")
    assert "\u0430" not in html
    assert html.count(">https://xn--pple-43d.example") == 2


def test_a_bare_address_shows_letters_of_its_path():
    html = render("https://host.example/%D8%A7%DB%8C")
    assert 'href="https://host.example/%D8%A7%DB%8C"' in html
    assert ">https://host.example/ای</a>" in html


def test_a_bare_address_never_decodes_what_misleads():
    for escape in ("%E2%80%AE", "%20", "%22", "%C2%A0", "%FF", "%E2%80%8B"):
        assert f">https://host.example/{escape}x</a>" in render(f"https://host.example/{escape}x")


def test_only_explicit_web_addresses_become_links():
    html = render("www.host.example desk@host.example //host.example ftp://host.example a.py")
    assert "<a " not in html


def test_entities_cannot_bring_back_what_was_taken_out():
    html = render("&#x202e;gnp.exe `x` [&#8238;y](https://host.example '&#x2066;t') &#8294;")
    assert not set(html) & set("\u202e\u2066")
    assert "a" + "\u0301" * 4 + "!" in render("a" + "&#x301;" * 9 + "!")


def test_comments_have_no_headings_images_tables_or_references():
    html = render(
        "# h\n\nh\n===\n\n![i](https://host.example/i.png)\n\n|a|\n|-|\n|b|\n\n[r]: https://r"
    )
    assert not any(f"<{tag}" in html for tag in ("h1", "h3", "img", "table"))
    assert "[r]:" in html


def test_an_article_has_headings_below_those_of_the_page():
    html = render_article("# one\n\n## two\n\n### three\n\n###### six\n\nseven\n=====")
    assert html == "<h3>one</h3>\n<h3>two</h3>\n<h4>three</h4>\n<h4>six</h4>\n<h3>seven</h3>\n"


def test_an_article_has_tables():
    html = render_article("| a | b |\n|---|:-:|\n| 1 | `<2>` |")
    assert "<th>a</th>" in html
    assert "<td><code>&lt;2&gt;</code></td>" in html
    assert "style" not in html


def test_an_article_has_images_by_https():
    html = render_article('![a *b*](https://host.example/i.png "t")')
    assert html == (
        '<p><img src="https://host.example/i.png" alt="a b" title="t" loading="lazy"></p>\n'
    )


@each("source", ["http://host.example/i.png", "mailto:a@host.example", "i.png"])
def test_an_image_that_is_not_https_is_its_text(source):
    html = render_article(f"![a chart]({source})")
    assert "<img" not in html
    assert "a chart" in html


def test_an_endless_word_in_an_article_is_kept_without_looking_for_links():
    html = render_article("http://a.b/(" * 5_000)
    assert html.startswith("<p>http://a.b/(http")


@each("unit", ["> ", "- ", "1. "])
def test_nesting_beyond_reason_is_shown_as_typed_and_loses_no_word(unit):
    for depth in (3, 9, 10, 18, 19, 20, 21, 22, 500):
        html = render(unit * depth + "deep")
        assert "deep" in html
        assert html.count("<blockquote>") + html.count("<li>") < 20


def test_a_language_is_the_only_class_that_can_be_written():
    assert 'class="language-python"' in render("```python\nx\n```")
    assert "class" not in render('```"onclick=boom\nx\n```')


def test_a_failure_shows_the_words_as_they_were_typed(caplog):
    parser = make_comment_parser()

    def fail(state):
        raise RecursionError("a fault of the parser")

    parser.core.ruler.push("fail", fail)
    html = Pipeline(SOURCE_MAX, parser, COMMENTS).read("**a** <b>\r\nline & two\n")[0]
    assert html == "<p>**a** &lt;b&gt;<br>line &amp; two</p>"
    assert "fell back to plain text" in caplog.text
    assert "**a**" not in caplog.records[0].getMessage()


def test_threads_do_not_disturb_each_other():
    sources = [f"*{n}* https://host.example/{n} `<{n}>`\n\n- {n}" for n in range(40)]
    expected = [render(source) for source in sources]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(render, sources * 5)) == expected * 5


def test_rendering_is_the_same_each_time():
    source = "**a** [b](https://host.example) &amp; `c`"
    assert render(source) == render(source)
