"""The extensions, made once here and joined to an app in `create_app`."""

import json
import sqlite3
import time
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from flask_limiter import Limiter
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Text,
    bindparam,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, ORMExecuteState, registry
from sqlalchemy.types import TypeDecorator, TypeEngine

from app import postgres
from app.config import ROOT


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both engines; SQLite itself would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Ids(TypeDecorator[list[int]]):
    """Ids as one parameter: an array, for SQLite in JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer()) if _has_arrays(dialect) else Text())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if _has_arrays(dialect) else json.dumps(value)


def _has_arrays(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


def among(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], name: str, dialect: Dialect
) -> ColumnElement[bool]:
    """Whether `column` is one of the ids bound as `name`.

    Each as a parameter of its own they make a statement of another length for each number of
    them, which both drivers and PostgreSQL's planner read for longer than it runs.
    """
    ids: BindParameter[list[int]] = bindparam(name, type_=Ids())
    if _has_arrays(dialect):
        return column == func.any(ids)
    return column.in_(select(func.json_each(ids).table_valued("value").c.value))


class Base(DeclarativeBase):
    """The models' base. Constraints get names by rule, so that migrations can drop them."""

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


class SessionLogin(LoginManager):
    """Sign-in by session alone."""

    def _update_remember_cookie(self, response: Any) -> Any:
        # There is no such cookie here, and looking for it would make every answer one that
        # varies by cookie, also those that anything in between may keep.
        return response


login_manager = SessionLogin()
csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: "unset", headers_enabled=False)  # keys: app.web.limits


@event.listens_for(Engine, "connect")
def _sqlite_settings(connection: Any, _record: Any) -> None:
    """WAL lets readers go on while one writes; FULL keeps an acknowledged write on power loss."""
    if not isinstance(connection, sqlite3.Connection):
        return
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=50",  # waiting is done by take_write_lock, which lets others go on
    ):
        connection.execute(f"PRAGMA {pragma}")


def engine_options(database_url: str) -> dict[str, Any]:
    """SQLAlchemy engine options for `database_url`.

    SQLite: the driver opens every writing transaction with BEGIN IMMEDIATE, because a read
    that upgrades to a write fails at once under load whatever the busy timeout.
    PostgreSQL: a connection is tried before use, so that a restarted server is no error, and
    none is waited at for ever (app/postgres.py).
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


_LOCK_WAIT = 5.0  # seconds that a writer waits for the others before the answer is 503
_LOCK_RETRY = 0.002
_next_writer = Lock()  # held by the one of this process who tries; the others wait in their order


def take_write_lock() -> None:
    """Begin the writing transaction now, so that what is read next stays true until the commit.

    SQLite takes its one write lock; PostgreSQL needs nothing here, its rows are locked by the
    queries that say `with_for_update`. Waiting sleeps between short tries, because SQLite's own
    wait would stop every other greenlet of the process. Raises OperationalError after it.
    """
    connection = db.session.connection()
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return
    if driver.in_transaction:
        return
    time.sleep(0)  # whoever came before has their turn first: no connection writes on and on
    deadline = time.monotonic() + _LOCK_WAIT
    with _next_writer:
        while not driver.in_transaction:
            try:
                connection.execute(text("BEGIN IMMEDIATE"))
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > deadline:
                    raise
                time.sleep(_LOCK_RETRY)


@event.listens_for(db.session, "before_flush")
def _lock_for_flush(*_: Any) -> None:
    take_write_lock()


@event.listens_for(db.session, "do_orm_execute")
def _lock_for_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        take_write_lock()


def keep_pages(megabytes: int) -> None:
    """Let this connection to SQLite keep that much of the database in memory, not 2 MB.

    For commands that write much: each row goes to a dozen indexes, all over the file.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA cache_size = -{megabytes * 1_000}"))


def lock_row(row: Any) -> None:
    """Hold one row (any model with an `id`) until the commit, and read it anew."""
    take_write_lock()
    db.session.refresh(row, with_for_update={"of": type(row)})  # not what is joined to it
