"""Reading the place in a list from an address."""

from datetime import UTC, datetime, timedelta

from flask import request

from app.articles.queries import Place

_LARGEST_ID = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def number(name: str) -> int | None:
    """A whole number of the query string that can be an id or a rank, else None."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and int(value) <= _LARGEST_ID else None


def place(name: str) -> Place | None:
    """A place such as `1783242000000000-12` (microseconds, article id), else None."""
    moment, _, article_id = request.args.get(name, "").partition("-")
    if not (moment.isascii() and moment.isdigit() and article_id.isascii()):
        return None
    if not article_id.isdigit() or len(moment) > 17 or int(article_id) > _LARGEST_ID:
        return None
    return Place(_EPOCH + int(moment) * _MICROSECOND, int(article_id))


def spelled(where: Place) -> str:
    return f"{(where.published_at - _EPOCH) // _MICROSECOND}-{where.article_id}"


def word(name: str) -> str:
    """A text of the query string; one that no database can hold counts as absent."""
    value = request.args.get(name, "")
    return "" if "\x00" in value else value
