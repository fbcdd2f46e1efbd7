"""The one source of time, so that tests can move it and no time is naive."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment as an aware time in UTC."""
    return datetime.now(UTC)
