"""PostgreSQL as a site would run it: durable, on this machine, kept below .cache/bench."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from devtools.debian import find, tools_environment
from devtools.steps import Stop

DEADLINE = 60  # seconds until the server answers; it may have to recover from a crash


@dataclass(frozen=True)
class Postgres:
    """A running server: its first process, and the folder of its socket."""

    pid: int
    folder: Path

    def url(self, name: str) -> str:
        """Return the address of one of its databases, for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{name}?host={quote(str(self.folder), safe='')}"

    def has(self, name: str) -> bool:
        with self._connected() as connection:
            asked = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(asked, [name]).fetchone() is not None

    def make(self, name: str, like: str = "template0") -> None:
        """Create a database of that name as a copy of another one, in place of an older one."""
        old, new, template = map(sql.Identifier, (name, name, like))
        with self._connected() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(old))
            make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, template)
            connection.execute(make)

    def settle(self, name: str) -> None:
        """Vacuum and analyze a database, or PostgreSQL itself would during a measurement."""
        with self._connected(name) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def rename(self, old: str, new: str) -> None:
        names = map(sql.Identifier, (old, new))
        with self._connected() as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))

    def names(self) -> list[str]:
        with self._connected() as connection:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
        return [str(row[0]) for row in rows]

    def drop(self, name: str) -> None:
        with self._connected() as connection:
            gone = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(gone)

    def _connected(self, name: str = "postgres") -> psycopg.Connection[Any]:
        host = str(self.folder)
        return psycopg.connect(host=host, user="postgres", dbname=name, autocommit=True)


def _identity() -> dict[str, Any]:
    """Whom to start PostgreSQL as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    entries = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = entries.get("postgres") or entries["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _home(cache: Path, identity: dict[str, Any]) -> Path:
    """Return where the data lies: in the cache, if PostgreSQL's user may go there.

    Elsewhere also where the path is too long for the name of a socket.
    """
    wanted = cache / "postgresql"
    open_to_all = all(folder.stat().st_mode & 0o001 for folder in cache.parents)
    if len(str(wanted)) > 80 or (identity and not open_to_all):
        wanted = Path(tempfile.gettempdir()) / f"botbeat-bench-{os.geteuid()}"
    wanted.mkdir(parents=True, exist_ok=True)
    if identity:
        os.chown(wanted, identity["user"], identity["group"])
    wanted.chmod(0o700)
    return wanted


@contextmanager
def postgresql(cache: Path) -> Iterator[Postgres]:
    """Run the server with the data of earlier runs until the context ends."""
    program = find("postgresql")
    if program is None:
        raise Stop("PostgreSQL is missing: start this as `python3 dev.py bench`, it fetches it.")
    identity = _identity()
    home = _home(cache, identity)
    data, log = home / "data", home / "log"
    started: dict[str, Any] = {"cwd": home, "env": tools_environment(), **identity}
    if not (data / "PG_VERSION").exists():
        initdb: list[str | Path] = [program.parent / "initdb", "-D", data, "-U", "postgres"]
        initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(initdb, capture_output=True, text=True, **started)
        if made.returncode:
            raise Stop(f"PostgreSQL's folder {data} could not be made: {made.stderr}")
    command: list[str | Path] = [program, "-D", data, "-k", home, "-c", "listen_addresses=", "-c"]
    command += ["shared_buffers=256MB"]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, **started
        )
    server = Postgres(process.pid, home)
    try:
        _wait(server, process, log)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()


def _wait(server: Postgres, process: subprocess.Popen[Any], log: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            server.names()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Stop(f"PostgreSQL did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.1)
        else:
            return
