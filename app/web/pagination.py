"""Reading the place in a list from an address."""

from datetime import UTC, datetime, timedelta

from flask import request

from app import text
from app.db.keyset import Cursor

LARGEST_ID = 2**31 - 1  # PostgreSQL's integer, the narrower of the two engines
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def get_number(name: str) -> int | None:
    """A whole number of the query string that can be an id or a rank, else None."""
    return parse_id(request.args.get(name, ""))


def parse_id(value: str) -> int | None:
    """`value` as a whole number that a database can hold as an id, else None."""
    # The length comes first: Python refuses to read a number of thousands of digits.
    if len(value) > 10 or not (value.isascii() and value.isdigit()):
        return None
    return int(value) if int(value) <= LARGEST_ID else None


def get_cursor(name: str) -> Cursor | None:
    """A place such as `1783242000000000-12` (microseconds, article id), else None."""
    moment, _, written_id = request.args.get(name, "").partition("-")
    article_id = parse_id(written_id)
    if article_id is None or len(moment) > 17 or not (moment.isascii() and moment.isdigit()):
        return None
    return Cursor(_EPOCH + int(moment) * _MICROSECOND, article_id)


def format_cursor(where: Cursor) -> str:
    return f"{(where.published_at - _EPOCH) // _MICROSECOND}-{where.article_id}"


def get_word(name: str) -> str:
    """A text of the query string, on one line and without what `text.normalise` drops.

    One that no database can hold counts as absent.
    """
    value = request.args.get(name, "")
    return "" if "\x00" in value else " ".join(text.normalise(value).split())


def get_pair(name: str) -> tuple[int, int] | None:
    """A place such as `3-120` (what orders a list, and an id), else None."""
    first, _, second = request.args.get(name, "").partition("-")
    order, ident = parse_id(first), parse_id(second)
    return None if order is None or ident is None else (order, ident)


def get_amount(name: str) -> float | None:
    """A number of the query string that can order a list: finite and not negative, else None."""
    try:
        value = float(request.args.get(name, ""))
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def get_numbers(name: str, most: int) -> list[int]:
    """The ids of a list such as `12,15`: those that can be ids, at most `most` of them."""
    found = (parse_id(part) for part in request.args.get(name, "").split(",")[:most])
    return [ident for ident in found if ident is not None]
