from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from app.text import mark_words
from tests.cases import each
from tests.text.patterns import find_words


@each(
    ("text", "pattern"),
    [
        ("a bad word", "bad"),
        ("BAD!", "bad"),
        ("so bad", "BAD"),
        ("(bad)", "bad"),
        ("bad-tempered", "bad"),
        ("ｂａｄ", "bad"),
        ("b\u200ba\u00add", "bad"),
        ("Straße", "strasse"),
        ("cafe\u0301", "café"),
        ("badly", "bad*"),
        ("bad", "bad*"),
        ("get free  money\nnow", "free money"),
        ("free\nmoney", "free money"),
        ("free moneys", "free money*"),
        ("I don't", "don't"),
        ("in c++ too", "c++"),
        ("pay 💊 here", "💊"),
        ("我们有免费的礼物", "免费"),
        ("한국어 나쁜", "나쁜"),
        ("हिन्दी शब्द", "शब्द"),
        ("f*ck", "f*ck"),
        ("a.b(c)", "a.b(c)"),
    ],
)
def test_a_listed_word_is_found(text, pattern):
    assert find_words(text, [pattern]) == [pattern]


@each(
    ("text", "pattern"),
    [
        ("badly", "bad"),
        ("forbad", "bad"),
        ("forbadly", "bad*"),
        ("free, money", "free money"),
        ("money free", "free money"),
        ("free", "free money"),
        ("cafés", "cafe*"),
        ("axb", "a.b"),
        ("शब्दों", "शब्द"),
        ("anything", "*"),
        ("anything", ""),
        ("anything", "  "),
        ("", "bad"),
    ],
)
def test_another_word_is_not_found(text, pattern):
    assert find_words(text, [pattern]) == []


def test_patterns_come_back_as_they_were_listed_in_order_and_once():
    patterns = ["Zeta", "free money", "alpha*", "zeta", "none", "Zeta"]
    assert find_words("free money alphabet ZETA zeta", patterns) == [
        "Zeta", "free money", "alpha*", "zeta",
    ]  # fmt: skip


def test_patterns_may_come_from_any_iterable():
    assert find_words("a b", (word for word in ("b", "c"))) == ["b"]


def test_signs_of_regular_expressions_are_only_signs():
    assert find_words("aaa", [".*", "(a+)+$", "[a-z]", "\\w"]) == []


def test_marked_words_stand_in_mark_and_all_else_is_escaped():
    marked = mark_words('<b>Bad</b> & "bad"\nfree\r\nmoney', ["bad", "free money"])
    assert isinstance(marked, Markup)
    assert marked == (
        "&lt;b&gt;<mark>Bad</mark>&lt;/b&gt; &amp; &#34;<mark>bad</mark>&#34;<br>"
        "<mark>free<br>money</mark>"
    )


def test_overlapping_matches_share_one_mark():
    assert mark_words("free money now", ["free money", "money now", "free"]) == (
        "<mark>free money now</mark>"
    )


def test_a_mark_covers_the_letters_as_they_were_written():
    assert mark_words("x ｂａ\u200bｄ y", ["bad"]) == "x <mark>ｂａ\u200bｄ</mark> y"
    assert mark_words("Straße é", ["strasse"]) == "<mark>Straße</mark> é"


def test_without_words_the_text_is_only_escaped():
    assert mark_words("a < b\nc", []) == "a &lt; b<br>c"


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.text(), st.lists(st.text(max_size=8), max_size=4))
def test_marking_loses_nothing_and_agrees_with_finding(text, words):
    marked = mark_words(text, words)
    assert bool(find_words(text, words)) == ("<mark>" in marked)
    bare = marked.replace("<mark>", "").replace("</mark>", "")
    assert bare == mark_words(text, [])


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8))
def test_a_word_finds_itself_between_others(word):
    assert find_words(f"before {word} after", [word]) == [word]


def test_a_long_text_and_a_long_list_go_together():
    words = [f"w{n}*" for n in range(2_000)] + [f"a b{n}" for n in range(500)]
    assert find_words("a b " * 20_000 + "w1999x", words)[-1] == "w1999*"
