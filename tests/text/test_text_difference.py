"""Two versions of a text, told apart word by word."""

import random
import re
from difflib import SequenceMatcher

from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from app.text import difference, normalise, render_word_diff
from tests.cases import each

HIDDEN = re.compile(r'<span class="visually-hidden">[^<]*</span>')


def seen(old: str, new: str) -> str:
    """Return the difference as it is seen, without what only a screen reader says."""
    return HIDDEN.sub("", render_word_diff(old, new))


def without(tag: str, html: str) -> str:
    return re.sub(f"<{tag}>.*?</{tag}>", "", html, flags=re.S)


@each(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        ("same words", "same words", "same words"),
        ("", "new", "<ins>new</ins>"),
        ("old", "", "<del>old</del>"),
        ("a b c", "a x c", "a <del>b</del><ins>x</ins> c"),
        ("a b c d", "a x y d", "a <del>b c</del><ins>x y</ins> d"),
        ("one three", "one two three", "one<ins> two</ins> three"),
        ("one two three", "one three", "one<del> two</del> three"),
        ("don't stop", "do stop", "<del>don&#39;t</del><ins>do</ins> stop"),
        ("end.", "end!", "end<del>.</del><ins>!</ins>"),
        ("a\nb", "a\nc", "a<br><del>b</del><ins>c</ins>"),
        ("a\r\nb", "a\nb", "a<br>b"),
        ("a b", "a\n\nb", "a<ins><br><br></ins> b".replace("</ins> b", "</ins>b")),
        ("a  b", "a b", "a b"),
        ("<b>&", "<i>&", "&lt;<del>b</del><ins>i</ins>&gt;&amp;"),
        ("我们有免费的礼物", "我们有礼物", "我们有<del>免费的</del>礼物"),
        ("می‌خواهم سلام", "می‌خواهم درود", "می‌خواهم <del>سلام</del><ins>درود</ins>"),
        ("go 👩‍🚀 go", "go 👩 go", "go <del>👩‍🚀</del><ins>👩</ins> go"),
    ],
)
def test_changed_words_are_marked(old, new, expected):
    assert seen(old, new) == expected


def test_a_screen_reader_hears_where_a_change_begins_and_ends():
    assert render_word_diff("a", "b") == (
        '<del><span class="visually-hidden">[removed: </span>a'
        '<span class="visually-hidden">] </span></del>'
        '<ins><span class="visually-hidden">[added: </span>b'
        '<span class="visually-hidden">] </span></ins>'
    )


def test_the_result_is_markup():
    assert isinstance(render_word_diff("a", "b"), Markup)


def test_a_word_changed_in_a_long_text_is_one_word():
    words = [f"word{number % 50}" for number in range(2_000)]
    changed = [*words[:900], "other", *words[901:]]
    assert seen(" ".join(words), " ".join(changed)).count("<del>word0</del><ins>other</ins>") == 1


def test_texts_with_too_many_changed_words_are_compared_by_lines():
    old = "\n".join(f"line {number} of a text" for number in range(600))
    new = old.replace("line 0 ", "row 0 ").replace("line 599 ", "row 599 ")
    assert len(old.split()) + len(new.split()) > difference.PIECES_MAX
    html = seen(old, new)
    assert "<del>line 0 of a text<br></del><ins>row 0 of a text<br></ins>line 1" in html
    assert html.endswith("<del>line 599 of a text</del><ins>row 599 of a text</ins>")


@each(
    ("old", "new"),
    [
        ("a " * 2_500, "b " + "a b " * 1_200),
        ("中国" * 2_000, "国中国国" * 1_200),
        ("a\n" * 2_500, "b\n" + "a\nb\n" * 1_200),
        ("中国" * 700, "国中国国" * 370),
    ],
)
def test_monotonous_texts_are_not_compared_at_all(old, new):
    html = seen(old, new)
    assert html.count("<del>") == html.count("<ins>") == 1


def monotonous(kind: str, number: int) -> str:
    """One of the versions that make difflib look at the same pairs again and again."""
    shuffled = random.Random(number).sample(range(1_490), 1_490)
    texts = {
        "few words": " ".join(str(i * 7919 * number % 172) for i in range(1_490)),
        "shuffled": " ".join(f"{i // 10:02x}" for i in shuffled),
        "lines": "\n".join(f"{i // 20:02x}" for i in shuffled),
        "signs": "".join(random.Random(number).choices("a!b?c.", k=10_000)),
        "letters": "".join(chr(0x4E00 + i // 10) for i in shuffled),
        "a thousand words": " ".join(f"{i // 5:x}" for i in shuffled[:990]),
    }
    return texts[kind]


def test_what_a_comparison_looks_at_has_an_end(monkeypatch):
    looks = 0
    longest = SequenceMatcher.find_longest_match

    def counted(self, alo=0, ahi=None, blo=0, bhi=None):
        nonlocal looks
        looks += sum(len(self.b2j.get(word, ())) for word in self.a[alo:ahi])
        return longest(self, alo, ahi, blo, bhi)

    monkeypatch.setattr(SequenceMatcher, "find_longest_match", counted)
    costs = {}
    for kind in ("few words", "shuffled", "lines", "signs", "letters", "a thousand words"):
        looks = 0
        difference.render_word_diff(monotonous(kind, 2), monotonous(kind, 3))
        costs[kind] = looks
    assert {kind: cost for kind, cost in costs.items() if cost > 50_000} == {}
    assert any(costs.values())  # some of them are compared all the same


words = st.text(st.sampled_from("ab \n<&'.é中👩\u200d\t"), max_size=60) | st.text(max_size=40)


@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(words, words)
def test_both_texts_stand_in_the_difference(old, new):
    def shape(text: str) -> str:
        return "".join(str(escape(normalise(text))).replace("\n", "<br>").split())

    html = seen(old, new)
    for tag, text in (("ins", old), ("del", new)):
        kept = without(tag, html).replace("<del>", "").replace("</del>", "")
        assert "".join(kept.replace("<ins>", "").replace("</ins>", "").split()) == shape(text)
    assert re.findall(r"<(?!/?(?:ins|del)>|br>)", html) == []


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(words)
def test_a_text_does_not_differ_from_itself(text):
    assert "<ins>" not in render_word_diff(text, text)
    assert "<del>" not in render_word_diff(text, text)
