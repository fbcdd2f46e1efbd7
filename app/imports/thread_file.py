"""Discussions from elsewhere: reading them an entry at a time, and checking them.

What is kept of a discussion is its shape, some bytes for each comment; the entries themselves
are read anew whenever they are gone through, so a file may be larger than the memory.
"""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from app import text
from app.errors import Conflict, ImportRefused

SCORE_MAX = 10_000_000
_ID_MAX = 120
_PROBLEMS_SHOWN = 20
_CHUNK = 1 << 18  # characters that are read at once
_ENTRY_MAX = 1 << 24  # characters; without an end, whatever is wrong would be sought for ever
_NO_THREAD = 'The file must hold an object with a list "comments".'


class ImportedItem(NamedTuple):
    """One comment of a file, checked."""

    external_id: str
    parent_id: str | None
    author: str | None
    created_at: datetime
    edited_at: datetime | None
    source: str
    is_html: bool
    score: int
    deleted: bool


class Thread:
    """A checked discussion; a comment's place in it counts from 0.

    `parents` holds the place of each comment's parent or -1, `stands` whether it is listed once
    all are in: a deleted one only while it has replies that are. `latest` is the time of the
    newest, `about` the other members of the file.
    """

    def __init__(self, entries: Iterable[object], about: dict[str, Any] | None = None) -> None:
        """Check `entries`, which can be gone through again; raises ImportRefused."""
        self._entries = entries
        self.parents = array("q")
        self.stands = bytearray()
        self.latest: datetime | None = None
        self._marks = array("q")
        self._check()
        self.about = about or {}

    def __len__(self) -> int:
        return len(self.stands)

    def comments(self) -> Iterator[ImportedItem]:
        """Every comment in order; raises Conflict when they are not those checked before."""
        changed = Conflict("The file was changed while it was read. Import it again.")
        marks = iter(self._marks)
        try:
            for raw in self._entries:
                comment = _read_one(raw)
                if next(marks, None) != hash(comment.external_id):
                    raise changed
                yield comment
            if next(marks, None) is not None:
                raise changed
        except (ValueError, OverflowError, RecursionError, ImportRefused):
            raise changed from None

    def _check(self) -> None:
        problems = _Problems()
        places: dict[str, int] = {}
        for place, raw in enumerate(self._entries):
            try:
                comment = _read_one(raw)
            except (ValueError, OverflowError) as error:
                problems.add(f"comments[{place + 1}]: {error}")
                self._note(-1, 0, hash(""))
                continue
            name, parent = comment.external_id, comment.parent_id
            if name in places:
                problems.add(f"comments[{place + 1}].id: {name!r} stands there twice")
            if parent is not None and parent not in places:
                problems.add(
                    f"comments[{place + 1}].parent_id: the parent does not stand before it"
                )
            self._note(places.get(parent, -1) if parent else -1, not comment.deleted, hash(name))
            places[name] = place
            if self.latest is None or comment.created_at > self.latest:
                self.latest = comment.created_at
        problems.refuse()
        for place in range(len(self) - 1, -1, -1):  # replies before their parents
            if self.stands[place] and self.parents[place] >= 0:
                self.stands[self.parents[place]] = 1

    def _note(self, parent: int, stands: int, mark: int) -> None:
        self.parents.append(parent)
        self.stands.append(stands)
        self._marks.append(mark)


class _Problems:
    """What is wrong with a file; of very many the first are kept, and their number."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._number = 0

    def add(self, sentence: str) -> None:
        self._number += 1
        if self._number <= _PROBLEMS_SHOWN:
            self._told.append(sentence)

    def refuse(self) -> None:
        """Raise ImportRefused if there is any."""
        left = self._number - len(self._told)
        if self._told:
            raise ImportRefused([*self._told, f"and {left} more"] if left else self._told)


def read_thread(data: object) -> Thread:
    """The checked discussion of `data`, a parsed JSON value; raises ImportRefused."""
    if not isinstance(data, dict) or not isinstance(data.get("comments"), list):
        raise ImportRefused([_NO_THREAD])
    return Thread(data["comments"], {k: v for k, v in data.items() if k != "comments"})


def read_thread_file(path: Path, progress: Callable[[int], None] | None = None) -> Thread:
    """The checked discussion of a JSON file.

    `progress` is called with numbers of characters while it is checked. Raises ImportRefused,
    and ValueError, OSError or RecursionError for what is no JSON.
    """
    about: dict[str, Any] = {}
    entries = _Entries(path, about, progress)
    thread = Thread(entries, about)
    entries.progress = None
    return thread


class _Entries:
    """The members of "comments" in a JSON file, and in `about` those beside it."""

    def __init__(
        self, path: Path, about: dict[str, Any], progress: Callable[[int], None] | None
    ) -> None:
        self._path = path
        self._about = about
        self.progress = progress

    def __iter__(self) -> Iterator[object]:
        with self._path.open("rb") as raw:
            encoding = json.detect_encoding(raw.read(4))
        with self._path.open(encoding=encoding, errors="surrogatepass") as file:
            window = _Window(file, self.progress)
            if window.peek() != "{":
                window.value()
                raise ImportRefused([_NO_THREAD])
            found = False
            for _ in window.members("{", "}"):
                name = window.value()
                if not isinstance(name, str):
                    raise window.wrong("a name in quotes is expected")
                window.expect(":")
                if name != "comments":
                    self._about[name] = window.value()
                elif window.peek() != "[" or found:
                    raise ImportRefused([_NO_THREAD])
                else:
                    found = True
                    yield from (window.value() for _ in window.members("[", "]"))
            if window.peek():
                raise window.wrong("more follows behind its end")
        if not found:
            raise ImportRefused([_NO_THREAD])


class _Window:
    """The part of a JSON text that is being read."""

    def __init__(self, file: TextIO, progress: Callable[[int], None] | None) -> None:
        self._file = file
        self._progress = progress
        self._decode = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False

    def members(self, opening: str, closing: str) -> Iterator[None]:
        """Stop before each member of the object or list that begins here."""
        self.expect(opening)
        if self.peek() == closing:
            self._at += 1
            return
        while True:
            yield
            if self.peek() == closing:
                self._at += 1
                return
            self.expect(",")

    def peek(self) -> str:
        """The next character that is no space, or nothing at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in " \t\n\r":
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            raise self.wrong(f"{sign!r} is expected")
        self._at += 1

    def value(self) -> Any:
        """The JSON value that begins here."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                place = self._before + error.pos
                if len(self._text) - self._at > _ENTRY_MAX or not self._more():
                    self._at = place - self._before
                    raise self.wrong(error.msg) from None
                continue
            # A number at the end of what was read may go on.
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def wrong(self, what: str) -> ValueError:
        return ValueError(f"{what} at character {self._before + self._at + 1:,}")

    def _more(self) -> bool:
        """Read on, as much as waits already so that a long value is not tried too often."""
        if self._ended:
            return False
        waiting = self._text[self._at :]
        read = self._file.read(max(_CHUNK, len(waiting)))
        self._before += self._at
        self._text, self._at = waiting + read, 0
        self._ended = not read
        if self._progress and read:
            self._progress(len(read))
        return bool(read)


def _read_one(raw: object) -> ImportedItem:
    if not isinstance(raw, dict):
        raise ValueError("must be an object")  # noqa: TRY004 - a bad value of the file
    html, words = raw.get("text_html"), raw.get("text")
    source = html if html else words
    deleted = bool(raw.get("deleted")) or source in (None, "")
    if not deleted and not isinstance(source, str):
        raise ValueError("text must be a text")
    source = "" if deleted and not isinstance(source, str) else text.normalise(str(source))
    if html and len(source) > text.HTML_MAX:
        raise ValueError(f"text_html must have at most {text.HTML_MAX:,} characters")
    score = raw.get("score") or 0
    if not isinstance(score, int) or abs(score) > SCORE_MAX:
        raise ValueError("score must be a whole number")
    parent = raw.get("parent_id")
    return ImportedItem(
        external_id=_read_text(raw, "id")[:_ID_MAX],
        parent_id=None if parent is None else text.normalise(str(parent))[:_ID_MAX],
        author=_read_text(raw, "author") if raw.get("author") is not None else None,
        created_at=_read_moment(_read_text(raw, "created_at")),
        edited_at=_read_moment(_read_text(raw, "edited_at")) if raw.get("edited_at") else None,
        source=source,
        is_html=bool(html),
        score=score,
        deleted=deleted,
    )


def _read_moment(value: str) -> datetime:
    """A time of the file in UTC; one without a zone is meant so."""
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _read_text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    value = text.normalise(value) if isinstance(value, str) else ""
    if not value.strip():
        raise ValueError(f"{name} must be a text")
    return value
