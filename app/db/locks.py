"""Locks, and the one order in which every act takes them.

Two acts that each hold what the other one waits for would wait for ever. So every act locks
rows in the order of ORDER, rows of one table by id, takes the audit log after all of them, and
the row of `newsroom` last, at the commit. Whoever has the log waits for that row alone, and
whoever has that row waits for nothing; so no circle can close. Rows that an act holds already
may be written at any time, also after the log.

PostgreSQL: rows are held FOR NO KEY UPDATE. What a foreign key asks of them (FOR KEY SHARE) is
granted meanwhile, so adding a row never waits for the rows that it refers to. SQLite has one
lock for all writers, which the first statement of an act takes.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Select, event, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import ORMExecuteState

from app.db.base import db
from app.errors import DomainError

LOG = "audit_log"  # held by an advisory lock, because its next row is not there yet
ORDER = (
    *("categories", "organisations", "topics", "articles", "article_topics", "article_slugs"),
    "comments",
    *("imported_comments", "revisions", "votes", "disagreements", "reports", "comment_words"),
    *("drafts", "kept_texts"),
    "users",
    *("user_sessions", "read_marks", "notices", "follows", "bookmarks", "mutes", "muted_words"),
    "listed_words",
    LOG,
    "newsroom",
)
TURNS = ("drafts",)  # kinds of acts of which a person does one after the other
_CHAIN = 7_205_001  # any number, the same in every process: PostgreSQL's advisory lock of the log
_BROKEN_OFF = {"40P01", "40001"}  # SQLSTATE: deadlock_detected, serialization_failure

Args = ParamSpec("Args")
Result = TypeVar("Result")
Row = TypeVar("Row")
_log = logging.getLogger("botbeat.locks")

_LOCK_WAIT = 5.0  # seconds that a writer waits for the others before the answer is 503
_LOCK_RETRY = 0.002
_next_writer = Lock()  # held by the one of this process who tries; the others wait in their order


def take_write_lock() -> None:
    """Begin the writing transaction now, so that what is read next stays true until the commit.

    SQLite takes its one write lock; PostgreSQL needs nothing here, its rows are locked by `hold`
    and `hold_found`. Waiting sleeps between short tries, because SQLite's own
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


def hold(*rows: Any) -> None:
    """Hold rows (models with an `id`) until the commit in the order of ORDER, each read anew."""
    take_write_lock()
    for row in sorted(rows, key=_place):
        # `of`: not what is joined to it.
        db.session.refresh(row, with_for_update={"of": type(row), "key_share": True})


def _place(row: Any) -> tuple[int, Any]:
    """Return the place of a row's lock in the order of all locks, for sorting."""
    return ORDER.index(row.__tablename__), inspect(row).identity


def hold_found(query: Select[Row]) -> Sequence[Row]:
    """Hold the rows of one model that `query` selects, by id; return them, read anew."""
    take_write_lock()
    model: Any = query.column_descriptions[0]["entity"]
    held = query.order_by(model.id).with_for_update(of=model, key_share=True)
    return db.session.scalars(held.execution_options(populate_existing=True)).all()


def hold_turn(kind: str, person_id: int) -> None:
    """Wait for the other acts of `kind` by one person, before any row is locked.

    For a bound on how many rows somebody has: the row that would be one too many is not there
    yet, so it cannot be locked.
    """
    take_write_lock()
    if db.session.connection().dialect.name == "postgresql":
        # The form of two numbers, so that no turn meets the lock of the log.
        number = TURNS.index(kind)
        asked = text("SELECT pg_advisory_xact_lock(:kind, :person)")
        db.session.execute(asked, {"kind": number, "person": person_id})


def hold_log() -> None:
    """Wait for the audit log and hold it until the commit.

    All that the act has changed so far is written first. What comes after may only add rows and
    write rows that are held already.
    """
    take_write_lock()
    db.session.flush()
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN})


def retry_once(act: Callable[Args, Result]) -> Callable[Args, Result]:
    """Do a whole act again, once, when the database broke it off to end a deadlock.

    `act` is one transaction from its first lock to its commit, and whoever calls it has written
    nothing before. The rollback undoes all of it, and lets the rows that it was given be read
    anew. A second failure is raised; a request answers it with 503. An act that is refused lets
    go of all that it held, for its caller may go on.
    """

    def attempt(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        try:
            return act(*args, **kwargs)
        except DomainError:
            db.session.rollback()
            raise

    @wraps(act)
    def whole(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        try:
            return attempt(*args, **kwargs)
        except DBAPIError as error:
            db.session.rollback()
            if not is_broken_off(error):
                raise
            _log.warning("%s is done again: %s", act.__name__, error.orig)
        return attempt(*args, **kwargs)

    return whole


def is_broken_off(error: DBAPIError) -> bool:
    """Return whether the database ended a transaction that may succeed when done again."""
    return getattr(error.orig, "sqlstate", None) in _BROKEN_OFF
