"""One short statement through the bare driver, where SQLAlchemy is too slow for every request."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Engine

_READERS = 8  # connections that read at the same time
_PATIENCE = 3.0  # seconds that a read may take on PostgreSQL; it usually takes milliseconds
_REST = 2.0  # seconds for which nobody reads after a read that took half of that


class RowReader:
    """Reads the row of `query`, in which {} is the driver's placeholder for one parameter.

    It has connections of its own, outside of any transaction.
    """

    def __init__(self, engine: Callable[[], Engine], query: str) -> None:
        self._engine, self._query = engine, query
        self._idle: deque[Any] = deque()
        self._readers = BoundedSemaphore(_READERS)
        self._rests_until = 0.0

    def fetch(self, value: Any) -> Any:
        """Return the row as the database has it now, or None when it does not answer."""
        with self._readers:
            if (began := time.monotonic()) < self._rests_until:
                return None
            connection = None
            try:
                connection = self._idle.pop() if self._idle else self._connect()
                row = connection.execute(self._statement, (value,)).fetchone()
            except Exception:  # whatever the driver raises; the app's own query will report it
                self._discard(connection)
                # Requests that wait for their turn would each wait as long, one after the other.
                if (now := time.monotonic()) - began > _PATIENCE / 2:
                    self._rests_until = now + _REST
                    self.close()
                return None
            self._idle.append(connection)
        return row

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._discard(self._idle.pop())

    def _connect(self) -> Any:
        engine = self._engine()
        pooled = engine.raw_connection()
        is_sqlite = engine.dialect.name == "sqlite"
        self._statement = self._query.format("?" if is_sqlite else "%s")
        driver: Any = pooled.driver_connection
        pooled.detach()
        if is_sqlite:
            driver.isolation_level = None
        else:
            driver.autocommit = True
            driver.prepare_threshold = 0
            driver.patience = _PATIENCE
        return driver

    @staticmethod
    def _discard(connection: Any) -> None:
        if connection is not None:
            with suppress(Exception):
                connection.close()
