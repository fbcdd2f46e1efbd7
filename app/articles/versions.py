"""The numbers that move with what pages show, in the transaction of the act that moves it.

Whoever keeps a page keeps these numbers with it, read before the page was made; as long as they
are the same the page is. An article's own `version` is moved by the acts on it and below it.
"""

from enum import Enum
from typing import Any

from sqlalchemy import event, inspect, update
from sqlalchemy.orm import ORMExecuteState, Session

from app import clock
from app.accounts.models import User
from app.articles.models import Article, Category, Newsroom, Organisation, Topic
from app.extensions import db

# One row tells all, whatever a page shows; {} is the driver's mark of a parameter.
READ = (
    "SELECT n.version, n.talk, a.version, a.voted_at FROM newsroom n "
    "LEFT JOIN articles a ON a.id = {} WHERE n.id = 1"
)


class Shows(Enum):
    """What an answer depends on, as the columns of READ."""

    LISTS = (0, 1)  # many articles, each with the number of its comments
    ARTICLE = (0, 2, 3)  # one article and its discussion
    ARRIVALS = (2,)  # what is new below one article


VOTED_AT = 3  # the column of READ that tells a second


# Of an article only its own page shows these; the lists show the number of its comments.
_OF_ITS_PAGE = {"version", "voted_at", "last_serial", "pick_count"}
_COUNTED = "comment_count"
_OF_PEOPLE = {"name", "role"}
_FILED_UNDER = (Organisation, Category, Topic)
_NOTED = "moved"  # in `Session.info`: the columns of Newsroom that the transaction will move


def voted(article_id: int) -> None:
    """Let the article's page tell new votes, at the latest when this second is over.

    Called before the comment's row is locked, for other acts lock the article first.
    """
    now = int(clock.now().timestamp())
    db.session.execute(
        update(Article)
        .where(Article.id == article_id, Article.voted_at < now)
        .values(voted_at=now)
        .execution_options(synchronize_session=False)
    )


def _moved_by(row: Any, is_changed: bool) -> set[str]:
    """The columns of Newsroom that a new, changed or deleted row moves."""
    if isinstance(row, _FILED_UNDER):
        return {"version"}
    changed = set(inspect(row).committed_state)
    if isinstance(row, User):
        return {"version"} if is_changed and changed & _OF_PEOPLE else set()
    if not isinstance(row, Article):
        return set()
    talk = {"talk"} if _COUNTED in changed else set()
    elsewhere = not is_changed or changed - _OF_ITS_PAGE - {_COUNTED}
    return talk | ({"version"} if elsewhere else set())


@event.listens_for(db.session, "before_flush")
def _note_rows(session: Session, *_: Any) -> None:
    moved: set[str] = session.info.setdefault(_NOTED, set())
    for row in (*session.new, *session.deleted):
        moved |= _moved_by(row, is_changed=False)
    for row in session.dirty:
        moved |= _moved_by(row, is_changed=True)


@event.listens_for(db.session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """A statement that changes many rows at once does not say which: everything may have moved."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    statement: Any = state.statement
    model = state.bind_mapper.class_ if state.bind_mapper else None
    if model not in (User, Article, *_FILED_UNDER):
        return
    named = {column.name for column in statement._values or ()} if state.is_update else set()
    if not named or named - _OF_ITS_PAGE:
        state.session.info.setdefault(_NOTED, set()).update(("version", "talk"))


@event.listens_for(db.session, "before_commit")
def _move(session: Session) -> None:
    """Last of all, so that the one row which all acts share is held for a moment only."""
    if session.in_nested_transaction():
        return
    session.flush()
    if moved := session.info.pop(_NOTED, None):
        session.execute(
            update(Newsroom)
            .where(Newsroom.id == 1)
            .values({name: getattr(Newsroom, name) + 1 for name in sorted(moved)})
            .execution_options(synchronize_session=False)
        )


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Session, _transaction: Any) -> None:
    session.info.pop(_NOTED, None)
