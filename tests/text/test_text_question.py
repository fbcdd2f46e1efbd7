"""A comment is parsed once for its HTML and for whether it asks something."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import is_question, render, render_with_question

EVERYDAY = [
    "Just words.",
    "One paragraph,\non two lines: \"quoted\" & 'so'.\n\n\nAnother one > that?",
    "Words\n\n*more* words?\n\nand\n\n- a list\n\n  of two\n- b\n\nEnd?",
    "  indented\n\nwords  \nbroken\\\nand\n\n```\ncode?\n\n",
    "see https://host.example/a?b\n\nHTTP://HOST.EXAMPLE and x:y, a://b",
    "a\u00a0\n\n\u3000b?\u3000\n\n\ufeffc",
    "> quoted *words*?\n> and more",
    "Really&#63;",
    "\u202eReally?\u202c",
]
# fmt: off
SIGNS = [
    "b c", "word. ", "?", "!", "\n", "\n\n", " ", "- ", "1. ", "> ", "*", "_", "`", "```",
    "[", "](", "<", ">", "&", "&#63;", "http", "https://x.example", "\t", "\\", "é", "\u200b", '"',
]
# fmt: on
pieces = st.lists(st.sampled_from(SIGNS), max_size=14).map("".join)


def same(source: str) -> None:
    assert render_with_question(source) == (render(source), is_question(source)), source


def test_everyday_sources_are_rendered_and_asked_alike_in_one_reading() -> None:
    for source in EVERYDAY:
        same(source)


@given(pieces)
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_whatever_is_typed_is_rendered_and_asked_alike_in_one_reading(source: str) -> None:
    same(source)


def test_a_question_in_what_is_too_deep_is_asked_of_the_whole() -> None:
    deep = "Really?\n\n" + "> " * 30
    asked = [render_with_question(deep + end)[1] for end in ("no", "yes?")]
    assert asked == [False, True]
