"""Parsing ids, cursors and words from the query string."""

from datetime import UTC, datetime, timedelta

from flask import request

from app import text
from app.db.keyset import Cursor
from app.db.types import LARGEST_ID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def get_number(name: str) -> int | None:
    """Return a whole number of the query string that can be an id or a rank, else None."""
    return parse_id(request.args.get(name, ""))


def parse_id(value: str) -> int | None:
    """Return `value` as a whole number that a database can hold as an id, else None."""
    # The length comes first: Python refuses to convert thousands of digits.
    if len(value) > 10 or not (value.isascii() and value.isdigit()):
        return None
    return int(value) if int(value) <= LARGEST_ID else None


def get_cursor(name: str) -> Cursor | None:
    """Return a cursor such as `1783242000000000-12` (microseconds, article id), else None."""
    moment, _, ident = request.args.get(name, "").partition("-")
    article_id = parse_id(ident)
    if article_id is None or len(moment) > 17 or not (moment.isascii() and moment.isdigit()):
        return None
    return Cursor(_EPOCH + int(moment) * _MICROSECOND, article_id)


def format_cursor(cursor: Cursor) -> str:
    return f"{(cursor.at - _EPOCH) // _MICROSECOND}-{cursor.id}"


def get_word(name: str) -> str:
    """Return a text of the query string, on one line and without what `text.normalise` drops.

    A text with a NUL, which PostgreSQL cannot hold, counts as absent.
    """
    value = request.args.get(name, "")
    return "" if "\x00" in value else " ".join(text.normalise(value).split())


def get_pair(name: str) -> tuple[int, int] | None:
    """Return a cursor such as `3-120` (the value that orders a list, and an id), else None."""
    first, _, second = request.args.get(name, "").partition("-")
    order, ident = parse_id(first), parse_id(second)
    return None if order is None or ident is None else (order, ident)


def get_amount(name: str) -> float | None:
    """Return a number of the query string if it is finite and not negative, else None."""
    try:
        value = float(request.args.get(name, ""))
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def get_numbers(name: str, most: int) -> list[int]:
    """Return the ids of a list such as `12,15`, at most `most`, without what is no id."""
    ids = (parse_id(part) for part in request.args.get(name, "").split(",")[:most])
    return [ident for ident in ids if ident is not None]
