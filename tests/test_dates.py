"""The dates under which dev.py runs tests, besides today's."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from devtools import dates, steps


def test_a_date_is_a_day_a_moment_or_days_ahead() -> None:
    assert dates.moment_of("2028-02-29") == datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert dates.moment_of("2027-12-31T23:59:50") == datetime(2027, 12, 31, 23, 59, 50, tzinfo=UTC)
    ahead = dates.moment_of("+400") - timedelta(days=400)
    assert abs(ahead - datetime.now(UTC)) < timedelta(minutes=1)


def test_what_is_no_date_is_refused_with_examples() -> None:
    for wrong in ("", "2027-02-29", "tomorrow", "400", "+", "+4000000", "--help"):
        with pytest.raises(steps.Stop, match=r"is not a date: give a day as 2028-02-29"):
            dates.moment_of(wrong)


def test_on_every_day_the_dates_to_try_are_what_they_are_called() -> None:
    wrong = []
    first = datetime(2027, 1, 1, 23, 59, 59, tzinfo=UTC)
    for now in (first + timedelta(days=number) for number in range(4 * 366 + 80)):
        ahead, leap, end = dates.dates_to_try(now).values()
        is_right = ahead - now == timedelta(days=400) and (leap.month, leap.day) == (2, 29)
        if not is_right or leap < now or (end + timedelta(seconds=10)).year != now.year + 1:
            wrong.append(now)
    assert wrong == []


def test_a_program_and_what_it_starts_live_at_the_wished_moment() -> None:
    ask = "import time; time.sleep(0); print(time.strftime('%Y-%m-%d', time.gmtime()))"
    program = f"import subprocess, sys; {ask}; subprocess.run([sys.executable, '-c', {ask!r}])"
    env = dates.environment(datetime(2031, 5, 6, 12, tzinfo=UTC))
    told = subprocess.run([sys.executable, "-u", "-c", program], env=env, capture_output=True)
    assert told.stdout.split() == [b"2031-05-06"] * 2, told.stderr
