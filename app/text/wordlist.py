"""Finding the words of a list in a text, at a cost that grows with the text and not the list.

A list is read into a tree of its phrases, word by word. A text is then walked once: each word
leads from one step to the next, and a step knows all phrases that the last words may belong to.
Steps are made when a text first leads there and remembered, so a walk is one look-up for each
word of the text, however many phrases begin alike (an automaton made lazily, as RE2 does it).
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.text.normalise import normalise
from app.text.tokens import Span, find_places, split_words

PATTERN_MAX = 100  # characters
# A sentence of Japanese or Thai, where each character counts, has its place in this; an address
# has a dozen. A sentence in English is beyond 100 characters before.
TOKENS_MAX = 24  # words, signs and characters of scripts without spaces in one pattern
STEPS_MAX = 4_000  # that a list remembers: about a kilobyte each, then it begins anew


def clean_pattern(typed: str) -> str:
    """Return a pattern as it is stored: normalised, with single spaces."""
    return " ".join(normalise(typed).split())


def explain_pattern(pattern: str) -> str:
    """Return why a cleaned `pattern` can't be on a list, as a sentence, or an empty text."""
    if len(pattern) > PATTERN_MAX:
        return f"A word or phrase has {PATTERN_MAX} characters at most."
    number = count_tokens(pattern)
    if not number:  # nothing that a text could hold
        return "Enter a word or phrase."
    if number > TOKENS_MAX:
        return (
            f"A phrase has at most {TOKENS_MAX} words and signs "
            f"(and characters, in scripts without spaces). These are {number}."
        )
    return ""


def count_tokens(pattern: str) -> int:
    """Return of how many words and signs a pattern consists, without the `*` at its end."""
    return len(split_words(_without_star(pattern)))


def _without_star(pattern: str) -> str:
    return pattern.rstrip().rstrip("*")


@dataclass(eq=False, slots=True)
class _Node:
    """The `depth` first words of phrases, and how these go on.

    `exact` and `prefixes` hold the places in the list of the patterns that end with the next
    word, by that word or by its beginning; `lengths` those of the beginnings, in characters.
    """

    depth: int
    children: dict[str, "_Node"] = field(default_factory=dict)
    exact: dict[str, tuple[int, ...]] = field(default_factory=dict)
    prefixes: dict[str, tuple[int, ...]] | None = None  # few have any
    lengths: tuple[int, ...] = ()

    def add_prefix(self, beginning: str, place: int) -> None:
        self.prefixes = self.prefixes or {}
        self.prefixes[beginning] = (*self.prefixes.get(beginning, ()), place)
        if len(beginning) not in self.lengths:
            self.lengths = tuple(sorted((*self.lengths, len(beginning))))

    def find_endings(self, word: str) -> tuple[int, ...]:
        """Return the places of the patterns that end here with `word`."""
        found = self.exact.get(word, ())
        for length in self.lengths:
            if length > len(word):
                break
            found += (self.prefixes or {}).get(word[:length], ())
        return found


class _Step(dict[str | None, "_Step"]):
    """Where a walk is after some words, and by each next word where it goes on.

    None stands for every word that is in no pattern.

    `nodes` are the beginnings of phrases that the last words make; `found` the places of the
    patterns that end with the last word and `size` the number of words of the longest of them.
    """

    __slots__ = ("found", "nodes", "owner", "size")

    def __init__(
        self, owner: "WordList", nodes: tuple[_Node, ...], found: tuple[int, ...], size: int
    ) -> None:
        self.owner, self.nodes, self.found, self.size = owner, nodes, found, size

    def __missing__(self, word: str | None) -> "_Step":
        step = self[word] = self.owner.make_step(self.nodes, word)
        return step

    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


class WordList:
    """Patterns, ready to be looked for in many texts.

    A pattern of more than `most` words and signs is on no list: it is never found. Without
    `accents` these do not count.
    """

    def __init__(
        self, patterns: Iterable[str], accents: bool = True, most: int = TOKENS_MAX
    ) -> None:
        self.accents = accents
        self._root = _Node(0)
        self._known: dict[str, str] = {}  # the words of all phrases, but no mere beginnings
        self._lengths: list[int] = []  # of the beginnings
        self._beginnings: set[str] = set()
        self._letters: set[str] = set()  # that these begin with
        places: dict[str, int] = {}
        for pattern in patterns:
            if pattern not in places:
                places[pattern] = len(places)
                self._add(places[pattern], pattern, most)
        self.patterns = tuple(places)
        self._forget()

    def _add(self, place: int, pattern: str, most: int) -> None:
        words = self.read(_without_star(pattern))
        if not 0 < len(words) <= most:
            return
        *head, last = words
        node = self._root
        for word in head:
            self._known[word] = word
            if word not in node.children:
                node.children[word] = _Node(node.depth + 1)
            node = node.children[word]
        if pattern.rstrip().endswith("*"):
            node.add_prefix(last, place)
            self._beginnings.add(last)
            self._letters.add(last[0])
            if len(last) not in self._lengths:
                insort(self._lengths, len(last))
        else:
            self._known[last] = last
            node.exact[last] = (*node.exact.get(last, ()), place)

    def read(self, text: str) -> list[str]:
        """Return the words of `text` as this list compares them."""
        return split_words(text) if self.accents else find_places(text, accents=False)[0]

    def _recognise(self, words: Sequence[str]) -> Iterable[str | None]:
        """Return `words` with None for each that is in no pattern; nothing where all are.

        So a step remembers one next word for all that a list does not know.
        """
        if not self._beginnings:
            strange = self._known.keys().isdisjoint(words)
            return () if strange else map(self._known.get, words)
        met = set(words)
        known = {word: word for word in met & self._known.keys()}
        known |= {
            word: self._shorten(word)
            for word in met - known.keys()
            if word[0] in self._letters and self._begins(word)
        }
        return map(known.get, words) if known else ()

    def _shorten(self, word: str) -> str:
        """Return what stands for a word of which only the beginning can match.

        A step remembers it, and a text may have words of thousands of letters. The sign at the
        end is in no word, so it never stands for a whole one.
        """
        longest = self._lengths[-1]
        return word if len(word) <= longest else word[:longest] + "\n"

    def _begins(self, word: str) -> bool:
        """Return whether `word` goes on from any of the beginnings."""
        for length in self._lengths:
            if length > len(word):
                return False
            if word[:length] in self._beginnings:
                return True
        return False

    def occurs_in(self, words: Sequence[str]) -> bool:
        """Return whether any pattern occurs in `words`, which `read` gave."""
        step = self._start
        for word in self._recognise(words):
            step = step[word]
            if step.size:
                return True
        return False

    def find(self, words: Sequence[str]) -> list[str]:
        """Return the patterns that occur in `words`, in the order of the list."""
        step, met = self._start, set[_Step]()
        for word in self._recognise(words):
            step = step[word]
            if step.size:
                met.add(step)
        places = {place for step in met for place in step.found}
        return [self.patterns[place] for place in sorted(places)]

    def find_spans(self, text: str) -> list[Span]:
        """Return where patterns occur in `text`, from its start; what overlaps is one span."""
        if self.accents and not self.occurs_in(split_words(text)):
            return []
        words, places = find_places(text, self.accents)
        return _merge(self._walk(words, places))

    def _walk(self, words: Sequence[str], places: Sequence[Span]) -> list[Span]:
        """Return for each word with which patterns end the span of the longest of them."""
        step, spans = self._start, list[Span]()
        for number, word in enumerate(self._recognise(words)):
            step = step[word]
            if step.size:
                spans.append((places[number + 1 - step.size][0], places[number][1]))
        return spans

    def make_step(self, nodes: tuple[_Node, ...], word: str | None) -> _Step:
        """Return where `word` leads from the beginnings `nodes`.

        Costs as much as these are, which is the length of a pattern at most.
        """
        if word is None:
            return self._start
        following = [self._root]
        found: list[int] = []
        size = 0
        for node in nodes:
            if child := node.children.get(word):
                following.append(child)
            if endings := node.find_endings(word):
                found += endings
                size = max(size, node.depth + 1)
        if self._made >= STEPS_MAX:
            self._forget()
        self._made += 1
        key = (tuple(following), tuple(found))
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = _Step(self, *key, size)
        return step

    def _forget(self) -> None:
        """Begin anew with no step remembered but the first; walks under way go on."""
        self._start = _Step(self, (self._root,), (), 0)
        self._steps: dict[tuple[tuple[_Node, ...], tuple[int, ...]], _Step] = {
            (self._start.nodes, ()): self._start
        }
        self._made = 0


def _merge(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
