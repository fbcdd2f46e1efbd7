"""Counting anew what is kept in columns, a bounded number of rows at a time.

A counter and what it counts change in one transaction, and whoever changes one holds its row.
So a statement that reads both finds them equal at any moment of a running site, and as long
as a row is held its counters can be set right.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import User
from app.articles.models import Article
from app.comments import ranking, visibility
from app.comments.models import Comment
from app.db.base import db
from app.db.locks import retry_once, take_write_lock
from app.imports.models import ImportedComment
from app.moderation.models import Report
from app.reactions.models import Disagreement, Vote

BATCH = 1_000  # rows that are read, and held, at once

Progress = Callable[[int], None]
Model = type[Any]
Condition = ColumnElement[bool] | InstrumentedAttribute[bool]
Counts = Mapping[InstrumentedAttribute[Any], ColumnElement[Any]]


@dataclass
class Found:
    """How many counters there are, and in how many rows each kind differs from a recount."""

    counters: int = 0
    wrong: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))

    @property
    def differ(self) -> int:
        return self.wrong.total()


def count_rows() -> int:
    """How many rows a recount looks at, for its progress."""
    return sum(db.session.scalar(select(func.count(m.id))) or 0 for m in (User, Article, Comment))


def recount_counters(mend: bool, progress: Progress | None = None) -> Found:
    """Compare every counter with a recount, and with `mend` set right what differs.

    `progress` is called with the number of rows that were looked at. May run beside a working
    site: what one batch sets right is held as other writers hold it.
    """
    found = Found()
    for model, counts in ((Article, _OF_ARTICLES), (User, _OF_USERS)):
        for which in _iterate_batches(model):
            _recount(
                found, _list_compared(model, counts).where(which), model, which, mend, progress
            )
    for article_id in db.session.scalars(select(Article.id).order_by(Article.id)).all():
        for which in _iterate_batches(Comment, Comment.article_id == article_id):
            query = _list_compared_comments(article_id, which)
            _recount(found, query, Comment, which, mend, progress, article_id)
    return found


def _iterate_batches(model: Model, *among: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
    """What chooses the next rows, until there are none."""
    last = 0
    while True:
        ids = select(model.id).where(model.id > last, *among).order_by(model.id).limit(BATCH)
        first, last = last, db.session.scalar(select(func.max(ids.subquery().c.id))) or 0
        if not last:
            return
        yield and_(model.id > first, model.id <= last, *among)


def _recount(
    found: Found,
    query: Select[Any],
    model: Model,
    which: ColumnElement[bool],
    mend: bool,
    progress: Progress | None,
    article_id: int | None = None,
) -> None:
    """Compare the rows of one batch, `query`, and mend them; note in `found` what differed."""
    number, changes = _compare(query, model, which, mend, article_id)
    for change in changes.values():
        found.wrong.update(f"{model.__tablename__}.{name}" for name in change)
    found.counters += number * sum(kind.startswith(f"{model.__tablename__}.") for kind in KINDS)
    if progress:
        progress(number)


@retry_once
def _compare(
    query: Select[Any], model: Model, which: ColumnElement[bool], mend: bool, article_id: int | None
) -> tuple[int, dict[int, dict[str, Any]]]:
    """Return how many rows a batch has, and of those that differ, by id, what it should be."""
    if mend:
        _hold(model, which, article_id)
    rows = db.session.execute(query).mappings().all()
    changes = {row["id"]: change for row in rows if (change := _find_difference(model, row))}
    if mend:
        for ident, change in changes.items():
            _set_counters(model, ident, change)
        shown_on = [article_id] if article_id and changes else []
        for ident in [*changes] if model is Article else shown_on:
            _set_counters(Article, ident, {"version": Article.version + 1})
    db.session.commit()
    return len(rows), changes


def _hold(model: Model, which: ColumnElement[bool], article_id: int | None) -> None:
    """Wait for those who write these rows, in the order in which all writers wait.

    `key_share`: rows that only refer to these, such as a bookmark, may come meanwhile.
    """
    take_write_lock()
    if article_id:
        article = select(Article.id).where(Article.id == article_id)
        db.session.execute(article.with_for_update(key_share=True))
    held = select(model.id).where(which).order_by(model.id)
    db.session.execute(held.with_for_update(key_share=True))


def _find_difference(model: Model, row: Mapping[Any, Any]) -> dict[str, Any]:
    """The counters of a row that differ, with what they should be."""
    counted = {name[2:]: value for name, value in row.items() if name.startswith("n_")}
    if model is Comment:
        counted["best"] = ranking.compute_best(counted["up"], counted["down"])
        counted["controversy"] = ranking.compute_controversy(counted["up"], counted["down"])
    return {name: value for name, value in counted.items() if row[name] != value}


def _set_counters(model: Model, ident: int, values: dict[str, Any]) -> None:
    db.session.execute(
        update(model).where(model.id == ident).values(values),
        execution_options={"synchronize_session": False},
    )


# -- what is counted -----------------------------------------------------------------------------


def _select_number(*which: Condition) -> ColumnElement[int]:
    return select(func.count()).where(*which).scalar_subquery()


def _select_brought(votes: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """The votes that an imported comment brought along."""
    mine = select(votes).where(ImportedComment.comment_id == Comment.id)
    return func.coalesce(mine.scalar_subquery(), 0)


_PUBLISHED = visibility.sql_has_public_words()
_PICKED = and_(_PUBLISHED, Comment.pick_why != "")
_IN_IT = Comment.article_id == Article.id
_THEIRS = Comment.author_id == User.id
_BELOW = aliased(Comment)
_SERIAL = func.coalesce(select(func.max(Comment.publish_seq)).where(_IN_IT).scalar_subquery(), 0)

_OF_ARTICLES: Counts = {
    Article.comment_count: _select_number(_IN_IT, _PUBLISHED),
    Article.pick_count: _select_number(_IN_IT, _PICKED),
    # Never lowered, because readers' marks stand at it.
    Article.last_publish_seq: case(
        (Article.last_publish_seq < _SERIAL, _SERIAL), else_=Article.last_publish_seq
    ),
}
_OF_USERS: Counts = {
    User.published_comments: _select_number(_THEIRS, _PUBLISHED),
    User.pick_count: _select_number(_THEIRS, _PICKED),
}
_OF_COMMENTS: Counts = {
    Comment.reply_count: _select_number(_BELOW.parent_id == Comment.id, _BELOW.publicly_listed),
    Comment.up: _select_number(Vote.comment_id == Comment.id, Vote.value == 1)
    + _select_brought(ImportedComment.up),
    Comment.down: _select_number(Vote.comment_id == Comment.id, Vote.value == -1)
    + _select_brought(ImportedComment.down),
    Comment.report_count: _select_number(
        Report.comment_id == Comment.id, Report.decided_by.is_(None)
    ),
    Comment.disagree_count: _select_number(Disagreement.comment_id == Comment.id),
}
# Made by Python from up and down, so that no bit of them depends on the database.
_MADE = (Comment.best, Comment.controversy)
KINDS: list[str] = [
    f"{column.class_.__tablename__}.{column.key}"
    for column in (*_OF_ARTICLES, *_OF_USERS, *_OF_COMMENTS, *_MADE, Comment.thread_count)
]


def _list_compared(model: Model, counts: Counts) -> Select[Any]:
    """Each counter as it is stored, and below the name n_... as it is counted."""
    counted = [count.label(f"n_{column.key}") for column, count in counts.items()]
    return select(model.id, *counts, *counted)


def _list_compared_comments(article_id: int, which: ColumnElement[bool]) -> Select[Any]:
    """The same for comments; threads are sized together, for nothing leads to them by root."""
    threads = select(Comment.id).where(which).correlate(None)
    sizes = (
        select(_BELOW.root_id, func.count().label("size"))
        .where(_BELOW.article_id == article_id, _BELOW.publicly_listed, _BELOW.root_id.in_(threads))
        .group_by(_BELOW.root_id)
        .subquery()
    )
    size = func.coalesce(sizes.c.size, 0)
    return (
        _list_compared(Comment, _OF_COMMENTS)
        .add_columns(*_MADE, Comment.thread_count, size.label("n_thread_count"))
        .outerjoin(sizes, sizes.c.root_id == Comment.id)
        .where(which)
    )
