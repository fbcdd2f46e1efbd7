"""What is told without the parsers is what they would say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import clean_html, is_question, make_plain, normalise, prose, reading, render
from app.text.decorate import decorate
from app.text.markdown import SOURCE_MAX, Pipeline, make_comment_parser
from app.text.paragraphs import parts
from app.text.sanitize import COMMENTS
from tests.bench.site.words import pool
from tests.text.hostile import GROWTH, in_contexts, payloads

BY_PARSER = Pipeline(SOURCE_MAX, make_comment_parser(), COMMENTS)
IN_PARTS = Pipeline(SOURCE_MAX, make_comment_parser(), COMMENTS, parts)
EVERYDAY = [
    "Just words.",
    "One paragraph,\non two lines: \"quoted\" & 'so'.\n\n\nAnother one > that?",
    "Words\n\n*more* words?\n\nand\n\n- a list\n\n  of two\n- b\n\nEnd?",
    "1. first\n\nno list\n\n12) twelve",
    "  indented\n\nwords  \nbroken\\\nand\n\n```\ncode\n\n",
    "see https://host.example/a?b\n\nHTTP://HOST.EXAMPLE and x:y, a://b",
    "a\u00a0\n\n\u3000b?\u3000\n\n\ufeffc",
    "*So*, **that** is 2 * 3 *really?*\n**No**: *a b*c* *d **e***\n\n> quoted *words*?\n> and more",
    "> one\nlazy\n\n> two\n\n>three\n\n> - four",
    "[a *b*](https://host.example/x_y) and [host.example](https://other.example)?",
    "snake_case, [no link], a < b, 5 * 3, ~~no~~, # none\n===\n---",
]
SOURCES = [normalise(text) for text in (*EVERYDAY, *pool(40), *GROWTH)] + [
    normalise(source) for payload in payloads()[::20] for source in in_contexts(payload)
]
# fmt: off
SIGNS = [
    "b c", "word. ", "?", "!", "\n", "\n\n", " ", "  ", "- ", "1. ", "> ", "*", "_", "`", "```",
    "~~~", "[", "](", "<", ">", "&", "&amp;", "&#63;", "http", "https://x.example", "://", "@b",
    "\t", "\\", "#", "===", "---", "\xa0", "\u3000", "é", "\ufeff", "\u200b", ":", "//", '"', "'",
]
# fmt: on
pieces = st.lists(st.sampled_from(SIGNS), max_size=14).map("".join)
bounded = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def same(source: str) -> None:
    """Assert that the quick ways give the same HTML and answers as the parser and bleach."""
    source = normalise(source)[:SOURCE_MAX]
    html = BY_PARSER.unsafe_html(source)
    assert IN_PARTS.unsafe_html(source) == html
    assert COMMENTS.first_gate(decorate(html)) == COMMENTS.bleached(decorate(html))
    asked = prose._is_asked(source, BY_PARSER.tokens(source))
    assert (is_question(source), prose.render_with_question(source)) == (
        asked,
        (render(source), asked),
    )


def plain_by_parser(html: str) -> str:
    return reading._list_lines(reading._list_pieces(html))


def test_sources_are_read_as_the_parser_reads_them() -> None:
    assert len(SOURCES) > 150
    for source in SOURCES:
        same(source)


@given(pieces)
@bounded
def test_whatever_is_typed_is_read_as_the_parser_reads_it(source: str) -> None:
    same(source)


def test_the_plain_text_of_html_is_what_its_parser_finds() -> None:
    for source in SOURCES:
        for html in (render(source[:SOURCE_MAX]), clean_html(source), source):
            assert make_plain(html) == plain_by_parser(html)


@given(pieces, st.integers(0, 300), st.integers(0, 300))
@bounded
def test_damaged_html_has_the_text_that_its_parser_finds(source: str, end: int, begin: int) -> None:
    html = render(source + "\n\n> *a*\n> - `b`?")
    html = html[:end] + html[begin:]
    assert make_plain(html) == plain_by_parser(html)
    assert COMMENTS.first_gate(html) == COMMENTS.bleached(html)


def test_a_question_in_what_is_too_deep_is_asked_of_the_whole() -> None:
    deep = "Really?\n\n" + "> " * 30
    assert (
        prose.render_with_question(deep + "no")[1],
        prose.render_with_question(deep + "yes?")[1],
    ) == (False, True)


def test_attributes_that_hold_a_sign_of_html_go_through_bleach() -> None:
    html = '<a title="a>b" href="javascript:1" rel="c>d">t</a>'
    assert COMMENTS.first_gate(html) == COMMENTS.bleached(html) != html
