"""Connections to PostgreSQL with a limit on every wait.

A server that hangs or a dead network connection answers nothing at all. Without a limit each
request that needs the database would wait for ever, until no connection is left. A limit that
the server enforces (statement_timeout) would not help, and PgBouncer would not pass it on.
"""

import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import click
import psycopg
from sqlalchemy import Dialect, Engine, event

CONNECTS = 5  # seconds that making a connection may take
ANSWERS = 25.0  # seconds that the answer to one statement may take: writers wait for each other
_CANCELS = 1.0  # seconds that cancelling a statement may take
_REST = 3.0  # seconds for which nobody connects after a connection timed out

# A dead network connection is noticed after a minute at most, also by commands.
CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": CONNECTS,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when an answer takes longer than `patience`, in seconds.

    The default is ANSWERS. The flask commands wait without a limit, because an import or a
    migration may take long.
    """

    patience: float | None = None

    def wait(
        self, gen: Generator[Any, Any, Any], interval: float = 0.1, timeout: float | None = None
    ) -> Any:
        if timeout is not None or _is_command():
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, ANSWERS if self.patience is None else self.patience)
        except psycopg.errors._WaitTimeout:
            self._give_up()
            raise

    def _give_up(self) -> None:
        """Close the connection, for a late answer would count as that of the next statement."""
        # A server that is only slow should stop the statement. An older libpq can cancel only in
        # a way that blocks the whole process, so then nothing is cancelled.
        if psycopg.capabilities.has_cancel_safe():
            with suppress(psycopg.Error):
                self.cancel_safe(timeout=_CANCELS)
        self.pgconn.finish()


def _is_command() -> bool:
    return click.get_current_context(silent=True) is not None


_rests_until: dict[Any, float] = {}  # by server: the reading of time.monotonic


@event.listens_for(Engine, "do_connect")
def _connect(
    dialect: Dialect, _record: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """Connect, or fail at once if a connection to this server has just timed out.

    Requests for one page wait for each other, so else each would wait as long again.
    """
    if dialect.driver != "psycopg":
        return None  # SQLAlchemy connects by itself
    server = options.get("host"), options.get("port")
    if not _is_command() and time.monotonic() < _rests_until.get(server, 0.0):
        raise psycopg.errors.ConnectionTimeout("the server did not answer a moment ago")
    try:
        return BoundedConnection.connect(*arguments, **options)
    except psycopg.errors.ConnectionTimeout:
        _rests_until[server] = time.monotonic() + _REST
        raise
