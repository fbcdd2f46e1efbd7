"""The numbers that move with what pages show, in the transaction of the act that moves it.

Whoever keeps a page keeps these numbers with it, read before the page was made; as long as they
are the same the page is. An article's own `version` is moved by the acts on it and below it.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from threading import BoundedSemaphore, Event, Lock
from typing import Any

from sqlalchemy import BigInteger, Engine, event, inspect, update
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from app.db.base import Base, db


class Newsroom(Base):
    """One row of numbers for pages that show more than one article; see `cache.versions`."""

    __tablename__ = "newsroom"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # articles, their lists, people's names
    talk: Mapped[int] = mapped_column(default=1)  # the number of comments below any article
    words_revision: Mapped[int] = mapped_column(BigInteger, default=0)  # of the lists of words


# One row tells all, whatever a page shows; {} is the driver's mark of a parameter.
READ = (
    "SELECT n.version, n.talk, a.version, a.voted_at FROM newsroom n "
    "LEFT JOIN articles a ON a.id = {} WHERE n.id = 1"
)


class Scope(Enum):
    """What an answer depends on, as the columns of READ."""

    LISTS = (0, 1)  # many articles, each with the number of its comments
    ARTICLE = (0, 2, 3)  # one article and its discussion
    ARRIVALS = (0, 2)  # what is new below one article, while that is public
    NEWSROOM = (0,)  # articles, without what is said about them


VOTED_AT = 3  # the column of READ that votes move
_READERS = 8  # connections that read numbers at the same time
_PATIENCE = 3.0  # seconds that a read may take on PostgreSQL, which takes a fraction of one
_REST = 2.0  # seconds for which nobody reads after a read that took so long
ScopeKey = tuple[Scope, int]  # what is shown, and the id of the article or 0
Versions = tuple[int, ...]


_NOTED = "moved"  # in `Session.info`: the columns of Newsroom that the transaction will move


Moved = Callable[[set[str], bool], set[str]]
_watched: dict[type[Any], Moved] = {}


def watch(model: type[Any], moved: Moved) -> None:
    """Move numbers with the rows of `model`.

    `moved(columns, is_changed)` returns the names of Newsroom's columns that a row moves:
    `columns` are those of the row that are set, `is_changed` is False for a row that is new or
    deleted.
    """
    _watched[model] = moved


def _list_moved(row: Any, is_changed: bool) -> set[str]:
    moved = _watched.get(type(row))
    return moved(set(inspect(row).committed_state), is_changed) if moved else set()


@event.listens_for(db.session, "before_flush")
def _note_rows(session: Session, *_: Any) -> None:
    moved: set[str] = session.info.setdefault(_NOTED, set())
    for row in (*session.new, *session.deleted):
        moved |= _list_moved(row, is_changed=False)
    for row in session.dirty:
        moved |= _list_moved(row, is_changed=True)


@event.listens_for(db.session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """Note what a statement moves; one that makes or deletes rows moves as much as all columns."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    statement: Any = state.statement
    mapper = state.bind_mapper
    moved = _watched.get(mapper.class_) if mapper else None
    if mapper is None or moved is None:
        return
    if state.is_update and statement._values:
        columns = moved({column.name for column in statement._values}, True)
    else:
        columns = moved(set(mapper.columns.keys()), False)
    state.session.info.setdefault(_NOTED, set()).update(columns)


@event.listens_for(db.session, "before_commit")
def _move_versions(session: Session) -> None:
    """Last of all, so that the one row which all acts share is held for a moment only."""
    if session.in_nested_transaction():
        return
    session.flush()
    if moved := session.info.pop(_NOTED, None):
        session.execute(
            update(Newsroom)
            .where(Newsroom.id == 1)
            .values({name: _raise_version(name) for name in sorted(moved)})
            .execution_options(synchronize_session=False)
        )


def _raise_version(name: str) -> Any:
    """A revision is no count: a database that was put back must not repeat a later one."""
    if name == Newsroom.words_revision.key:
        return secrets.randbits(62)
    return getattr(Newsroom, name) + 1


@event.listens_for(db.session, "after_soft_rollback")
def _forget_moved(session: Session, _transaction: Any) -> None:
    session.info.pop(_NOTED, None)


class _Read:
    """A read that some wait for; `row` is what it found when it is `done`."""

    def __init__(self) -> None:
        self.done, self.row = Event(), None


class VersionReader:
    """Reads the numbers of `app.cache.versions` through the driver, as nothing else would
    be fast enough to be asked before each answer."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine
        self._idle: deque[Any] = deque()
        self._readers = BoundedSemaphore(_READERS)
        self._rests_until = 0.0
        self._shares = False  # SQLite answers before anybody else could come
        self._gate = Lock()
        self._turns = [Lock() for _ in range(_READERS)]
        self._awaited: dict[int, _Read] = {}

    def read(self, asked: ScopeKey) -> Versions | None:
        """The numbers that an answer depends on, or None when the database does not answer."""
        return select_versions(asked, self.row(asked[1]))

    def row(self, article_id: int) -> Any:
        """Return all numbers that a page with this article may depend on, or None."""
        return self._shared(article_id) if self._shares else self._fetch(article_id)

    def _shared(self, article_id: int) -> Any:
        """What one read tells all who came before it began, while the one before was under way."""
        with self._gate:
            read = self._awaited.get(article_id)
            is_first = read is None
            if read is None:
                read = self._awaited[article_id] = _Read()
        if not is_first:
            read.done.wait()
            return read.row
        try:
            with self._turns[article_id % _READERS]:
                self._begin(article_id, read)
                read.row = self._fetch(article_id)
        finally:
            self._begin(article_id, read)
            read.done.set()
        return read.row

    def _begin(self, article_id: int, read: "_Read") -> None:
        """From now on whoever comes waits for another read, for this one may be too old."""
        with self._gate:
            if self._awaited.get(article_id) is read:
                del self._awaited[article_id]

    def _fetch(self, article_id: int) -> Any:
        with self._readers:
            if (began := time.monotonic()) < self._rests_until:
                return None
            connection = None
            try:
                connection = self._idle.pop() if self._idle else self._connect()
                row = connection.execute(self._query, (article_id,)).fetchone()
            except Exception:  # whichever the driver raises; the app itself will say what it is
                self._discard(connection)
                # Those who wait for their turn would wait as long, one after the other.
                if (now := time.monotonic()) - began > _PATIENCE / 2:
                    self._rests_until = now + _REST
                    self.close()
                return None
            self._idle.append(connection)
        return row

    def close(self) -> None:
        while self._idle:
            self._discard(self._idle.pop())

    def _connect(self) -> Any:
        engine = self._engine()
        pooled = engine.raw_connection()
        self._query = READ.format("?" if engine.dialect.name == "sqlite" else "%s")
        driver: Any = pooled.driver_connection
        pooled.detach()
        if engine.dialect.name == "sqlite":
            driver.isolation_level = None
        else:
            self._shares = True
            driver.autocommit = True
            driver.prepare_threshold = 0
            driver.patience = _PATIENCE
        return driver

    @staticmethod
    def _discard(connection: Any) -> None:
        if connection is not None:
            with suppress(Exception):
                connection.close()


def select_versions(asked: ScopeKey, row: Any) -> Versions | None:
    """What of a row of `VersionReader` an answer depends on."""
    return None if row is None else tuple(row[place] for place in asked[0].value)


def is_current(asked: ScopeKey, kept: Versions | None, read: Versions | None, made: float) -> bool:
    """Whether an answer that was `made` (Unix time) of the numbers `kept` may still be sent.

    Votes that came in a second which had votes before it was made are told when that is over.
    """
    if kept is None or read is None or kept == read:
        return kept is not None and kept == read
    if VOTED_AT not in asked[0].value:
        return False
    place = asked[0].value.index(VOTED_AT)
    is_same_else = kept[:place] + kept[place + 1 :] == read[:place] + read[place + 1 :]
    return is_same_else and kept[place] >= int(made) and time.time() < int(made) + 1
