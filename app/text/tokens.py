"""The words of a text as they are compared: without regard to case, width or what is invisible."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from app.text.normalise import INVISIBLE, MARKS, STACKING

# Scripts that put no space between words: each of their characters counts as a word, so that a
# listed word is found inside a sentence.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
UNSPACED += "\uf900-\ufaff\U00020000-\U0003ffff"
Span = tuple[int, int]

_CLUSTER = re.compile(f".[{MARKS}{INVISIBLE}]*", re.S)
_ATTACHED = re.compile(f"[{MARKS}{INVISIBLE}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ACCENTS = re.compile(f"[{STACKING}]")
# A word, or one sign by itself ("c++" is three tokens, and so is found as a phrase).
_TOKEN = re.compile(  # the signs of ASCII stand first because they are found first
    f"[!-/:-@\\[-^`{{-~]|[{UNSPACED}][{MARKS}]*|(?:[^\\W{UNSPACED}]+|(?![{UNSPACED}])[{MARKS}])+|[^\\w\\s]"
)
_CHUNK = re.compile(r"\S+")
_CHUNK_MAX = 40  # characters of what is remembered; longer ones are rarely met twice
_ASCII_TOKEN = re.compile(r"[a-z0-9_]+|[^\w\s]")
# The narrow forms of Japanese sound marks: letters by category that fold to marks.
_NARROW = {0xFF9E: "\u3099", 0xFF9F: "\u309a"}


def split_words(text: str) -> list[str]:
    """Return the words of plain `text` in their order, each as it is compared."""
    if text.isascii():
        return _ASCII_TOKEN.findall(text.lower())
    folded = _fold(_widened(text))
    if _INVISIBLE.search(folded):  # each kind at once, for there may be one in every second place
        for character in {sign for sign in set(folded) if _INVISIBLE.match(sign)}:
            folded = folded.replace(character, "")
    found = _TOKEN.findall(folded)
    # Composed again, lest "cafe*" match a word that goes on with an accent.
    return unicodedata.normalize("NFKC", "\n".join(found)).split("\n") if found else []


def find_places(text: str, accents: bool = True) -> tuple[list[str], list[Span]]:
    """Return the same words, and from where to where of `text` each was written.

    Without `accents` these do not count.
    """
    if text.isascii():
        found = list(_ASCII_TOKEN.finditer(text.lower()))
        return [match[0] for match in found], [match.span() for match in found]
    words: list[str] = []
    spans: list[Span] = []
    for chunk in _CHUNK.finditer(text):
        written, at = chunk[0], chunk.start()
        read = _read_chunk if len(written) <= _CHUNK_MAX else _read_chunk.__wrapped__
        for word, start, end in read(written, accents):
            words.append(word)
            spans.append((at + start, at + end))
    return words, spans


@lru_cache(maxsize=4096)
def _read_chunk(chunk: str, accents: bool) -> list[tuple[str, int, int]]:
    """Return the words of a piece of text that has no space in it, with their places."""
    folded, starts, ends = _fold_with_places(chunk)
    found = list(_TOKEN.finditer(folded))
    if not found:
        return []
    joined = "\n".join([match[0] for match in found])
    words = unicodedata.normalize("NFKC", joined if accents else _ACCENTS.sub("", joined))
    return [
        (word, starts[match.start()], ends[match.end() - 1])
        for word, match in zip(words.split("\n"), found, strict=True)
        if word
    ]


def _fold_with_places(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
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
    """Return `text`, as long as it was, with marks in the place of letters that fold to marks.

    So folding it whole gives the same as folding it character by character.
    """
    return text.translate(_NARROW) if "\uff9e" in text or "\uff9f" in text else text


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
