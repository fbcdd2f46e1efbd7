"""The one source of time, so that tests can move it and no naive time ever enters."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
