"""Checking the fields of import files: a few kinds of fields, and one table of sentences.

Each format is a pydantic model; whatever is wrong in a file is told in the words of SENTENCES,
by the place where it stands: `comments[3].score: must be a whole number`.
"""

import re
from datetime import UTC, datetime
from typing import Any, Never

from pydantic import BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from app import text
from app.text.quantities import format_count

# By the type of pydantic's error or the kind that `fail` was given; its context is filled in.
SENTENCES = {
    "bool_type": "must be true or false",
    "enum": "must be {expected}",
    "extra_forbidden": "is not a known field",
    "greater_than_equal": "must be {ge} or more",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "less_than_equal": "must be {le} or less",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "missing": "is missing",
    "model_type": "must be an object",
    "too_long": "has {actual_length} entries (at most {max_length})",
    # our own kinds
    "address": "must begin with http:// or https:// and name a host",
    "category": "{value!r} is not one of {known}: make it with `flask categories add {quoted}`",
    "characters": "is {over} too long (at most {most:,})",
    "no_parent": "the parent does not stand before it",
    "slug": "may hold lower-case letters, digits and single hyphens",
    "stands_twice": "{value!r} stands there twice",
    "text": "must be a text",
    "time": "{value!r} is not a time like 2026-07-05T09:00:00Z",
    "twice": "names something twice",
    "zone": "needs a zone, for example Z for UTC",
}
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


def fail(kind: str, **context: Any) -> Never:
    """Refuse a field with the sentence of `kind`."""
    raise PydanticCustomError(kind, "{sentence}", {"sentence": explain(kind, **context)})


def explain(kind: str, **context: Any) -> str:
    """Return the sentence of `kind` with `context` filled in."""
    return SENTENCES[kind].format(**context)


def list_problems(error: ValidationError, place: str = "") -> list[str]:
    """Return one sentence for every fault; `place` is where in the file the object stands."""
    return [
        f"{_join(place, fault['loc'])}: {_explain_fault(fault)}"
        for fault in error.errors(include_url=False, include_input=False)
    ]


def _explain_fault(fault: Any) -> str:
    """Return our sentence for an error of pydantic, or its own words for an unknown kind."""
    context = fault.get("ctx", {})
    if "sentence" in context:  # `fail` made it
        return str(context["sentence"])
    return explain(fault["type"], **context) if fault["type"] in SENTENCES else str(fault["msg"])


def _join(place: str, location: tuple[int | str, ...]) -> str:
    """Return the place of a fault: entries of lists are counted from 1."""
    for part in location:
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else part
    return place


# -- kinds of fields: what stands in the annotation of a model's field --------------------------


def words(most: int | None = None, needed: bool = False, strip: bool = True) -> BeforeValidator:
    """Make the check of a text of at most `most` characters; null is an empty one."""

    def read(value: object) -> str:
        value = "" if value is None else value
        if not isinstance(value, str):
            fail("text")
        if most is None or len(value) <= most:  # a far too long one is not looked at
            value = text.normalise(value)
            value = value.strip() if strip else value
        if most is not None and len(value) > most:
            fail("characters", over=format_count(len(value) - most, "character"), most=most)
        if needed and not value.strip():
            fail("missing")
        return value

    return BeforeValidator(read)


def moment(needs_zone: bool) -> BeforeValidator:
    """Make the check of an ISO 8601 time; without `needs_zone` one that has none is in UTC."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            fail("text" if value is not None else "missing")
        try:
            found = datetime.fromisoformat(text.normalise(value).strip())
            if found.tzinfo is None and not needs_zone:
                found = found.replace(tzinfo=UTC)
            in_utc = found.astimezone(UTC)  # fails where UTC has no such year
        except (ValueError, OverflowError):
            fail("time", value=value[:40])
        if found.tzinfo is None:
            fail("zone")
        return in_utc

    return BeforeValidator(read)


def read_address(value: str) -> str:
    """Return a web address; refuse any other."""
    if value and not _ADDRESS.fullmatch(value):
        fail("address")
    return value


def read_distinct(values: list[str]) -> list[str]:
    """Return a list in which nothing stands twice; refuse any other."""
    if len(set(values)) != len(values):
        fail("twice")
    return values
