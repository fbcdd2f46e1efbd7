"""Comparing stored counters with a recount, and correcting them, one batch of rows at a time.

A counter and the rows that it counts change in one transaction, which locks the counter's row.
So a statement that reads both finds them equal at any moment of a running site, and a counter can
be corrected while its row is locked.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import User
from app.articles.models import Article
from app.comments import ranking, visibility
from app.comments.models import Comment
from app.db.base import db
from app.db.batches import iterate_ranges
from app.db.locks import retry_once, take_write_lock
from app.imports.models import ImportedComment
from app.moderation.models import Report
from app.reactions.models import Disagreement, Vote

BATCH = 1_000  # rows that are read and locked at once

Progress = Callable[[int], None]
Model = type[Any]
Condition = ColumnElement[bool] | InstrumentedAttribute[bool]
Counts = Mapping[InstrumentedAttribute[Any], ColumnElement[Any]]


@dataclass
class Result:
    """The number of counters, and of wrong ones by kind."""

    counters: int = 0
    wrong: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))

    @property
    def differ(self) -> int:
        return self.wrong.total()


def count_rows() -> int:
    """Return how many rows a recount reads, for its progress."""
    return sum(db.session.scalar(select(func.count(m.id))) or 0 for m in (User, Article, Comment))


def recount_counters(mend: bool, progress: Progress | None = None) -> Result:
    """Compare every counter with a recount, and with `mend` correct what differs.

    `progress` is called with the number of rows of each batch. The site may run meanwhile: each
    batch locks its rows as other writers do.
    """
    result = Result()
    for model, counts in ((Article, _OF_ARTICLES), (User, _OF_USERS)):
        for which in iterate_ranges(model, BATCH):
            _recount(
                result, _list_compared(model, counts).where(which), model, which, mend, progress
            )
    for article_id in db.session.scalars(select(Article.id).order_by(Article.id)).all():
        for which in iterate_ranges(Comment, BATCH, Comment.article_id == article_id):
            query = _list_compared_comments(article_id, which)
            _recount(result, query, Comment, which, mend, progress, article_id)
    return result


def _recount(
    result: Result,
    query: Select[Any],
    model: Model,
    which: ColumnElement[bool],
    mend: bool,
    progress: Progress | None,
    article_id: int | None = None,
) -> None:
    """Compare the rows of one batch, `query`, correct them, and note differences in `result`."""
    number, changes = _compare(query, model, which, mend, article_id)
    for change in changes.values():
        result.wrong.update(f"{model.__tablename__}.{name}" for name in change)
    result.counters += number * sum(kind.startswith(f"{model.__tablename__}.") for kind in KINDS)
    if progress:
        progress(number)


@retry_once
def _compare(
    query: Select[Any], model: Model, which: ColumnElement[bool], mend: bool, article_id: int | None
) -> tuple[int, dict[int, dict[str, Any]]]:
    """Return how many rows a batch has, and the right counters of those that differ, by id."""
    if mend:
        _lock_rows(model, which)
    rows = db.session.execute(query).mappings().all()
    changes = {row["id"]: change for row in rows if (change := _find_difference(model, row))}
    if mend:
        for ident, change in changes.items():
            _set_counters(model, ident, change)
        of_comments = [article_id] if article_id and changes else []
        for ident in [*changes] if model is Article else of_comments:
            _set_counters(Article, ident, {"version": Article.version + 1})
    db.session.commit()
    return len(rows), changes


def _lock_rows(model: Model, which: ColumnElement[bool]) -> None:
    """Lock the rows of a batch in the order of all locks.

    `key_share` allows others to add rows that only refer to these, such as a bookmark.
    """
    take_write_lock()
    roots_first = [Comment.root_id.is_not(None)] if model is Comment else []
    rows = select(model.id).where(which).order_by(*roots_first, model.id)
    db.session.execute(rows.with_for_update(key_share=True))


def _find_difference(model: Model, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the counters of a row that differ, with their right values."""
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


# -- counters and their recounts -----------------------------------------------------------------


def _select_number(*which: Condition) -> ColumnElement[int]:
    return select(func.count()).where(*which).scalar_subquery()


def _select_imported(votes: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """Return the votes that a comment had when it was imported."""
    imported = select(votes).where(ImportedComment.comment_id == Comment.id)
    return func.coalesce(imported.scalar_subquery(), 0)


_PUBLISHED = visibility.sql_has_public_words()
_PICKED = and_(_PUBLISHED, Comment.pick_why != "")
_BELOW_ARTICLE = Comment.article_id == Article.id
_BY_USER = Comment.author_id == User.id
_REPLY = aliased(Comment)
_LAST_SEQ = func.coalesce(
    select(func.max(Comment.publish_seq)).where(_BELOW_ARTICLE).scalar_subquery(), 0
)

_OF_ARTICLES: Counts = {
    Article.comment_count: _select_number(_BELOW_ARTICLE, _PUBLISHED),
    Article.pick_count: _select_number(_BELOW_ARTICLE, _PICKED),
    # Never lowered, because readers' marks refer to it.
    Article.last_publish_seq: case(
        (Article.last_publish_seq < _LAST_SEQ, _LAST_SEQ), else_=Article.last_publish_seq
    ),
}
_OF_USERS: Counts = {
    User.published_comments: _select_number(_BY_USER, _PUBLISHED),
    User.pick_count: _select_number(_BY_USER, _PICKED),
}
_OF_COMMENTS: Counts = {
    Comment.reply_count: _select_number(_REPLY.parent_id == Comment.id, _REPLY.publicly_listed),
    Comment.up: _select_number(Vote.comment_id == Comment.id, Vote.value == 1)
    + _select_imported(ImportedComment.up),
    Comment.down: _select_number(Vote.comment_id == Comment.id, Vote.value == -1)
    + _select_imported(ImportedComment.down),
    Comment.report_count: _select_number(
        Report.comment_id == Comment.id, Report.decided_by.is_(None)
    ),
    Comment.disagree_count: _select_number(Disagreement.comment_id == Comment.id),
}
# Computed in Python from up and down, so that rounding does not depend on the database.
_COMPUTED = (Comment.best, Comment.controversy)
KINDS: list[str] = [
    f"{column.class_.__tablename__}.{column.key}"
    for column in (*_OF_ARTICLES, *_OF_USERS, *_OF_COMMENTS, *_COMPUTED, Comment.thread_count)
]


def _list_compared(model: Model, counts: Counts) -> Select[Any]:
    """Return the query for each counter as stored and, named n_..., as recounted."""
    counted = [count.label(f"n_{column.key}") for column, count in counts.items()]
    return select(model.id, *counts, *counted)


def _list_compared_comments(article_id: int, which: ColumnElement[bool]) -> Select[Any]:
    """Return the same query for comments of one article.

    The sizes of all threads are counted together, because no index begins with `root_id`.
    """
    threads = select(Comment.id).where(which).correlate(None)
    sizes = (
        select(_REPLY.root_id, func.count().label("size"))
        .where(_REPLY.article_id == article_id, _REPLY.publicly_listed, _REPLY.root_id.in_(threads))
        .group_by(_REPLY.root_id)
        .subquery()
    )
    size = func.coalesce(sizes.c.size, 0)
    return (
        _list_compared(Comment, _OF_COMMENTS)
        .add_columns(*_COMPUTED, Comment.thread_count, size.label("n_thread_count"))
        .outerjoin(sizes, sizes.c.root_id == Comment.id)
        .where(which)
    )
