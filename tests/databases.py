"""The databases of the tests: made once a run, and emptied before each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, text

from app.db.base import db

# Truncating each table takes a fifth of a second, whatever it holds, so only those are that have
# grown by what was deleted. The one row of newsroom comes with the migrations.
_EMPTY = """
DO $$ DECLARE found record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'
            AND tablename NOT IN ('alembic_version', 'newsroom') LOOP
        IF pg_relation_size(quote_ident(found.name)) > 1000000 THEN
            EXECUTE format('TRUNCATE %I CASCADE', found.name);
        ELSE
            EXECUTE format('DELETE FROM %I', found.name);
        END IF;
    END LOOP;
    FOR found IN SELECT sequencename AS name FROM pg_sequences
            WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        PERFORM setval(quote_ident(found.name), 1, false);
    END LOOP;
    UPDATE newsroom SET words_revision = 0;
END $$
"""


_MEMORY = Path("/dev/shm")
_ROOM = 256 * 1_000_000  # bytes that must be free there


@contextmanager
def folder() -> Iterator[Path]:
    """Yield an empty folder, in memory where that is possible.

    SQLite waits for the disk at each commit: most of the time that a short test takes.
    """
    is_usable = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    with tempfile.TemporaryDirectory(prefix="botbeat-", dir=_MEMORY if is_usable else None) as name:
        yield Path(name)


def wipe(app: Flask) -> None:
    """Empty the database, and let the app forget what it read of it."""
    if not put_back(app, "empty"):
        with app.app_context():
            db.session.execute(text(_EMPTY))
            db.session.commit()


def keep(app: Flask, name: str) -> None:
    """Copy what the database holds now, for `put_back`; of PostgreSQL nothing is copied."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _let_go(app)
            folder = app.config["INSTANCE"]
            shutil.copy(folder / "botbeat.sqlite3", folder / f"{name}.sqlite3")


def put_back(app: Flask, name: str) -> bool:
    """Restore what the database held when `keep` was called; return False if it never was."""
    folder = app.config["INSTANCE"]
    with app.app_context():
        _let_go(app)
    (folder / "audit.anchor").unlink(missing_ok=True)
    if not (folder / f"{name}.sqlite3").exists():
        return False
    for leftover in folder.glob("botbeat.sqlite3-*"):
        leftover.unlink()
    shutil.copy(folder / f"{name}.sqlite3", folder / "botbeat.sqlite3")
    return True


def _let_go(app: Flask) -> None:
    """Close all connections to an SQLite file; the last one writes the log into the file."""
    app.extensions["pagestore"].forget()
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()


def new(server: str) -> str:
    """Make the database botbeat beside the one that `server` names; returns its address."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE botbeat"))
    engine.dispose()
    head, _, query = server.partition("?")
    return head.rsplit("/", 1)[0] + "/botbeat" + (f"?{query}" if query else "")


def close(app: Flask) -> None:
    """Let go of all connections, so that the database can be dropped or its server stopped."""
    app.extensions["pagestore"].forget()
    with app.app_context():
        db.engine.dispose()
