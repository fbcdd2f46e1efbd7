"""The programs that tests talk to: PostgreSQL, Redis, Chromium and the site under gunicorn.

Each server is the test run's own, listens to this machine only, keeps its files in a temporary
folder and is gone with everything it wrote when its context ends.
"""

import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from devtools.debian import find, tools_environment
from devtools.server import answers, stop
from devtools.steps import ROOT

DEADLINE = 60  # seconds that a server may take to answer on a busy machine


class ServiceError(RuntimeError):
    """A program is missing or did not start; says which, and why."""


def program(package: str) -> Path:
    """Return the main file of one of `devtools.debian.NEEDED`; raises ServiceError."""
    path = find(package)
    if path is None:
        raise ServiceError(f"{package} is missing: `python3 dev.py test` fetches it.")
    return path


def chromium() -> str:
    """Return the browser without windows: the whole one draws tabs and menus for each test."""
    return str(program("chromium-headless-shell"))


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listened to a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgresql() -> Iterator[str]:
    """Run an empty PostgreSQL behind a Unix socket; yields the address of its database postgres."""
    with cluster() as folder, serving(folder) as address:
        yield address


@contextmanager
def cluster() -> Iterator[Path]:
    """Yield the folder of an empty PostgreSQL that does not run."""
    bin_folder = program("postgresql").parent
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder, identity = Path(name), _postgres_identity()
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        started: dict[str, Any] = {"cwd": folder, "env": _real_clock(), **identity}
        initdb = [str(bin_folder / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
        initdb += ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            initdb, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **started
        )
        if made.returncode:
            raise ServiceError(f"initdb failed: {made.stdout}")
        yield folder


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run the PostgreSQL of `cluster`; yields the address of its database postgres."""
    # Durability is worth nothing to a database that ends with the tests. Without a vacuum rows
    # come in the order in which they were written, as they do from a new table.
    fast = ["autovacuum", "fsync", "synchronous_commit", "full_page_writes"]
    command = [program("postgresql"), "-D", folder / "data", "-k", folder]
    command += [part for name in fast for part in ("-c", f"{name}=off")]
    command += ["-c", "listen_addresses="]

    def ready() -> bool:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    started: dict[str, Any] = {"cwd": folder, "env": _real_clock(), **_postgres_identity()}
    # SIGINT ends sessions that a test forgot; SIGTERM would wait for them.
    with _running(command, folder / "log", ready, signal.SIGINT, **started):
        yield f"postgresql+psycopg://postgres@/postgres?host={quote(str(folder), safe='')}"


def _postgres_identity() -> dict[str, Any]:
    """Whom to start PostgreSQL as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _real_clock() -> dict[str, str]:
    """Return the environment of a server that no test tells another date.

    Under libfaketime PostgreSQL looks for no deadlock, for its timer never rings, and Redis
    sometimes fails at its start, as the allocator of memory asks for the time. None of these
    servers is asked for a date.
    """
    return {name: value for name, value in tools_environment().items() if name != "LD_PRELOAD"}


@contextmanager
def redis_server(port: int = 0) -> Iterator[str]:
    """Run an empty Redis that keeps nothing, on `port` or a free one; yields its address."""
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as name:
        command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", name]

        def ready() -> bool:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                    connection.sendall(b"PING\r\n")
                    return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

        with _running(command, Path(name, "log"), ready, signal.SIGTERM, env=_real_clock()):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def nginx(config: str, port: int) -> Iterator[None]:
    """nginx with `config`, which stands in its http block and listens to `port`."""
    with tempfile.TemporaryDirectory(prefix="nginx-") as name:
        folder = Path(name)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        user = "user root;" if os.geteuid() == 0 else ""
        main = f"{user} pid {folder}/pid; daemon off; events {{ }}"
        (folder / "nginx.conf").write_text(
            f"{main} http {{ access_log off; {temporary}\n"
            f"{config.replace('/var/cache/nginx', str(folder / 'cache'))} }}"
        )
        (folder / "cache").mkdir()
        command = [program("nginx"), "-e", folder / "errors", "-c", folder / "nginx.conf"]

        def ready() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        with _running(command, folder / "log", ready, signal.SIGTERM, env=_real_clock()):
            yield


def own_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with `settings` as the only BOTBEAT_* ones.

    Whoever runs the tests may have a real site configured; no test may ever touch it.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BOTBEAT_")}
    return kept | dict(settings)


@dataclass(frozen=True)
class Served:
    """The site under gunicorn: its address without a last slash, its process, what it said."""

    address: str
    process: subprocess.Popen[str]
    log: Path


@contextmanager
def site(env: Mapping[str, str]) -> Iterator[str]:
    """Run the site under gunicorn; yields its address without a last slash (see `served`)."""
    with served(env) as running:
        yield running.address


@contextmanager
def served(env: Mapping[str, str]) -> Iterator[Served]:
    """Run the site under gunicorn as production starts it, in a process group of its own.

    `env` holds what differs from this process's environment; BOTBEAT_INSTANCE must be in it, and
    the database must have been migrated (see `flask`).
    """
    port = free_port()
    host = env.get("BOTBEAT_TRUSTED_HOSTS", "127.0.0.1").replace(",", " ").split()[0]
    address = f"http://127.0.0.1:{port}"
    settings = {"BOTBEAT_BIND": f"127.0.0.1:{port}", "BOTBEAT_SITE_URL": address, **env}
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    with tempfile.TemporaryDirectory(prefix="site-") as name:
        log = Path(name, "log")
        with log.open("w") as output:
            server = subprocess.Popen(
                command,
                cwd=ROOT,
                env=own_environment(settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )
        try:
            _wait(server, lambda: answers(port, host), log)
            yield Served(address, server, log)
        finally:
            stop(server)


def flask(env: Mapping[str, str], *arguments: str) -> str:
    """Run a command of the site, such as `flask(env, "db", "upgrade")`; return what it printed."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=own_environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise ServiceError(f"flask {' '.join(arguments)} failed: {done.stdout}")
    return done.stdout


@contextmanager
def _running(
    command: list[Any], log: Path, ready: Callable[[], bool], end: signal.Signals, **started: Any
) -> Iterator[None]:
    """Keep `command` running, from when `ready` says yes until the context ends with `end`."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **started)
    try:
        _wait(process, ready, log)
        yield
    finally:
        process.send_signal(end)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[Any], ready: Callable[[], bool], log: Path) -> None:
    """Return as soon as `ready` says yes; raises ServiceError with the log when it cannot."""
    deadline = time.monotonic() + DEADLINE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            what = "ended" if process.poll() is not None else f"gave no answer in {DEADLINE} s"
            raise ServiceError(f"{process.args!r} {what}: {log.read_text(errors='replace')}")
        time.sleep(0.05)
