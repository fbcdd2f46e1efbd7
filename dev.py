#!/usr/bin/env python3
"""BotBeat's commands for people who work on it; the standard library is all they need.

    python3 dev.py run [--port 8000]    start the site with its sample articles; Ctrl-C stops it
    python3 dev.py test                 check everything: lint, types and all tests
    python3 dev.py test ARGUMENTS       pytest alone, with these arguments; for example
                                        python3 dev.py test -k reply tests/comments
    python3 dev.py test --both          the same with every test on SQLite and on PostgreSQL, not
                                        only those in which the two can differ
    python3 dev.py test --on DATE       the same under another date, as in 2028-02-29, for all
                                        that the tests start; or +400 for 400 days ahead
    python3 dev.py lint                 ruff, mypy, djlint and the rooms of the house
    python3 dev.py flask ARGUMENTS      the site's own commands; for example
                                        python3 dev.py flask users create
    python3 dev.py bench [--quick]      measure the site beside what its bytes cost (--help)

The first start makes .venv and installs the packages of requirements.txt (about a minute).
`test` also needs Chromium, PostgreSQL and Redis and fetches what is missing: with apt-get for
root or with sudo, and below .cache, touching nothing else, for a user who has neither.

The data is kept in the folder instance; the variable BOTBEAT_INSTANCE moves it elsewhere.
"""

# An old Python must still be able to read this file, so that it can print why it is too old.
from __future__ import annotations

import argparse
import os
import sys
import textwrap
from pathlib import Path

from devtools.packages import PYTHON, RUN_LOCK, TEST_LOCK, install
from devtools.server import claim_port, data_folder, serve
from devtools.static import compress
from devtools.steps import guarded, quietly, visibly

ACCOUNTS = "demo-accounts.txt"  # written by the command `samples load`
WELCOME = """
BotBeat is running:

    http://127.0.0.1:{port}/
    http://localhost:{port}/
{accounts}
The data lives in {folder}; a further start keeps it.

Next: open an address above, read an article, join and write a comment. Sign in as the
moderator and open /mod/ to look after the comments. Ctrl-C stops everything.
All checks and tests: python3 dev.py test
"""


def too_old(version: tuple[int, ...]) -> str:
    """Return the sentence for a Python that is too old, or an empty text."""
    if version >= (3, 11):
        return ""
    return (
        "BotBeat needs Python 3.11 or newer, and this is {}.{}: install it "
        "(Debian 12: apt-get install python3 python3-venv), then run python3.11 dev.py"
    ).format(*version)


def run(arguments: list[str]) -> int:
    """Install, compress, migrate, load the sample content once, and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="dev.py run", description="Start the site.")
    parser.add_argument("--port", default="8000", help="on 127.0.0.1 (default: 8000)")
    listener = claim_port(parser.parse_args(arguments).port)
    port, folder = listener.getsockname()[1], data_folder()
    env = dict(os.environ, BOTBEAT_INSTANCE=str(folder))
    env.setdefault("BOTBEAT_SITE_URL", f"http://127.0.0.1:{port}")
    install(RUN_LOCK)
    compress()
    had_accounts = (folder / ACCOUNTS).exists()
    flask = [PYTHON, "-m", "flask", "--app", "wsgi"]
    quietly("Bringing the database up to date", [*flask, "db", "upgrade"], env)
    quietly("Loading the sample content", [*flask, "samples", "load"], env, shown=True)
    serve(env, listener, welcome(port, folder, had_accounts))
    return 0


def welcome(port: int, folder: Path, had_accounts: bool) -> str:
    """Return what `run` prints when the site is up, with the passwords only when they are new."""
    file, accounts = folder / ACCOUNTS, ""
    if file.exists():
        accounts = f"\nSign-in names and passwords of the sample accounts: {file}\n"
        if not had_accounts:
            accounts += "\n" + textwrap.indent(file.read_text().strip(), "    ") + "\n"
    return WELCOME.format(port=port, accounts=accounts, folder=folder)


def lint(arguments: list[str]) -> int:
    """Check style, types, templates and imports, each to its end.

    Return the exit code of the first failure.
    """
    install(TEST_LOCK)
    types = ["mypy", "app", "devtools", "dev.py"]
    codes = []
    for check in (["ruff", "check", "."], types, ["djlint", "templates"]):
        print("\n$ " + " ".join(check), flush=True)
        codes.append(visibly([PYTHON, "-m", *check]))
    print("\n$ lint-imports", flush=True)
    rooms = "from importlinter.cli import lint_imports_command as run; run(['--no-logo'])"
    codes.append(visibly([PYTHON, "-c", rooms]))
    return next(filter(None, codes), 0)


def test(arguments: list[str]) -> int:
    """Run the tests, with the programs that they need.

    Without arguments, or with --both alone, run the checks of `lint` before, and a part of the
    tests under other dates.
    """
    install(TEST_LOCK)
    if arguments[:1] == ["--on"]:
        return visibly([PYTHON, "-m", "devtools.dates", *arguments])
    code = 0
    if arguments in ([], ["--both"]):
        codes = [lint([]), visibly([PYTHON, "-m", "devtools.dates"])]
        code = next(filter(None, codes), 0)
    tests = visibly([PYTHON, "-m", "devtools.debian", *arguments])
    if code and not tests:
        print("The tests passed, but a check before them did not: see above.", flush=True)
    return code or tests


def flask(arguments: list[str]) -> int:
    """Run a command of the site, in the environment and folder of the site."""
    install(RUN_LOCK)
    env = dict(os.environ, BOTBEAT_INSTANCE=str(data_folder()))
    return visibly([PYTHON, "-m", "flask", "--app", "wsgi", *arguments], env)


def bench(arguments: list[str]) -> int:
    """Run the benchmark, with the load tool and the other programs that it needs."""
    install(RUN_LOCK)
    return visibly([PYTHON, "-m", "devtools.bench", *arguments])


COMMANDS = {"run": run, "test": test, "lint": lint, "flask": flask, "bench": bench}


def main(arguments: list[str]) -> int:
    """Run the command that `arguments` name and return the exit code."""
    problem = too_old(sys.version_info[:2])
    if problem:
        print(problem, file=sys.stderr)
        return 1
    name, rest = (arguments or ["--help"])[0], arguments[1:]
    if name in ("-h", "--help", "help") or (name in ("test", "lint") and rest == ["--help"]):
        print(__doc__)
        return 0
    if name not in COMMANDS:
        names = ", ".join(COMMANDS)
        print(f"There is no command {name!r}, but there are: {names}. See --help.", file=sys.stderr)
        return 2
    return guarded(COMMANDS[name], rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
