"""The databases of the tests: made once a run, and emptied before each test."""

import shutil

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


def wipe(app: Flask) -> None:
    app.extensions["pagestore"].forget()
    with app.app_context():
        db.session.remove()
        (app.config["INSTANCE"] / "audit.anchor").unlink(missing_ok=True)
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()
            folder = app.config["INSTANCE"]
            for leftover in folder.glob("botbeat.sqlite3-*"):
                leftover.unlink()
            shutil.copy(folder / "empty.sqlite3", folder / "botbeat.sqlite3")
        else:
            db.session.execute(text(_EMPTY))
            db.session.commit()


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
