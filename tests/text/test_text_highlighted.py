"""Excerpts of what a search found."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from app.text import highlight_words
from tests.cases import each
from tests.text.patterns import find_words

TEXT = (
    "The quick brown fox jumps over the lazy dog and never\ncomes back to the yard again, "
    "for it was tired."
)


def test_a_short_text_is_shown_whole_with_its_matches_marked():
    found = highlight_words("A <b> café & a\nCAFE", ["cafe"], 80)
    assert isinstance(found, Markup)
    assert found == "A &lt;b&gt; <mark>café</mark> &amp; a <mark>CAFE</mark>"


def test_the_excerpt_lies_around_the_first_match():
    assert (
        highlight_words(TEXT, ["lazy"], 40)
        == "…over the <mark>lazy</mark> dog and never comes back…"
    )


def test_an_excerpt_at_an_end_is_open_at_the_other_alone():
    assert highlight_words(TEXT, ["quick"], 30) == "The <mark>quick</mark> brown fox jumps…"
    assert highlight_words(TEXT, ["tired"], 30) == "…yard again, for it was <mark>tired</mark>."


def test_without_a_match_the_beginning_is_shown():
    assert highlight_words(TEXT, ["zebra"], 21) == "The quick brown fox…"
    assert highlight_words(TEXT, [], 21) == "The quick brown fox…"


@each(
    ("text", "word", "marked"),
    [
        ("Ünïcode", "unicode", "Ünïcode"),
        ("unicode", "Ünïcode", "unicode"),
        ("Cafés", "cafe*", "Cafés"),
        ("cafe\u0301s", "café*", "cafe\u0301s"),
        ("Straße", "STRASSE", "Straße"),
        ("never comes", "never comes", "never comes"),
        ("我们有免费的礼物", "免费", "免费"),
        ("ｗｏｒｄ", "word", "ｗｏｒｄ"),
    ],
)
def test_case_width_and_accents_do_not_count(text, word, marked):
    assert f"<mark>{marked}</mark>" in highlight_words(text, [word], 40)


@each(("text", "word"), [("cafeteria", "cafe"), ("decaf", "caf*"), ("x", "*")])
def test_parts_of_words_are_no_match(text, word):
    assert "<mark>" not in highlight_words(text, [word], 40)


def test_lists_of_moderation_still_tell_accents_apart():
    highlight_words("café", ["cafe"], 40)
    assert find_words("café", ["cafe"]) == []


def test_a_text_without_spaces_is_cut_between_letters():
    found = highlight_words("人工知能の研究者たちは新しい手法を発表した", ["研"], 8)
    assert re.sub("<[^>]*>", "", found) == "…能の研究者た…"


def test_an_excerpt_without_room_is_refused():
    with pytest.raises(ValueError, match="room for 3"):
        highlight_words("text", ["text"], 2)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.text(st.sampled_from("ab é\u0301中<&\n\u200d"), max_size=80) | st.text(max_size=60),
    st.lists(st.text(max_size=5) | st.sampled_from(["a", "b*", "中", "ab"]), max_size=3),
    st.integers(3, 50),
)
def test_an_excerpt_is_a_piece_of_the_text_and_never_longer_than_asked(text, words, length):
    found = highlight_words(text, words, length)
    assert found.count("<mark>") == found.count("</mark>")
    shown = Markup(found.replace("<mark>", "").replace("</mark>", "")).unescape()
    assert "<" not in found.replace("<mark>", "").replace("</mark>", "")
    line = " ".join(text.split())
    assert len(shown) <= length
    assert shown == line or shown.strip("…") in line
    if find_words(text, words) and length > 20:
        assert "<mark>" in found
