"""What a source says besides its code, links and quotes: names, tone, questions, length."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import (
    SOURCE_MAX,
    count_lines,
    is_only_links,
    is_question,
    is_shouting,
    list_mentions,
    render,
    render_article,
)
from tests.cases import each
from tests.text.hostile import GROWTH


@each(
    ("source", "names"),
    [
        ("@rhea", ["rhea"]),
        ("Hello @rhea, @ravi and @Rhea!", ["rhea", "ravi"]),
        ('(@rhea) "@ravi" *@nils* **@mo-mo** ~~@edda~~', ["rhea", "ravi", "nils", "mo-mo", "edda"]),
        ("_@rhea_ and __@ravi__", ["rhea", "ravi"]),
        ("@_rhea_ and @__ravi__, @r_h_ea", ["_rhea_", "__ravi__", "r_h_ea"]),
        ("@rhea. @ravi: @nils? @edda's", ["rhea", "ravi", "nils", "edda"]),
        ("- @rhea\n\n> @ravi\n\n1. @nils", ["rhea", "ravi", "nils"]),
        ("one\n@rhea\n@ravi", ["rhea", "ravi"]),
        ("من و@rhea، さん@raviさん", ["rhea", "ravi"]),
        ("@" + "a" * 20, ["a" * 20]),
        ("for &#64;rhea and &commat;ravi", ["rhea", "ravi"]),
    ],
)
def test_a_name_after_an_at_sign_is_a_mention(source, names):
    assert list_mentions(source) == names


@each(
    "source",
    [
        "rhea",
        "@",
        "@rh",
        "@" + "a" * 21,
        "@@rhea",
        "desk@rhea.example",
        "a.b@rhea",
        "a+b@rhea and a-b@rhea",
        "@rhea@host.example",
        "@rhea.example",
        "@rhéa",
        "éa@rhea",
        "`@rhea`",
        "```\n@rhea\n```",
        "    @rhea",
        "[@rhea](https://host.example)",
        "https://host.example/@rhea",
        "<https://host.example/@rhea>",
        "www.host.example/@rhea",
        "@ rhea",
        "＠rhea",
    ],
)
def test_anything_else_is_none(source):
    assert list_mentions(source) == []


def test_at_most_ten_are_mentioned():
    source = " ".join(f"@name{number}" for number in range(15))
    assert list_mentions(source) == [f"name{number}" for number in range(10)]


def test_words_that_are_shown_as_typed_mention_as_well():
    assert list_mentions("> " * 30 + "@rhea") == ["rhea"]


@each(
    "source",
    [
        "WHY DOES NOBODY EVER LISTEN",
        "THIS IS *NOT* WHAT I SAID, ok",
        "`quiet` ПОЧЕМУ НИКТО НЕ СЛУШАЕТ",
        "> somebody else said it calmly and at length\n\nWHO CARES, YOU ARE ALL WRONG",
    ],
)
def test_mostly_capitals_are_shouting(source):
    assert is_shouting(source)


@each(
    "source",
    [
        "",
        "WHY NOT",
        "ABCDEFGHIJKLMNOPQRS",
        "ABCDEFGHIJKLMN abcdef",
        "The API of the LLM at NASA was a topic",
        "`SELECT NAME FROM USERS WHERE TRUE` is it",
        "```\nSELECT NAME FROM USERS WHERE TRUE\n```",
        "https://HOST.EXAMPLE/THIS/IS/A/LONG/PATH",
        "[A VERY LOUD TITLE OF SOME PAGE](https://host.example)",
        "> WHY DOES NOBODY EVER LISTEN\n\nThey do.",
        "你为什么不听我说话你为什么不听我说话你为什么不听我说话",
        "12345678901234567890 !!!!!!!!!!!!!!!!!!!!!!!",
    ],
)
def test_acronyms_quotes_code_and_short_cries_are_not(source):
    assert not is_shouting(source)


def test_seventy_per_cent_are_not_yet_shouting():
    assert not is_shouting("A" * 70 + "b" * 30)
    assert is_shouting("A" * 71 + "b" * 29)


@each(
    "source",
    [
        "Why?",
        "Is it so? \n\nI think it is.",
        "I wonder.\n\n(Is it *so?*)",
        "He asked “is it so?”",
        "Really?!",
        "- one\n- or two?",
        "Is it `x`?",
        "[Is it so?](https://host.example)",
        "Have you read https://host.example/a ?",
        "本当ですか？",
        "هل هذا صحيح؟",
        "Είναι αλήθεια\u037e",
        "1. why?",
    ],
)
def test_a_paragraph_that_ends_with_a_question_mark_is_a_question(source):
    assert is_question(source)


@each(
    "source",
    [
        "",
        "No.",
        "Why? Because.",
        "> Why?\n\nBecause.",
        "> - Why?",
        "`Why?`",
        "```\nWhy?\n```",
        "    why?",
        "https://host.example/?a=1",
        "See <https://host.example/a?>",
        "a; b;",
    ],
)
def test_questions_of_others_and_of_code_are_not(source):
    assert not is_question(source)


@each(
    "source",
    [
        "https://host.example",
        "[a long title of a page](https://host.example)",
        "- https://host.example\n- → <https://b.example>!",
        "**[mail](mailto:desk@host.example)** 👍",
    ],
)
def test_links_alone_are_only_links(source):
    assert is_only_links(render(source))
    assert is_only_links(render_article(source))


@each(
    "source",
    ["", "words", "see https://host.example", "https://host.example 看", "`x` https://b.example",
     "1. https://host.example 2", "[x](javascript:1)", "!!!"],
)  # fmt: skip
def test_links_with_words_and_words_without_links_are_not(source):
    assert not is_only_links(render(source))


@each(
    ("text", "count"),
    [
        ("", 0),
        ("\n\n", 0),
        ("word", 1),
        ("a\nb\r\nc", 3),
        ("a\n\nb\n", 3),
        ("a" * 75, 1),
        ("a" * 76, 2),
        ("文" * 75, 2),
        ("e\u0301" * 75, 1),
        ("a" * 200 + "\n" + "b", 4),
    ],
)
def test_lines_are_counted_as_they_are_drawn(text, count):
    assert count_lines(text) == count


def test_lines_depend_on_their_width():
    assert count_lines("a" * 100, 10) == 10
    with pytest.raises(ValueError, match="at least 1"):
        count_lines("a", 0)


@each("unit", [*GROWTH, "@abc ", "@_a", "@", "a?\n\n", "A"])
def test_growing_input_comes_to_an_end(unit):
    source = (unit * SOURCE_MAX)[: SOURCE_MAX // 4]
    assert len(list_mentions(source)) <= 10
    assert is_shouting(source) in (True, False)
    assert is_question(source) in (True, False)
    assert count_lines(source) <= len(source)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.text(), st.text(), st.from_regex(r"[A-Za-z0-9]{3,20}", fullmatch=True))
def test_any_text_can_be_asked(before, after, name):
    source = f"{before}\n\n@{name} {after}"
    assert len(list_mentions(source)) <= 10
    assert is_question(source + "\n\nor?") or "`" in source or "~" in source or ">" in source
    assert list_mentions(f"@{name}") == [name]
