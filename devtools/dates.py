"""Running tests under other dates than today's, because they must pass on any day.

`python -m devtools.dates` runs the tests of SENSITIVE under each of three dates at once, and
with `--on DATE` the tests that further arguments name, or all. The library libfaketime is loaded
into each Python that the tests start: pytest, gunicorn and the flask commands see one clock that
runs on from the given moment. PostgreSQL, Redis, nginx and Chromium have the real clock, because
they stop or hang with libfaketime; the times of files and the monotonic clock are real as well.
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

# The tests that depend most on dates: sessions, visits, last days, closing times, feeds.
SENSITIVE = [
    "tests/accounts/test_sessions.py",
    "tests/articles/test_feeds.py",
    "tests/articles/test_last_visit.py",
    "tests/drafts/test_slow_mode.py",
    "tests/members/test_muted_words.py",
]
QUICKLY = ["-q", "-n", "0", "-k", "not postgresql", "-p", "no:cacheprovider"]
FORMS = "give a day as 2028-02-29, a moment of UTC as 2027-12-31T23:59:50, or days ahead as +400"
UTC = timezone.utc


def moment_of(text: str) -> datetime:
    """Return the moment that `text` names (see FORMS), a day alone as its noon; raises Stop."""
    if re.fullmatch(r"\+\d{1,5}", text):
        return datetime.now(UTC) + timedelta(days=int(text))
    for form, hours in (("%Y-%m-%d", 12), ("%Y-%m-%dT%H:%M:%S", 0)):
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return moment + timedelta(hours=hours)
    raise Stop(f"{text!r} is not a date: {FORMS}.")


def dates_to_try(now: datetime) -> dict[str, datetime]:
    """Return the moments under which each run tries a part of the tests, by their names."""
    leap = next(year for year in range(now.year + 1, now.year + 9) if calendar.isleap(year))
    return {
        "400 days ahead": now + timedelta(days=400),
        "a 29 February": datetime(leap, 2, 29, 12, tzinfo=UTC),
        "a change of year": datetime(now.year, 12, 31, 23, 59, 50, tzinfo=UTC),
    }


def environment(moment: datetime) -> dict[str, str]:
    """Return the environment in which every program begins at `moment`.

    Raises Stop if libfaketime does not work.
    """
    library = find("libfaketime")
    now = time.time() - int(os.environ.get("FAKETIME", "0"))  # the real one, also under another
    ahead = round(moment.timestamp() - now)
    env = dict(
        tools_environment(), LD_PRELOAD=str(library), FAKETIME=f"{ahead:+d}",
        FAKETIME_DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1",
        # Its mend for an old C library makes each wait for Python's own lock end at the wrong time.
        FAKETIME_FORCE_MONOTONIC_FIX="0",
        PYTHONPATH=str(ROOT / "devtools" / "faked"),
    )  # fmt: skip
    output = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ).stdout  # fmt: skip
    if not re.fullmatch(r"\d+\.\d+\s", output) or abs(float(output) - now - ahead) > 60:
        raise Stop(f"{library} does not move the clock of {sys.executable}: it said {output!r}.")
    return env


def pytest(moment: datetime, arguments: list[str]) -> int:
    """Run the tests that `arguments` name under a clock that begins at `moment`."""
    print(f"\nThe clock of these tests begins at {moment:%Y-%m-%d %H:%M:%S} UTC.", flush=True)
    return visibly([sys.executable, "-m", "pytest", *arguments], environment(moment))


def pytest_on_each(moments: dict[str, datetime]) -> int:
    """Run SENSITIVE under each of `moments` at the same time; print one output after the other."""
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
    """Run the tests that `arguments` name, see the module's docstring; return the exit code."""
    fetch_tools()
    if arguments:
        return pytest(moment_of("".join(arguments[1:2])), arguments[2:])
    return pytest_on_each(dates_to_try(datetime.now(UTC)))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(guarded(main, sys.argv[1:]))
