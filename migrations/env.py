"""Alembic's environment: runs migrations on the app's database, by `flask db ...`."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from app.db.base import Base

engine = current_app.extensions["migrate"].db.engine


def _is_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
    """Return False for SQLite's full-text table and its shadow tables, which Alembic ignores."""
    full_text = engine.dialect.name == "sqlite" and str(name).startswith("comment_words")
    return kind != "table" or not full_text


def run() -> None:
    """Run all migrations in one transaction, so that an interrupted one changes nothing."""
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
            include_object=_is_ours,
        )
        with context.begin_transaction():
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA busy_timeout = 30000")  # a site may be writing
                # SQLite changes a table by creating it anew; dropping the old one would delete
                # every row that refers to it.
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.execute(text("BEGIN IMMEDIATE"))
            context.run_migrations()
            if connection.dialect.name == "sqlite":
                lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if lost:
                    raise SystemExit(f"The migration would lose what rows refer to: {lost[:5]}")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "PRAGMA foreign_keys = ON"
            )  # the connection may be used again


if context.is_offline_mode():
    raise SystemExit("Migrations need the database: set BOTBEAT_DATABASE_URL and leave out --sql.")
run()
