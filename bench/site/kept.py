"""The generated site is made once, kept, and copied for every run."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from bench.databases import Postgres
from devtools.steps import ROOT, Stop, quietly, visibly
from tests.services import own_environment

DATABASE = "botbeat.sqlite3"


def digest(sizes: Iterable[int]) -> str:
    """Return a name that changes with the schema, the texts' rules and the generator."""
    found = hashlib.sha256(repr(list(sizes)).encode())
    files = [
        *sorted((ROOT / "migrations" / "versions").glob("*.py")),
        *sorted((ROOT / "bench" / "site").glob("*.py")),
        *sorted((ROOT / "app" / "text").glob("*.py")),
        *sorted((ROOT / "app").glob("*/models.py")),
        *sorted((ROOT / "templates" / "discussion").glob("_*.html")),
    ]
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()[:12]


def _made(env: Mapping[str, str], sizes: list[int]) -> None:
    """Migrate, fill, and let the app's own commands make the rest and prove the counters."""
    whole = own_environment(env)
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    quietly("Making the schema", [*flask, "db", "upgrade"], whole)
    build = [sys.executable, "-m", "bench.site.build", *map(str, sizes)]
    for command in (build, [*flask, "search", "reindex"], [*flask, "text", "rerender"]):
        if code := visibly(command, whole):
            raise Stop(f"The generated site could not be made (exit code {code}): see above.")
    quietly("Recounting what the generator counted", [*flask, "recount", "--check"], whole)


def sqlite(cache: Path, run: Path, env: Mapping[str, str], sizes: list[int]) -> str:
    """Make a fresh copy of the site in the folder `run` and return its address."""
    name = digest(sizes)
    kept = cache / "sites" / name
    if not kept.exists():
        fresh = cache / "sites" / "new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        url = f"sqlite:///{fresh / DATABASE}"
        _made({**env, "BOTBEAT_INSTANCE": str(fresh), "BOTBEAT_DATABASE_URL": url}, sizes)
        with closing(sqlite3.connect(fresh / DATABASE)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _forget(cache / "sites", len(sizes))
        fresh.rename(kept)
        (kept / "sizes").write_text(str(len(sizes)))
    shutil.copy(kept / DATABASE, run / DATABASE)
    return f"sqlite:///{run / DATABASE}"


def _forget(folder: Path, sizes: int) -> None:
    """Drop older sites of the same number of threads."""
    for old in folder.glob("*/sizes"):
        if old.read_text() == str(sizes):
            shutil.rmtree(old.parent)


def postgresql(server: Postgres, run: Path, env: Mapping[str, str], sizes: list[int]) -> str:
    """Do the same on PostgreSQL, as a database of its own."""
    kind = f"site_{len(sizes)}_"
    name = kind + digest(sizes)
    if not server.has(name):
        for old in server.names():
            if old.startswith(kind):
                server.drop(old)
        server.make("fresh")
        url = server.url("fresh")
        _made({**env, "BOTBEAT_INSTANCE": str(run), "BOTBEAT_DATABASE_URL": url}, sizes)
        server.settle("fresh")
        server.rename("fresh", name)
    server.make("run", like=name)
    server.settle("run")
    return server.url("run")
