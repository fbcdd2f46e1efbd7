"""Connections to PostgreSQL that wait for so long and no longer.

A server that hangs, or a line that is dead, answers nothing at all: without a limit each request
that needs the database would wait for ever, until none is left for the others. A limit that the
server keeps itself (statement_timeout) would not help, and PgBouncer would not pass it on.
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
_CANCELS = 1.0  # seconds that telling the server to stop may take
_REST = 3.0  # seconds for which nobody tries to connect after one waited in vain

# A line that died is noticed after a minute at most, whoever waits at it, commands as well.
CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": CONNECTS,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when an answer takes longer than `patience`, in seconds.

    Without one of its own it is ANSWERS. The flask commands wait without a limit, for an import
    or a migration may take long and nobody waits for them at a browser.
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
        """Close the connection, for a late answer would be taken for that of the next statement."""
        # One that is only slow should not go on with what nobody waits for. An older libpq can
        # only ask in a way that stops the whole process, so it does not ask.
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
    """Connect, or fail at once where somebody has just waited for this server in vain.

    Requests for one page wait for each other, so each would wait as long once more.
    """
    if dialect.driver != "psycopg":
        return None  # SQLAlchemy connects as it does
    server = options.get("host"), options.get("port")
    if not _is_command() and time.monotonic() < _rests_until.get(server, 0.0):
        raise psycopg.errors.ConnectionTimeout("the server did not answer a moment ago")
    try:
        return BoundedConnection.connect(*arguments, **options)
    except psycopg.errors.ConnectionTimeout:
        _rests_until[server] = time.monotonic() + _REST
        raise
