"""Version numbers of what pages show, raised in the transaction of each act.

A cached page is current while the versions that were read before it was made stay the same.
"""

import secrets
import time
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, cast

from sqlalchemy import BigInteger, Engine, Update, bindparam, event, inspect, update
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from app.db import core
from app.db.base import Base, db
from app.db.driver import RowReader


class Newsroom(Base):
    """One row of numbers for pages that show more than one article; see `cache.versions`."""

    __tablename__ = "newsroom"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # articles, their lists, people's names
    talk: Mapped[int] = mapped_column(default=1)  # the comment count of any article
    words_revision: Mapped[int] = mapped_column(BigInteger, default=0)  # of the lists of words


# One row holds the versions of any page; {} stands for the id of an article.
READ = (
    "SELECT n.version, n.talk, a.version, a.voted_at FROM newsroom n "
    "LEFT JOIN articles a ON a.id = {} WHERE n.id = 1"
)


class Scope(Enum):
    """The subject of an answer, as the columns of READ that it depends on."""

    LISTS = (0, 1)  # many articles, each with its comment count
    ARTICLE = (0, 2, 3)  # one article and its discussion
    NEW_COMMENTS = (0, 2)  # the new comments below one public article
    NEWSROOM = (0,)  # articles without their comments


# Seconds for which visitors may be sent pages by numbers that were read once: what another process
# wrote, and votes, they see that much later, what this process wrote at once. For members the
# numbers are always read.
RECENT = 0.1
_RECENT_ROWS = 2_000  # articles whose numbers are held for that long
Versions = tuple[int, ...]
# In `Session.info`: the columns of Newsroom that the transaction will raise, and whether it is one
# of those that visitors may see a moment later.
_NOTED, _MAY_WAIT = "moved", "may wait"

Moved = Callable[[set[str], bool], set[str]]
_watched: dict[type[Any], Moved] = {}


def watch(model: type[Any], moved: Moved) -> None:
    """Raise versions with each change of a row of `model`.

    `moved(columns, is_changed)` returns the names of Newsroom's columns that a row raises.
    `columns` are the columns of the row that are set; `is_changed` is False for a row that is
    new or deleted.
    """
    _watched[model] = moved


@event.listens_for(db.session, "before_flush")
def _note_rows(session: Session, *_: Any) -> None:
    moved: set[str] = session.info.setdefault(_NOTED, set())
    changed = session.dirty
    for row in (*session.new, *session.deleted, *changed):
        if raised_by := _watched.get(type(row)):
            moved |= raised_by(set(inspect(row).committed_state), row in changed)


@event.listens_for(db.session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """Note what a bulk statement raises; an INSERT or DELETE counts as a change of all columns."""
    mapper, statement = state.bind_mapper, cast("Any", state.statement)
    is_write = state.is_insert or state.is_update or state.is_delete
    if not is_write or mapper is None or mapper.class_ not in _watched:
        return
    if state.is_update and statement._values:
        note_change(mapper.class_, *(column.name for column in statement._values))
    else:
        note_change(mapper.class_, *mapper.columns.keys(), is_changed=False)


def note_change(model: type[Any], *columns: str, is_changed: bool = True) -> None:
    """Note what a change of these columns of a row raises, for a statement past the ORM."""
    moved = _watched[model](set(columns), is_changed)
    db.session.info.setdefault(_NOTED, set()).update(moved)


@event.listens_for(db.session, "before_commit")
def _move_versions(session: Session) -> None:
    """Raise the noted versions, last of all, as every act locks this one row until its commit."""
    if session.in_nested_transaction():
        return
    session.flush()
    if moved := session.info.pop(_NOTED, None):
        core.run(_raise_versions(tuple(sorted(moved))))


@cache
def _raise_versions(names: tuple[str, ...]) -> Update:
    """Return the UPDATE that raises these versions.

    A revision of word lists is random: after a backup is restored, a count could repeat one
    that a process still caches.
    """
    revision = bindparam(None, callable_=lambda: secrets.randbits(62), type_=BigInteger())
    raised = {name: getattr(Newsroom, name) + 1 for name in names}
    if "words_revision" in raised:
        raised["words_revision"] = revision
    return update(Newsroom).where(Newsroom.id == 1).values(raised)


def let_visitors_wait() -> None:
    """Leave the numbers that were read in use after this transaction, for the rest of RECENT.

    For votes, of which a lively discussion gets dozens a second: each would make its page anew.
    """
    db.session.info[_MAY_WAIT] = True


@event.listens_for(db.session, "after_commit")
def _count_commit(session: Session) -> None:
    if not session.info.pop(_MAY_WAIT, False):
        VersionReader.own_commits += 1


@event.listens_for(db.session, "after_soft_rollback")
def _forget_moved(session: Session, _transaction: Any) -> None:
    session.info.pop(_NOTED, None)
    session.info.pop(_MAY_WAIT, None)


class VersionReader:
    """Reads versions, and holds them for the short time that visitors may be sent by them.

    `own_commits` counts those of this process: what was read before one is not used after it.
    """

    own_commits = 0

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._rows = RowReader(engine, READ)
        self._recent: dict[int, tuple[int, float, Any]] = {}  # by article: commits, time, row

    def read(self, article_id: int) -> Any:
        """Return all versions that a page with this article may depend on, as they are, or None."""
        commits, now = self.own_commits, time.time()
        row = self._rows.fetch(article_id)
        if len(self._recent) >= _RECENT_ROWS:
            self._recent.clear()
        self._recent[article_id] = commits, now, row
        return row

    def read_recent(self, article_id: int) -> Any:
        """Return what `read` returned at most RECENT seconds ago, if this process wrote nothing."""
        commits, at, row = self._recent.get(article_id, (-1, 0.0, None))
        if commits == self.own_commits and row is not None and 0 <= time.time() - at < RECENT:
            return row
        return self.read(article_id)

    def close(self) -> None:
        """Forget what was read and close all connections."""
        self._recent.clear()
        self._rows.close()


def select_versions(scope: Scope, row: Any) -> Versions | None:
    """Return the columns of a row of `VersionReader` that an answer depends on, None for none."""
    return None if row is None else tuple(row[column] for column in scope.value)
