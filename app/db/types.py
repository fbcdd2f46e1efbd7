"""Column types for both engines, and the comparison of a column with many ids."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator, TypeEngine

LARGEST_ID = 2**31 - 1  # PostgreSQL's integer, the narrower of the two engines


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite alone would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Ids(TypeDecorator[list[int]]):
    """Many ids as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer()) if _has_arrays(dialect) else Text())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if _has_arrays(dialect) else json.dumps(value)


def _has_arrays(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


def is_among(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], name: str, dialect: Dialect
) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the ids bound as `name`.

    With one parameter for each id, each number of ids would be another statement, which both
    drivers and PostgreSQL's planner take longer to parse than to run.
    """
    ids: BindParameter[list[int]] = bindparam(name, type_=Ids())
    if _has_arrays(dialect):
        return column == func.any(ids)
    return column.in_(select(func.json_each(ids).table_valued("value").c.value))
