"""The extensions, made once here and joined to an app in `create_app`."""

import json
import sqlite3
from datetime import UTC, datetime
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
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, registry
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlalchemy.util import memoized_property

from app.config import ROOT
from app.db import postgres


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


def _name_state_attributes() -> None:
    """Let CPython 3.11 know all attributes of SQLAlchemy's row states before the first is made.

    It keeps attributes in a table that the instances of a class share, and names that come up
    after some thirty instances go to a dictionary of the one instance. In 3.11 making that
    dictionary may run the garbage collector, which may free the row; the row's weak reference
    then writes to the same state, makes the dictionary a second time, and the process dies of
    memory freed twice. From 3.12 on the collector never runs inside an assignment (gh-97922).
    """
    first = object.__new__(InstanceState)
    names = InstanceState.__annotations__.keys() - set(InstanceState.__slots__)
    names |= {n for n, v in vars(InstanceState).items() if isinstance(v, memoized_property)}
    for name in sorted(names):
        setattr(first, name, None)


_name_state_attributes()


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


def keep_pages(megabytes: int) -> None:
    """Let this connection to SQLite keep that much of the database in memory, not 2 MB.

    For commands that write much: each row goes to a dozen indexes, all over the file.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA cache_size = -{megabytes * 1_000}"))
