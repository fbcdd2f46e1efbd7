"""Discussions from elsewhere: reading them an entry at a time, and checking them.

Only the shape of a discussion is held in memory, some bytes for each comment; the entries are
read anew whenever they are gone through, so a file may be larger than the memory. The form:

{"source", "title", "url", "comments": [{"id", "parent_id" (null for the top level), "author"
(null when the source shows none), "created_at" (ISO 8601, UTC where it has no zone), "text"
(Markdown) and/or "text_html", "score", "edited_at", "deleted"}]}, a parent before its replies.
"""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TextIO

import ijson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app import text
from app.errors import Conflict, ImportRefused
from app.imports.sentences import explain, list_problems, moment, words
from app.text import HTML_MAX

SCORE_MAX = 10_000_000
_ID_MAX = 120
_PROBLEMS_SHOWN = 20
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


_AUTHOR: Any = words(needed=True, strip=False)
_MOMENT: Any = moment(needs_zone=False)


class CommentData(BaseModel):
    """One comment as it stands in a file; other fields of it are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str, words(needed=True, strip=False)]
    parent_id: Annotated[
        str | None, BeforeValidator(lambda value: None if value is None else str(value))
    ] = None
    author: Annotated[
        str | None,
        BeforeValidator(lambda value: None if value is None else _AUTHOR.func(value)),
    ] = None
    created_at: Annotated[datetime, moment(needs_zone=False)]
    edited_at: Annotated[
        datetime | None,
        BeforeValidator(lambda value: _MOMENT.func(value) if value else None),
    ] = None
    text: Annotated[str, words(strip=False)] = ""
    text_html: Annotated[str, words(HTML_MAX, strip=False)] = ""
    score: Annotated[
        int,
        BeforeValidator(lambda value: value or 0),
        Field(ge=-SCORE_MAX, le=SCORE_MAX, strict=True),
    ] = 0
    deleted: Annotated[bool, BeforeValidator(bool)] = False

    def check(self) -> ImportedItem:
        """Return the comment as it will be stored."""
        source = self.text_html or self.text
        return ImportedItem(
            external_id=self.id[:_ID_MAX],
            parent_id=None if self.parent_id is None else text.normalise(self.parent_id)[:_ID_MAX],
            author=self.author,
            created_at=self.created_at,
            edited_at=self.edited_at,
            source=source,
            is_html=bool(self.text_html),
            score=self.score,
            deleted=self.deleted or not source,
        )


class ImportedDiscussion:
    """A checked discussion; a comment's index in it counts from 0.

    `parents` holds the index of each comment's parent or -1, `stands` whether it is listed once
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
        """Yield every comment in order; raise Conflict if they are not those checked before."""
        changed = Conflict("The file was changed while it was read. Import it again.")
        marks = iter(self._marks)
        try:
            for raw in self._entries:
                comment = read_comment(raw)
                if next(marks, None) != hash(comment.external_id):
                    raise changed
                yield comment
            if next(marks, None) is not None:
                raise changed
        except (ValueError, ImportRefused):
            raise changed from None

    def _check(self) -> None:
        problems = _Problems()
        indexes: dict[str, int] = {}
        for index, raw in enumerate(self._entries):
            here = f"comments[{index + 1}]"
            try:
                comment = read_comment(raw)
            except ValidationError as error:
                problems.add(*list_problems(error, here))
                self._note(-1, 0, hash(""))
                continue
            name, parent = comment.external_id, comment.parent_id
            if name in indexes:
                problems.add(f"{here}.id: " + explain("stands_twice", value=name))
            if parent is not None and parent not in indexes:
                problems.add(f"{here}.parent_id: " + explain("no_parent"))
            self._note(indexes.get(parent, -1) if parent else -1, not comment.deleted, hash(name))
            indexes[name] = index
            if self.latest is None or comment.created_at > self.latest:
                self.latest = comment.created_at
        problems.refuse()
        for index in range(len(self) - 1, -1, -1):  # replies before their parents
            if self.stands[index] and self.parents[index] >= 0:
                self.stands[self.parents[index]] = 1

    def _note(self, parent: int, stands: int, mark: int) -> None:
        self.parents.append(parent)
        self.stands.append(stands)
        self._marks.append(mark)


class _Problems:
    """The faults of a file: the first sentences of many, and their number."""

    def __init__(self) -> None:
        self._sentences: list[str] = []
        self._number = 0

    def add(self, *sentences: str) -> None:
        self._number += len(sentences)
        self._sentences += sentences[: max(0, _PROBLEMS_SHOWN - len(self._sentences))]

    def refuse(self) -> None:
        """Raise ImportRefused if there is any."""
        left = self._number - len(self._sentences)
        if self._sentences:
            raise ImportRefused(self._sentences + ([f"and {left} more"] if left else []))


def read_comment(raw: object) -> ImportedItem:
    """Return one checked comment; raise pydantic's ValidationError."""
    return CommentData.model_validate(raw).check()


def read_thread(data: object) -> ImportedDiscussion:
    """Return the checked discussion of `data`, a parsed JSON value; raise ImportRefused."""
    if not isinstance(data, dict) or not isinstance(data.get("comments"), list):
        raise ImportRefused([_NO_THREAD])
    return ImportedDiscussion(data["comments"], {k: v for k, v in data.items() if k != "comments"})


def read_thread_file(
    path: Path, progress: Callable[[int], None] | None = None
) -> ImportedDiscussion:
    """Return the checked discussion of a JSON file.

    `progress` is called with numbers of characters while it is checked. Raises ImportRefused,
    and ValueError or OSError for what is no JSON.
    """
    about: dict[str, Any] = {}
    entries = _Entries(path, about, progress)
    thread = ImportedDiscussion(entries, about)
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
        read = 0
        with self._path.open(encoding=encoding, errors="replace") as file:
            try:
                for entry in self._read(ijson.basic_parse(_Utf8(file, self.progress))):
                    read += 1
                    yield entry
            except ijson.JSONError as error:
                reason = " ".join(str(error).split("\n")[0].split())
                raise ValueError(f"{reason}, after {read:,} comments") from None

    def _read(self, events: Iterator[tuple[str, Any]]) -> Iterator[object]:
        """Yield the comments; other members of the file go to `about`."""
        if next(events)[0] != "start_map":
            for _ in events:  # so that what is no JSON is told as such
                pass
            raise ImportRefused([_NO_THREAD])
        found = False
        for event, name in events:
            if event == "end_map":
                continue
            if name != "comments":
                self._about[name] = _build(*next(events), events)
            elif found or next(events)[0] != "start_array":
                raise ImportRefused([_NO_THREAD])
            else:
                found = True
                for first, value in events:
                    if first == "end_array":
                        break
                    yield _build(first, value, events)
        if not found:
            raise ImportRefused([_NO_THREAD])


def _build(event: str, value: Any, events: Iterator[tuple[str, Any]]) -> Any:
    """Return the JSON value that begins with an event, reading on to its end."""
    builder, depth = ijson.ObjectBuilder(), 0
    while True:
        builder.event(event, value)
        depth += event.startswith("start_") - event.startswith("end_")
        if depth == 0:
            return builder.value
        event, value = next(events)


class _Utf8:
    """A JSON text of any encoding, read as UTF-8."""

    def __init__(self, file: TextIO, progress: Callable[[int], None] | None) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int) -> bytes:
        """Return the next `size` characters, in UTF-8."""
        characters = self._file.read(size)
        if self._progress and characters:
            self._progress(len(characters))
        return characters.encode()
