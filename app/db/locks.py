"""Locks: the one write lock of SQLite, and rows that are held until the commit."""

import sqlite3
import time
from threading import Lock
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState

from app.extensions import db

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


def lock_row(row: Any) -> None:
    """Hold one row (any model with an `id`) until the commit, and read it anew."""
    take_write_lock()
    db.session.refresh(row, with_for_update={"of": type(row)})  # not what is joined to it
