"""The words of a text for comparison: without case, width and invisible characters."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from app.text.normalise import INVISIBLE, MARKS, STACKING

# Scripts without spaces between words: each of their characters counts as a word, so that a
# listed word is found inside a sentence.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
UNSPACED += "\uf900-\ufaff\U00020000-\U0003ffff"
Span = tuple[int, int]

_CLUSTER = re.compile(f".[{MARKS}{INVISIBLE}]*", re.S)
_ATTACHED = re.compile(f"[{MARKS}{INVISIBLE}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ACCENTS = re.compile(f"[{STACKING}]")
# A word, or one sign by itself ("c++" is three tokens, and so is found as a phrase).
_TOKEN = re.compile(  # signs of ASCII come first because that is faster
    f"[!-/:-@\\[-^`{{-~]|[{UNSPACED}][{MARKS}]*|(?:[^\\W{UNSPACED}]+|(?![{UNSPACED}])[{MARKS}])+|[^\\w\\s]"
)
_CHUNK = re.compile(r"\S+")
_CHUNK_MAX = 40  # characters of a cached chunk; longer ones rarely occur twice
_ASCII_TOKEN = re.compile(r"[a-z0-9_]+|[^\w\s]")
# The narrow forms of Japanese sound marks are letters by their category, but fold to marks.
_NARROW = {0xFF9E: "\u3099", 0xFF9F: "\u309a"}


def split_words(text: str) -> list[str]:
    """Return the words of plain `text` in their order, each in its form for comparison."""
    if text.isascii():
        return _ASCII_TOKEN.findall(text.lower())
    folded = _fold(_widened(text))
    if _INVISIBLE.search(folded):  # one pass for each kind: every second character may be one
        for character in {sign for sign in set(folded) if _INVISIBLE.match(sign)}:
            folded = folded.replace(character, "")
    tokens = _TOKEN.findall(folded)
    # Composed again, or "cafe*" would match "café", whose accent is a character of its own.
    return unicodedata.normalize("NFKC", "\n".join(tokens)).split("\n") if tokens else []


def find_word_spans(text: str, accents: bool = True) -> tuple[list[str], list[Span]]:
    """Return the words as `split_words` does, and the span of each in `text`.

    With `accents` False accents do not count.
    """
    if text.isascii():
        matches = list(_ASCII_TOKEN.finditer(text.lower()))
        return [match[0] for match in matches], [match.span() for match in matches]
    words: list[str] = []
    spans: list[Span] = []
    for chunk in _CHUNK.finditer(text):
        content, offset = chunk[0], chunk.start()
        read = _read_chunk if len(content) <= _CHUNK_MAX else _read_chunk.__wrapped__
        for word, start, end in read(content, accents):
            words.append(word)
            spans.append((offset + start, offset + end))
    return words, spans


@lru_cache(maxsize=4096)
def _read_chunk(chunk: str, accents: bool) -> list[tuple[str, int, int]]:
    """Return the words of a piece of text without spaces, with the start and end of each."""
    folded, starts, ends = _fold_with_spans(chunk)
    matches = list(_TOKEN.finditer(folded))
    if not matches:
        return []
    joined = "\n".join([match[0] for match in matches])
    words = unicodedata.normalize("NFKC", joined if accents else _ACCENTS.sub("", joined))
    return [
        (word, starts[match.start()], ends[match.end() - 1])
        for word, match in zip(words.split("\n"), matches, strict=True)
        if word
    ]


def _fold_with_spans(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return `text` folded, with the start and end in `text` of each of its characters."""
    text = _widened(text)
    whole = _fold(text)
    if len(whole) == len(text) and not _ATTACHED.search(text):
        # No character folds to less than one, so each became one.
        return whole, range(len(text)), range(1, len(text) + 1)
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = _INVISIBLE.sub("", _fold(match[0]))
        folded.append(piece)
        starts += [match.start()] * len(piece)
        ends += [match.end()] * len(piece)
    return "".join(folded), starts, ends


def _widened(text: str) -> str:
    """Return `text` with marks instead of letters that fold to marks, and of the same length.

    Folding the whole then gives the same as folding it character by character.
    """
    return text.translate(_NARROW) if "\uff9e" in text or "\uff9f" in text else text


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
