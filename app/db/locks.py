"""Locks, and the one order in which every act takes them.

Two acts that each hold a lock which the other one waits for would wait for ever. So every act
locks rows in the order of ORDER, rows of one table by id, then the audit log, and at the commit
the row of `newsroom`. An act that holds the log waits for that row alone, and an act that holds
that row waits for nothing, so there can be no deadlock. An act may write rows that it has locked
at any time, also after the log.

Of comments, those that begin threads come before all others. Whoever changes what is listed in a
thread locks its first comment, so that this happens one after the other in each thread. An
article comes late, because all posts and votes below it wait for its row.

PostgreSQL: rows are locked FOR NO KEY UPDATE. That does not conflict with the FOR KEY SHARE of a
foreign key, so adding a row never waits for the rows that it refers to. SQLite has one lock for
all writers, which the first statement of an act takes.
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

LOG = "audit_log"  # has an advisory lock, because its next row does not exist yet
ORDER = (
    *("drafts", "kept_texts"),
    "comments",
    *("votes", "disagreements"),
    "users",
    *("user_sessions", "read_marks", "notices", "follows", "bookmarks", "mutes", "muted_words"),
    *("categories", "organisations", "topics", "articles", "article_topics", "article_slugs"),
    *("imported_comments", "revisions", "reports", "comment_words"),
    "listed_words",
    LOG,
    "newsroom",
)
# Kinds of acts that come one after the other: drafts of one person, imports below one article.
TURNS = ("drafts", "imports")
_LOG_LOCK = 7_205_001  # the key of the log's advisory lock: any number, the same in all processes
_BROKEN_OFF = {"40P01", "40001"}  # SQLSTATE: deadlock_detected, serialization_failure

Args = ParamSpec("Args")
Result = TypeVar("Result")
Row = TypeVar("Row")
_log = logging.getLogger("botbeat.locks")

_LOCK_WAIT = 5.0  # seconds that a writer waits for the others before the answer is 503
_LOCK_RETRY = 0.002  # seconds between two tries
_next_writer = Lock()  # held by the one writer of this process that tries; the others queue for it


def take_write_lock() -> None:
    """Begin the writing transaction now, so that nobody changes what is read until the commit.

    On SQLite this takes the one write lock; on PostgreSQL it does nothing, because `lock_rows`,
    `lock_selected` and each UPDATE lock rows there. It sleeps between short tries, because SQLite's
    own wait would stop every other greenlet of the process. Raises OperationalError after
    _LOCK_WAIT seconds.
    """
    connection = db.session.connection()
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return
    if driver.in_transaction:
        return
    time.sleep(0)  # let writers that came before go first, so that none writes again and again
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


def lock_rows(*rows: Any) -> None:
    """Lock rows (models with an `id`) until the commit, in the order of ORDER, and refresh them."""
    take_write_lock()
    for row in sorted(rows, key=_make_lock_key):
        # `of` leaves out tables that are joined to the row's.
        db.session.refresh(row, with_for_update={"of": type(row), "key_share": True})


def _make_lock_key(row: Any) -> tuple[int, Any]:
    """Return a sort key for the order in which rows are locked."""
    return ORDER.index(row.__tablename__), inspect(row).identity


def lock_selected(query: Select[Row]) -> Sequence[Row]:
    """Lock the rows of one model that `query` selects, by id; return them refreshed."""
    take_write_lock()
    model: Any = query.column_descriptions[0]["entity"]
    locking = query.order_by(model.id).with_for_update(of=model, key_share=True)
    return db.session.scalars(locking.execution_options(populate_existing=True)).all()


def lock_turn(kind: str, owner_id: int) -> None:
    """Wait for the other acts of `kind` by one owner; must come before any lock of a row.

    This is for rows that do not exist yet, which cannot be locked: so a bound on somebody's
    number of rows is exact, and two imports of one file store each comment once.
    """
    take_write_lock()
    if db.session.connection().dialect.name == "postgresql":
        # Keys of two numbers never collide with the log's lock, whose key is one number.
        statement = text("SELECT pg_advisory_xact_lock(:kind, :owner)")
        db.session.execute(statement, {"kind": TURNS.index(kind), "owner": owner_id})


def lock_log() -> None:
    """Lock the audit log until the commit.

    All changes so far are flushed first. After it, the act may only add rows and write rows that
    it has locked already.
    """
    take_write_lock()
    db.session.flush()
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOG_LOCK})


def retry_once(act: Callable[Args, Result]) -> Callable[Args, Result]:
    """Repeat a whole act once when the database aborted it to end a deadlock.

    `act` is one transaction from its first lock to its commit, and its caller has written nothing
    before. The rollback undoes all of it and expires the entities of its arguments, which are
    read again; an act that takes plain rows asks everything of them again under its locks. A
    second failure is raised; a request answers it with 503. A refused act is rolled back as well,
    so that its caller can go on without its locks.
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
    """Return whether the database aborted a transaction that may succeed when repeated."""
    return getattr(error.orig, "sqlstate", None) in _BROKEN_OFF
