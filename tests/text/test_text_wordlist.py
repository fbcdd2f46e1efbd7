"""Lists of words: what a pattern may be, and that the cost is the text's and not the list's."""

import random

from app import text
from app.text import TOKENS_MAX, WordList, explain_pattern, highlight_words, mark_words
from app.text import wordlist as module
from tests.cases import each
from tests.text.patterns import find_words


class Counted(WordList):
    """A list that counts the steps which it makes; all else of a walk is one look-up a word."""

    made = 0

    def make_step(self, nodes, word):
        self.made += 1
        # A pattern is no longer than this, so no more beginnings can be under way at once.
        assert len(nodes) <= TOKENS_MAX
        return super().make_step(nodes, word)


def signs(chooser, length):
    return "".join(chooser.choices("!?", k=length))


@each("unit", ["!", "!!!?", "! ", "中", "a ", "!\u200b", "e\u0301 ", "!?.,;:"])
def test_a_walk_makes_a_step_once_however_long_the_text_and_the_list(unit):
    few = [unit * size + "§" for size in range(1, 12)]
    many = few + [f"{pattern[:-1]}{letter}" for pattern in few for letter in "bcdefghijk"]
    many += [f"{pattern}*" for pattern in many]
    made = []
    for patterns in (few, many):
        for length in (500, 1_000, 2_000):
            words = Counted(patterns)
            assert not words.occurs_in(words.read(unit * length + "."))
            made.append(words.made)
    assert made == [made[0]] * len(made), made
    assert made[0] <= 3 * TOKENS_MAX


def test_the_worst_text_makes_no_more_steps_than_it_has_words():
    chooser = random.Random(4)
    for size in (20, 200, 2_000):
        words = Counted(signs(chooser, 20) + "§" for _ in range(size))
        source = signs(chooser, 3_000) + "§"
        words.find(words.read(source))
        assert words.made <= 3_001


def test_what_a_list_remembers_has_an_end_and_is_the_same_afterwards(monkeypatch):
    monkeypatch.setattr(module, "STEPS_MAX", 20)
    patterns = ["a b*", "b c", *(f"x{number}" for number in range(50))]
    words = Counted(patterns)
    source = words.read(" ".join(f"x{number} a b{number} c" for number in range(50)))
    expected = ["a b*", *patterns[2:]]
    assert words.find(source) == expected
    assert words.made > 20
    assert len(words._steps) <= 20 + 1
    assert words.find(source) == expected


def test_a_list_remembers_no_long_words_of_texts():
    words = WordList(["a*", "bcd*"])
    for letter in "ab":
        assert words.find([letter + "cd" * 5_000]) == (["a*"] if letter == "a" else ["bcd*"])
    kept = [key for step in words._steps.values() for key in step if key is not None]
    assert max(map(len, kept)) <= module.PATTERN_MAX + 1


def test_a_list_finds_what_a_plain_search_finds():
    """Each pattern's words in a row, at every place of the text."""
    chooser, wrong = random.Random(11), []
    signs_of = "ab!é中กั \u200b*B"
    for _ in range(3_000):
        source = "".join(chooser.choices(signs_of, k=chooser.randrange(30)))
        patterns = ["".join(chooser.choices(signs_of, k=chooser.randrange(1, 7))) for _ in range(4)]
        words = text.split_words(source)
        expected = [p for p in dict.fromkeys(patterns) if stands_in(words, p)]
        if find_words(source, patterns) != expected:
            wrong.append((source, patterns))
        if bool(expected) != ("<mark>" in mark_words(source, patterns)):
            wrong.append((source, patterns))
    assert wrong == []


def stands_in(words, pattern):
    wanted = text.split_words(pattern.rstrip().rstrip("*"))
    for start in range(len(words) - len(wanted) + 1) if wanted else ():
        *head, last = words[start : start + len(wanted)]
        begins = pattern.rstrip().endswith("*") and last.startswith(wanted[-1])
        if head == wanted[:-1] and (begins or last == wanted[-1]):
            return True
    return False


@each(
    ("pattern", "sentence"),
    [
        ("!" * TOKENS_MAX, ""),
        ("! " * TOKENS_MAX + "*", ""),
        ("กรุงเทพมหานคร", ""),
        ("ソーシャルネットワーキングサービス", ""),
        ("https://www.example.org/a/page?id=1", ""),
        ("a sentence in English may be as long as a hundred characters let it be", ""),
        ("!" * (TOKENS_MAX + 1), "A phrase has at most 24 words and signs"),
        ("中" * 30, "These are 30."),
        ("x" * 101, "100 characters at most"),
        ("*", "Enter a word or phrase."),
        ("\u200b", "Enter a word or phrase."),
    ],
)  # fmt: skip
def test_what_a_pattern_may_be(pattern, sentence):
    problem = explain_pattern(text.clean_pattern(pattern))
    assert sentence in problem
    assert bool(problem) == bool(sentence)


def test_what_is_too_long_for_a_list_is_never_found_and_hides_no_other():
    source = "!" * 500 + " spam"
    long = [f"{'!' * size}" for size in range(TOKENS_MAX + 1, 101)]
    assert find_words(source, [*long, "spam", "!" * TOKENS_MAX]) == ["spam", "!" * TOKENS_MAX]


def test_a_search_may_be_longer_than_a_pattern():
    phrase = "人工知能の研究者たちは新しい手法を発表したとのことである"
    assert len(phrase) > TOKENS_MAX
    assert f"<mark>{phrase}</mark>" in highlight_words(f"昨日{phrase}。", [phrase], 80)


def test_a_search_for_an_accent_alone_or_before_a_sign_finds_what_is_there():
    assert highlight_words("a ! b", ["\u0301", "\u0301!b", "b"], 40) == "a <mark>! b</mark>"
    assert highlight_words("a", ["\u0301"], 40) == "a"


def test_narrow_sound_marks_are_those_of_the_letter_before():
    assert find_words("ｶﾞｲﾄﾞ", ["ガイド"]) == ["ガイド"]
    assert mark_words("x ｶﾞｲﾄﾞ", ["ガイド"]) == "x <mark>ｶﾞｲﾄﾞ</mark>"
