import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import (
    SLUG_MAX,
    has_links,
    list_link_hosts,
    make_excerpt,
    make_plain,
    make_slug,
    render,
    render_article,
)
from tests.cases import each


def test_a_short_text_is_not_cut():
    assert make_excerpt("A **short** text", 80) == "A short text"


def test_a_long_text_is_cut_at_a_word_with_an_ellipsis():
    assert make_excerpt("The quick brown fox jumps", 14) == "The quick…"
    assert make_excerpt("The quick brown fox jumps", 16) == "The quick brown…"


def test_no_punctuation_hangs_before_the_ellipsis():
    assert make_excerpt("Models, tools, and people", 16) == "Models, tools…"


def test_markdown_is_read_and_not_shown():
    source = (
        "# Head\n\n- one [two](https://host.example)\n- `three`\n\n![i](https://host.example/i)"
    )
    assert make_excerpt(source, 99) == "Head one two three"


def test_html_of_the_pipeline_is_read_and_not_shown():
    assert make_excerpt(render("a **b** &amp; <c>\n\nd"), 99) == "a b & <c> d"
    assert make_excerpt(str(render("a **b**")), 99) == "a b"
    assert make_excerpt(str(render_article("## a\n\nb")), 99) == "a b"


def test_a_language_without_spaces_is_cut_between_letters():
    assert make_excerpt("人工知能の研究者たちは新しい手法を発表した", 8) == "人工知能の研究…"


def test_a_letter_keeps_its_marks_or_goes_with_them():
    assert make_excerpt("abcde\u0301\u0323fgh", 6) == "abcd…"


def test_a_long_source_is_read_only_as_far_as_needed():
    assert make_excerpt("word " * 40_000, 12) == "word word…"


def test_an_excerpt_without_room_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        make_excerpt("x", 0)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.text(), st.integers(1, 60))
def test_an_excerpt_is_never_longer_than_asked_and_has_one_line(text, length):
    cut = make_excerpt(text, length)
    assert len(cut) <= length
    assert "\n" not in cut


def test_plain_text_keeps_lines_for_blocks():
    html = render("one\ntwo\n\n- a\n- b\n\n> q\n\n```\nx  y\n```")
    assert make_plain(html) == "one\ntwo\na\nb\nq\nx y"


def test_plain_text_has_entities_resolved_and_scripts_left_out():
    html = "<p>a &lt;b&gt; &amp; c</p><script>x</script><!-- y --><table><tr><td>1<td>2"
    assert make_plain(html) == "a <b> & c\n1 2"


def test_links_are_seen():
    assert has_links(render("see https://host.example"))
    assert has_links(render("[mail](mailto:desk@host.example)"))
    assert not has_links(render("no link, www.host.example, [x](javascript:1), `https://a.b`"))


def test_hosts_come_once_in_order_and_lower_case():
    html = render(
        "https://B.example/1 https://a.example:8080/x [x](https://b.example) <d@host.example>"
    )
    assert list_link_hosts(html) == ["b.example", "a.example"]


def test_the_host_of_another_alphabet_is_in_punycode():
    assert list_link_hosts(render("https://\u0430pple.example/")) == ["xn--pple-43d.example"]


@each(
    ("text", "expected"),
    [
        ("Hello, World!", "hello-world"),
        ("Ünïcode & café — №1", "unicode-cafe-no1"),
        ("It's 50% “faster”", "its-50-faster"),
        ("Straße", "strasse"),
        ("  --a--b--  ", "a-b"),
        ("人工知能", "article"),
        ("", "article"),
    ],
)
def test_a_slug_is_ascii_words(text, expected):
    assert make_slug(text, "article") == expected


def test_a_slug_is_cut_at_a_word():
    cut = make_slug("models " * 30, "x")
    assert len(cut) <= SLUG_MAX
    assert cut.endswith("-models")


def test_a_slug_of_one_long_word_is_cut_in_it():
    assert make_slug("a" * 200, "x") == "a" * SLUG_MAX
    assert make_slug("a" * 70 + " " + "b" * 20, "x") == "a" * 70
