"""Other dates than today's for the tests, so that they pass on any day.

`python -m devtools.dates` runs those of SENSITIVE under each of three dates at once, and with
`--on DATE` whichever tests further arguments name, or all. What tells a program the time is
libfaketime, a library that is loaded into each Python that the tests start: pytest, gunicorn and
the flask commands see one clock that runs on from the wished moment. PostgreSQL, Redis, nginx and
Chromium keep the real clock, for they stop or hang with it; the times of files and the clock that
measures spans are real as well.
"""

from __future__ import annotations

import calendar
import os
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

from devtools.debian import fetch_tools, find, tools_environment
from devtools.steps import ROOT, Stop, guarded, visibly

# What knows most of days: sessions, visits, last days, closing times, dates of a feed.
SENSITIVE = [
    "tests/accounts/test_sessions.py",
    "tests/articles/test_feeds.py",
    "tests/articles/test_last_visit.py",
    "tests/drafts/test_slow_mode.py",
    "tests/personal/test_muted_words.py",
]
QUICKLY = ["-q", "-n", "0", "-k", "not postgresql", "-p", "no:cacheprovider"]
FORMS = "give a day as 2028-02-29, a moment of UTC as 2027-12-31T23:59:50, or days ahead as +400"
UTC = timezone.utc


def moment_of(text: str) -> datetime:
    """The moment that `text` names, see FORMS; a day alone begins at noon. Stop if none."""
    if re.fullmatch(r"\+\d{1,5}", text):
        return datetime.now(UTC) + timedelta(days=int(text))
    for form, hours in (("%Y-%m-%d", 12), ("%Y-%m-%dT%H:%M:%S", 0)):
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return found + timedelta(hours=hours)
    raise Stop(f"{text!r} is not a date: {FORMS}.")


def dates_to_try(now: datetime) -> dict[str, datetime]:
    """The moments under which each run tries a part of the tests, by their names."""
    leap = next(year for year in range(now.year + 1, now.year + 9) if calendar.isleap(year))
    return {
        "400 days ahead": now + timedelta(days=400),
        "a 29 February": datetime(leap, 2, 29, 12, tzinfo=UTC),
        "a change of year": datetime(now.year, 12, 31, 23, 59, 50, tzinfo=UTC),
    }


def environment(moment: datetime) -> dict[str, str]:
    """The environment in which every program begins at `moment`; Stop where none does."""
    library = find("libfaketime")
    now = time.time() - int(os.environ.get("FAKETIME", "0"))  # the real one, also under another
    ahead = round(moment.timestamp() - now)
    env = dict(
        tools_environment(), LD_PRELOAD=str(library), FAKETIME=f"{ahead:+d}",
        FAKETIME_DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1",
        PYTHONPATH=str(ROOT / "devtools" / "faked"),
    )  # fmt: skip
    told = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ).stdout  # fmt: skip
    if not re.fullmatch(r"\d+\.\d+\s", told) or abs(float(told) - now - ahead) > 60:
        raise Stop(f"{library} does not move the clock of {sys.executable}: it said {told!r}.")
    return env


def pytest(moment: datetime, arguments: list[str]) -> int:
    """Run the tests that `arguments` name under a clock that begins at `moment`."""
    print(f"\nThe clock of these tests begins at {moment:%Y-%m-%d %H:%M:%S} UTC.", flush=True)
    return visibly([sys.executable, "-m", "pytest", *arguments], environment(moment))


def pytest_on_each(moments: dict[str, datetime]) -> int:
    """Run SENSITIVE under each of `moments` at the same time and show one after the other."""
    command = [sys.executable, "-m", "pytest", *QUICKLY, *SENSITIVE]
    started = {
        name: subprocess.Popen(
            command, env=environment(moment),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        for name, moment in moments.items()
    }  # fmt: skip
    try:
        for name, process in started.items():
            output, _ = process.communicate()
            print(f"\nA part of the tests on {name}:\n{output.rstrip()}", flush=True)
    finally:
        for process in started.values():
            process.terminate()
            process.wait()
    return next((process.returncode for process in started.values() if process.returncode), 0)


def main(arguments: list[str]) -> int:
    """Do what the module's docstring says and return the exit code."""
    fetch_tools()
    if arguments:
        return pytest(moment_of("".join(arguments[1:2])), arguments[2:])
    return pytest_on_each(dates_to_try(datetime.now(UTC)))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(guarded(main, sys.argv[1:]))
