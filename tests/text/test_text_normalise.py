from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import is_blank, normalise
from tests.cases import each


@each("ends", ["\r\n", "\r", "\u2028", "\u2029", "\n"])
def test_every_line_end_becomes_lf(ends):
    assert normalise(f"a{ends}b\u00e9") == "a\nb\u00e9"
    assert normalise(f"a{ends}b") == "a\nb"


@each(
    "character",
    [
        *("\x00", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x80", "\x9f"),
        *("\ud800", "\udfff", "\ufdd0", "\ufffe", "\uffff", "\U0001ffff", "\U0010ffff"),
        *("\u202a", "\u202e", "\u2066", "\u2069", "\ufff9", "\U000e0041", "\U000e0001"),
    ],
)
def test_a_character_that_breaks_or_tricks_is_dropped(character):
    assert normalise(f"a{character}b") == "ab"


@each(
    "text",
    [
        "tab\tand  spaces",
        "می\u200cخواهم",
        "\u200fעברית\u200e",
        "👩\u200d🚀 🏳\ufe0f\u200d🌈",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "क्ष e\u0301\u0323 \u05e9\u05b8\u05c1",
        "    code stays indented\n",
        "\ufffd",
    ],
)
def test_what_honest_text_needs_stays(text):
    assert normalise(text) == text


def test_only_four_marks_may_stand_on_a_letter():
    assert normalise("a" + "\u0301" * 100 + "b") == "a" + "\u0301" * 4 + "b"


def test_invisible_characters_do_not_let_the_pile_grow():
    piled = normalise("a" + "\u0301\u200d" * 100 + "b")
    assert piled.count("\u0301") == 4


def test_a_control_between_line_ends_does_not_make_two_lines():
    assert normalise("a\r\x00\nb") == "a\nb"


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_normalising_twice_changes_nothing_and_gives_utf_8(text):
    once = normalise(text)
    assert normalise(once) == once
    assert once.encode("utf-8").decode("utf-8") == once


@each("text", ["", " \n\t", "\u200b\u200d\ufeff", "\xa0\u3000", "\u3164\u2800"])
def test_a_text_without_anything_to_see_is_blank(text):
    assert is_blank(text)


@each("text", ["a", " . ", "\u200b!", "👍", "日"])
def test_a_text_with_a_sign_is_not_blank(text):
    assert not is_blank(text)
