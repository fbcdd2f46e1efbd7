"""Going through a table some rows at a time, so that others write in between."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select

from app.db.base import db


def iterate_batches(
    query: Select[*tuple[Any, ...]], size: int
) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
    """Yield the rows of `query` by id, its first column, `size` at a time.

    No transaction is open while a batch is worked on.
    """
    key = query.selected_columns[0]
    following = query.order_by(key).limit(size)
    rows = db.session.execute(following).all()
    while rows:
        db.session.rollback()
        yield rows
        rows = db.session.execute(following.where(key > rows[-1][0])).all()


def iterate_ranges(
    model: Any, size: int, *among: ColumnElement[bool]
) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that each select the next `size` rows of `model`, until there are none."""
    last = 0
    while True:
        ids = select(model.id).where(model.id > last, *among).order_by(model.id).limit(size)
        first, last = last, db.session.scalar(select(func.max(ids.subquery().c.id))) or 0
        if not last:
            return
        yield and_(model.id > first, model.id <= last, *among)
