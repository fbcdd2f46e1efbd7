"""The base of all models, the session, and the settings of both database engines."""

import sqlite3
from datetime import datetime
from typing import Any

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.util import memoized_property

from app.config import ROOT
from app.db import postgres
from app.db.types import UtcDateTime


def _name_state_attributes() -> None:
    """Set all attributes of one SQLAlchemy row state before any other is made, for CPython 3.11.

    CPython stores attributes in a table that the instances of a class share; a name that first
    occurs after some thirty instances goes to a dictionary of the one instance. In 3.11 the
    creation of that dictionary may run the garbage collector, which may free the row. The row's
    weak reference then writes to the same state and creates the dictionary a second time, and the
    process dies because memory is freed twice. From 3.12 on the collector never runs inside an
    assignment (gh-97922).
    """
    first = object.__new__(InstanceState)
    names = InstanceState.__annotations__.keys() - set(InstanceState.__slots__)
    names |= {n for n, v in vars(InstanceState).items() if isinstance(v, memoized_property)}
    for name in sorted(names):
        setattr(first, name, None)


_name_state_attributes()


class Base(DeclarativeBase):
    """The base of all models. Constraints get names by rule, so that migrations can drop them."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime},
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory=str(ROOT / "migrations"), render_as_batch=True)


@event.listens_for(Engine, "connect")
def _sqlite_settings(connection: Any, _record: Any) -> None:
    """Set up a connection to SQLite.

    With WAL, readers go on while one connection writes. With FULL, an acknowledged write survives
    a loss of power.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=50",  # take_write_lock waits longer, and lets other requests run meanwhile
    ):
        connection.execute(f"PRAGMA {pragma}")


def make_engine_options(database_url: str) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for `database_url`.

    SQLite: the driver opens every writing transaction with BEGIN IMMEDIATE, because a read
    that upgrades to a write fails at once under load, whatever the busy timeout.
    PostgreSQL: a connection is tested before use, so that a restarted server causes no error, and
    every wait is bounded (app/db/postgres.py).
    """
    if database_url.startswith("sqlite"):
        return {"connect_args": {"isolation_level": "IMMEDIATE", "timeout": 0.05}}
    return {
        "connect_args": postgres.CONNECT_ARGS,
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 20,
        "pool_timeout": 5,
    }


def set_cache_size(megabytes: int) -> None:
    """Let this connection to SQLite cache that much of the database, instead of 2 MB.

    Commands that write much need it: each row goes to a dozen indexes all over the file.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA cache_size = -{megabytes * 1_000}"))


def is_duplicate(error: IntegrityError) -> bool:
    """Return whether a row with the same key is there already, which the other engine may say."""
    is_sqlites = str(error.orig).startswith("UNIQUE constraint failed")
    return is_sqlites or getattr(error.orig, "sqlstate", None) == "23505"
