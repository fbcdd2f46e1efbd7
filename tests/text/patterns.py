"""Asking a list of words about one text, as no part of the site does by itself."""

from collections.abc import Iterable

from app.text import WordList


def find_words(text: str, patterns: Iterable[str]) -> list[str]:
    """Return those of `patterns` that occur in plain `text` as whole words, in their order."""
    word_list = WordList(patterns)
    return word_list.find(word_list.read(text))
