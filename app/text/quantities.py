"""Numbers, lengths and times in words; the one place that says how they are written."""

from datetime import datetime

from app import clock
from app.errors import Invalid
from app.text.normalise import normalise

MINUTE, HOUR, DAY, YEAR = 60, 3_600, 86_400, 86_400 * 365  # seconds
LONGEST_READ = 10_000  # characters; what is longer is refused before anything is done with it


def format_count(number: int, one: str, many: str = "") -> str:
    """Return a number of things, as in `1 comment` or `1,428 comments`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def format_day(moment: datetime) -> str:
    """Return the day of a time, as in `2026-07-05`."""
    return moment.strftime("%Y-%m-%d")


def format_minute(moment: datetime) -> str:
    """Return a time to the minute, as in `2026-07-05 09:00 UTC`."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def format_clock(moment: datetime) -> str:
    """Return the time of day, as in `09:00 UTC`."""
    return moment.strftime("%H:%M UTC")


def format_iso(moment: datetime) -> str:
    """Return a time for programs, as in `2026-07-05T09:00:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def format_ago(moment: datetime) -> str:
    """Return how long ago a time is, as in `2 h ago`; never negative, whatever the clocks say."""
    seconds = max(0, int((clock.now() - moment).total_seconds()))
    for size, unit in ((YEAR, "y"), (DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


def format_ahead(moment: datetime) -> str:
    """Return how far ahead a time is, as in `in 6 days`."""
    seconds = max(0, int((moment - clock.now()).total_seconds()))
    for size, unit in ((DAY, "day"), (HOUR, "hour")):
        if seconds >= size:
            return f"in {format_count(seconds // size, unit)}"
    return f"in {format_count(max(1, seconds // MINUTE), 'minute')}"


def format_duration(seconds: int) -> str:
    """Return a length of time, as in `40 seconds` or `2 minutes`; minutes are rounded up."""
    if seconds < 2 * MINUTE:
        return format_count(seconds, "second")
    return format_count(-(-seconds // MINUTE), "minute")


def explain_length(subject: str, length: int, most: int) -> str:
    """Return that `subject` is too long, in a sentence, or an empty text where it is not."""
    return f"{subject} {format_count(length - most, 'character')} too long" if length > most else ""


def require_length(source: str, most: int, subject: str, field: str) -> str:
    """Return `source` normalised and without space around it.

    `subject` begins the sentence, as in "Comment is", and `field` is the form's. Raises Invalid
    where the text has more than `most` characters.
    """
    if len(source) <= LONGEST_READ:
        source = normalise(source).strip()
    if problem := explain_length(subject, len(source), most):
        raise Invalid(problem, field)
    return source
