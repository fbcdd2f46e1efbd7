"""Finding words of a list in a text, at a cost that grows with the text and not the list.

The phrases of a list form a tree of words. A text is read once: each word leads from one step to
the next, and a step knows all phrases that the last words may belong to. A step is made when a
text first leads to it, and cached. So reading costs one look-up for each word of the text,
however many phrases begin alike (a lazy automaton, as in RE2).
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.text.normalise import normalise
from app.text.tokens import Span, find_word_spans, split_words

PATTERN_MAX = 100  # characters
# Enough for a sentence of Japanese or Thai, where each character counts; a web address has a
# dozen. A sentence in English reaches PATTERN_MAX before.
TOKENS_MAX = 24  # words, signs and characters of scripts without spaces in one pattern
STEPS_MAX = 4_000  # that a list caches, about a kilobyte each; then it drops all


def clean_pattern(typed: str) -> str:
    """Return a pattern in its stored form: normalised, with single spaces."""
    return " ".join(normalise(typed).split())


def explain_pattern(pattern: str) -> str:
    """Return why a cleaned `pattern` can't be on a list, as a sentence, or an empty text."""
    if len(pattern) > PATTERN_MAX:
        return f"A word or phrase has {PATTERN_MAX} characters at most."
    number = count_tokens(pattern)
    if not number:  # it could match nothing
        return "Enter a word or phrase."
    if number > TOKENS_MAX:
        return (
            f"A phrase has at most {TOKENS_MAX} words and signs "
            f"(and characters, in scripts without spaces). These are {number}."
        )
    return ""


def count_tokens(pattern: str) -> int:
    """Count the words and signs of a pattern, without the `*` at its end."""
    return len(split_words(_without_star(pattern)))


def _without_star(pattern: str) -> str:
    return pattern.rstrip().rstrip("*")


@dataclass(eq=False, slots=True)
class _Node:
    """The first `depth` words of some phrases, and their possible next words.

    `exact` and `prefixes` hold the indexes of the patterns that end with the next word, by that
    word or by its prefix. `lengths` are the lengths of the prefixes, in characters.
    """

    depth: int
    children: dict[str, "_Node"] = field(default_factory=dict)
    exact: dict[str, tuple[int, ...]] = field(default_factory=dict)
    prefixes: dict[str, tuple[int, ...]] | None = None  # few nodes have any
    lengths: tuple[int, ...] = ()

    def add_prefix(self, prefix: str, index: int) -> None:
        self.prefixes = self.prefixes or {}
        self.prefixes[prefix] = (*self.prefixes.get(prefix, ()), index)
        if len(prefix) not in self.lengths:
            self.lengths = tuple(sorted((*self.lengths, len(prefix))))

    def find_endings(self, word: str) -> tuple[int, ...]:
        """Return the indexes of the patterns that end with `word` after this node."""
        indexes = self.exact.get(word, ())
        for length in self.lengths:
            if length > len(word):
                break
            indexes += (self.prefixes or {}).get(word[:length], ())
        return indexes


class _Step(dict[str | None, "_Step"]):
    """The state after some words of a text, with the following state by each next word.

    The key None stands for every word that is in no pattern. `nodes` are the beginnings of
    phrases that the last words match. `matches` are the indexes of the patterns that end with
    the last word, and `size` is the number of words of the longest of them.
    """

    __slots__ = ("matches", "nodes", "owner", "size")

    def __init__(
        self, owner: "WordList", nodes: tuple[_Node, ...], matches: tuple[int, ...], size: int
    ) -> None:
        self.owner, self.nodes, self.matches, self.size = owner, nodes, matches, size

    def __missing__(self, word: str | None) -> "_Step":
        step = self[word] = self.owner.make_step(self.nodes, word)
        return step

    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


class WordList:
    """Patterns that can be searched for in many texts.

    A pattern of more than `most` words and signs never matches. With `accents` False accents do
    not count.
    """

    def __init__(
        self, patterns: Iterable[str], accents: bool = True, most: int = TOKENS_MAX
    ) -> None:
        self.accents = accents
        self._root = _Node(0)
        self._whole_words: dict[str, str] = {}  # the words of all phrases, without prefixes
        self._lengths: list[int] = []  # of the prefixes
        self._prefixes: set[str] = set()
        self._letters: set[str] = set()  # the first letters of the prefixes
        indexes: dict[str, int] = {}
        for pattern in patterns:
            if pattern not in indexes:
                indexes[pattern] = len(indexes)
                self._add(indexes[pattern], pattern, most)
        self.patterns = tuple(indexes)
        self._drop_steps()

    def _add(self, index: int, pattern: str, most: int) -> None:
        words = self.read(_without_star(pattern))
        if not 0 < len(words) <= most:
            return
        *head, last = words
        node = self._root
        for word in head:
            self._whole_words[word] = word
            if word not in node.children:
                node.children[word] = _Node(node.depth + 1)
            node = node.children[word]
        if pattern.rstrip().endswith("*"):
            node.add_prefix(last, index)
            self._prefixes.add(last)
            self._letters.add(last[0])
            if len(last) not in self._lengths:
                insort(self._lengths, len(last))
        else:
            self._whole_words[last] = last
            node.exact[last] = (*node.exact.get(last, ()), index)

    def read(self, text: str) -> list[str]:
        """Return the words of `text` as this list compares them."""
        return split_words(text) if self.accents else find_word_spans(text, accents=False)[0]

    def _recognise(self, words: Sequence[str]) -> Iterable[str | None]:
        """Return `words` with None for each that is in no pattern; nothing if none is in one.

        So a step caches one next step for all words that are in no pattern.
        """
        if not self._prefixes:
            is_unrelated = self._whole_words.keys().isdisjoint(words)
            return () if is_unrelated else map(self._whole_words.get, words)
        distinct = set(words)
        relevant = {word: word for word in distinct & self._whole_words.keys()}
        relevant |= {
            word: self._shorten(word)
            for word in distinct - relevant.keys()
            if word[0] in self._letters and self._has_prefix(word)
        }
        return map(relevant.get, words) if relevant else ()

    def _shorten(self, word: str) -> str:
        """Return the key of a word that can match by a prefix only.

        A step caches the key, and a text may have words of thousands of letters. No word contains
        the line end of a shortened key, so the key never equals a whole word.
        """
        longest = self._lengths[-1]
        return word if len(word) <= longest else word[:longest] + "\n"

    def _has_prefix(self, word: str) -> bool:
        """Return whether `word` begins with one of the prefixes."""
        for length in self._lengths:
            if length > len(word):
                return False
            if word[:length] in self._prefixes:
                return True
        return False

    def occurs_in(self, words: Sequence[str]) -> bool:
        """Return whether any pattern occurs in `words`, the result of `read`."""
        step = self._start
        for word in self._recognise(words):
            step = step[word]
            if step.size:
                return True
        return False

    def find(self, words: Sequence[str]) -> list[str]:
        """Return the patterns that occur in `words`, in the order of the list."""
        step, matching = self._start, set[_Step]()
        for word in self._recognise(words):
            step = step[word]
            if step.size:
                matching.add(step)
        indexes = {index for step in matching for index in step.matches}
        return [self.patterns[index] for index in sorted(indexes)]

    def find_spans(self, text: str) -> list[Span]:
        """Return the spans of `text` that match patterns, in order; overlapping ones are merged."""
        if self.accents and not self.occurs_in(split_words(text)):
            return []
        words, spans = find_word_spans(text, self.accents)
        return _merge(self._list_longest(words, spans))

    def _list_longest(self, words: Sequence[str], spans: Sequence[Span]) -> list[Span]:
        """Return the span of the longest pattern that ends with a word, for each such word."""
        step, longest = self._start, list[Span]()
        for number, word in enumerate(self._recognise(words)):
            step = step[word]
            if step.size:
                longest.append((spans[number + 1 - step.size][0], spans[number][1]))
        return longest

    def make_step(self, nodes: tuple[_Node, ...], word: str | None) -> _Step:
        """Return the step to which `word` leads from `nodes`.

        This costs a look-up for each node, of which there are no more than words in a pattern.
        """
        if word is None:
            return self._start
        following = [self._root]
        matches: list[int] = []
        size = 0
        for node in nodes:
            if child := node.children.get(word):
                following.append(child)
            if endings := node.find_endings(word):
                matches += endings
                size = max(size, node.depth + 1)
        if self._step_count >= STEPS_MAX:
            self._drop_steps()
        self._step_count += 1
        key = (tuple(following), tuple(matches))
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = _Step(self, *key, size)
        return step

    def _drop_steps(self) -> None:
        """Drop all cached steps but the first; searches that run meanwhile keep theirs."""
        self._start = _Step(self, (self._root,), (), 0)
        self._steps: dict[tuple[tuple[_Node, ...], tuple[int, ...]], _Step] = {
            (self._start.nodes, ()): self._start
        }
        self._step_count = 0


def _merge(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
