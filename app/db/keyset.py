"""Keyset paging: a page of a list begins behind a cursor, the values of the last row before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.db.base import db

T = TypeVar("T")


@dataclass(frozen=True)
class Cursor:
    """The time and the id of a row of a list that is ordered by both."""

    at: datetime
    id: int


class Page(NamedTuple, Generic[T]):
    """The rows of one page, and whether more follow."""

    rows: list[T]
    more: bool


def get_page(query: Select[Any], size: int, values: dict[str, Any] | None = None) -> Page[Any]:
    """Return the first `size` objects of `query`; `values` are those of its parameters."""
    return cut_page(db.session.scalars(query.limit(size + 1), values or {}).all(), size)


def cut_page(rows: Sequence[T], size: int) -> Page[T]:
    """Return the first `size` of `rows`, of which one more than that was asked for."""
    return Page(list(rows[:size]), len(rows) > size)


def order_latest(
    query: Select[Any],
    at: InstrumentedAttribute[Any],
    ident: InstrumentedAttribute[int],
    before: Cursor | None,
) -> Select[Any]:
    """Order `query` by time, the latest first, from the row behind the cursor `before` on."""
    if before is not None:
        query = query.where(tuple_(at, ident) < (before.at, before.id))
    return query.order_by(at.desc(), ident.desc())
