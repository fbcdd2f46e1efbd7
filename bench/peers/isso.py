"""Isso, from PyPI, on its SQLite: the whole thread as JSON, as its page asks for it.

It keeps one level of replies, so a reply hangs below the comment that begins its thread.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bench.peers import Said, Serving
from bench.servers import Server, running
from devtools.steps import quietly
from tests.services import free_port

VERSION = "0.14.0"
URI = "/thread/"
NO_VOTERS = bytes(256)  # an empty filter of those who have voted

CONFIG = """
[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1/
[guard]
enabled = false
"""


def _installed(cache: Path) -> Path:
    """Return the Python of a virtual environment with Isso in it."""
    venv = cache / f"isso-{VERSION}"
    python = venv / "bin" / "python"
    if not (venv / "done").exists():
        shutil.rmtree(venv, ignore_errors=True)
        quietly("Making an environment for Isso", [sys.executable, "-m", "venv", str(venv)])
        pip = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
        quietly(f"Installing Isso {VERSION}", [*pip, f"isso=={VERSION}", "gunicorn"])
        (venv / "done").touch()
    return python


def _load(file: Path, thread: Sequence[Said]) -> None:
    """Put the thread into the tables that Isso has made."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO threads (id, uri, title) VALUES (1, ?, 'Thread')", [URI])
        connection.executemany(
            "INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author,"
            " voters) VALUES (1, ?, ?, ?, 1, '127.0.0.1', ?, ?, ?)",
            [(c.id, c.root, c.at.timestamp(), c.source, c.author, NO_VOTERS) for c in thread],
        )


def _count(answer: bytes) -> int:
    told = json.loads(answer)
    return sum(1 + len(comment["replies"]) for comment in told["replies"])


def _write(text: str) -> tuple[dict[str, str], bytes]:
    body = {"text": text, "author": "A reader", "email": None, "website": None, "parent": None}
    return {"Content-Type": "application/json"}, json.dumps(body).encode()


@contextmanager
def serve(cache: Path, folder: Path, thread: Sequence[Said]) -> Iterator[Serving]:
    """Isso under gunicorn with the thread in it."""
    python, port = _installed(cache), free_port()
    settings = folder / "isso.conf"
    settings.write_text(CONFIG.format(folder=folder))
    own = folder / "gunicorn.conf.py"  # or it would read the site's, which needs gevent
    own.touch()
    command = [str(python), "-m", "gunicorn", "-c", str(own), "-b", f"127.0.0.1:{port}"]
    command += ["-k", "gthread"]
    command += ["--threads", "4", "--no-control-socket", "isso.run"]
    env = dict(os.environ, ISSO_SETTINGS=str(settings))
    log = folder / "isso.log"
    with running("Isso", command, env, port, log, ready="/config") as process:
        _load(folder / "comments.db", thread)
        server = Server("isso", port, (process.pid,))
        yield Serving(server, f"/?uri={URI}", _count, f"/new?uri={URI}", _write)
