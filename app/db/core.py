"""Statements of SQLAlchemy Core in the transaction of the session, for the acts done most often.

They take a fifth of the time of the same change through the ORM. The events of the ORM do not see
them, so such an act takes the lock of SQLite itself (`app.db.locks.take_write_lock`) and tells
`app.cache.versions.note_change` which columns it has changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable

from app.db.base import db

Values = Mapping[str, Any]


def run(
    statement: Executable, values: Values | Sequence[Values] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement in the open transaction of the session; `values` are its parameters."""
    return db.session.connection().execute(statement, values)
