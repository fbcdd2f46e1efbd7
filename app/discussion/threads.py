"""Queries for the threads of a discussion, one page at a time."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Select, bindparam, select, tuple_
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import User
from app.accounts.roles import STAFF
from app.articles.rows import AnyArticle
from app.comments.enums import Sort
from app.comments.models import Comment
from app.comments.queries import select_by_ids_of
from app.comments.rows import AnyComment, CommentRow, list_rows, select_rows
from app.comments.visibility import sql_has_public_words, sql_is_known_to_all
from app.db.base import db
from app.db.keyset import Page, cut_page
from app.db.types import is_among
from app.discussion.enums import LEVELS_SHOWN, REPLIES_SHOWN, THREADS_A_PAGE, Only

# The columns that order threads, the highest first; other orders go by age.
ORDERED_BY: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.BEST: Comment.best,
    Sort.DISCUSSED: Comment.thread_count,
    Sort.CONTROVERSIAL: Comment.controversy,
}


def list_root_comments(
    article: AnyArticle, sort: Sort, after: int | None, after_key: float | None = None
) -> Page[CommentRow]:
    """Return the root comments of one page, and whether more follow.

    `after` is the id of the last root comment of the page before, or None for the first page.
    `after_key` is its value in the ordering column at that time, for votes may have changed it.
    """
    query = _select_roots(sort, after is not None, after_key is not None)
    return _list_page(query, article, {"article": article.id, "after": after, "key": after_key})


@cache
def _select_roots(sort: Sort, follows: bool, keyed: bool) -> Select[Any]:
    query = select(Comment.id).where(
        Comment.article_id == bindparam("article"), Comment.depth == 1, Comment.publicly_listed
    )
    after = bindparam("after", type_=Integer())
    if sort is Sort.OLDEST:
        return _limit(query.where(Comment.id > after) if follows else query, (Comment.id.asc(),))
    column = ORDERED_BY[sort]
    if follows:
        # The order must not disclose the value of a comment that is hidden.
        current = select(column).where(
            Comment.id == after, Comment.article_id == bindparam("article"), sql_is_known_to_all()
        )
        last = bindparam("key", type_=Float()) if keyed else current.scalar_subquery()
        query = query.where(tuple_(column, Comment.id) < tuple_(last, after))
    return _limit(query, (column.desc(), Comment.id.desc()))


def list_flat(
    article: AnyArticle,
    only: Only | None,
    after: int | None,
    person_id: int | None = None,
) -> Page[CommentRow]:
    """Return published comments of every depth, the newest first, and whether more follow.

    `only` narrows them to those of staff, to picks, or to those of the person `person_id`;
    `after` is the id of the last comment of the page before.
    """
    query = select(Comment.id).where(Comment.article_id == article.id, sql_has_public_words())
    order: ColumnElement[Any] = Comment.id.desc()
    if only in (Only.STAFF, Only.PICKS):
        # The bare id would make the planner scan the whole discussion along its index.
        order = (Comment.id + 0).desc()
    if only is Only.STAFF:
        query = query.where(Comment.author_id.in_(select(User.id).where(User.role.in_(STAFF))))
    elif only is Only.PICKS:
        query = query.where(Comment.picked_at.is_not(None))
    elif only is Only.PERSON:
        query = query.where(Comment.author_id == person_id)
    if after is not None:
        query = query.where(Comment.id < after)
    return list_page(query, article, (order,), parents=True)


def list_by_ids(article: AnyArticle, ids: Sequence[int], parent_id: int | None) -> list[CommentRow]:
    """Return the listed comments of `ids` whose parent is `parent_id` (None: root comments)."""
    query = select(Comment.id).where(
        Comment.article_id == article.id,
        Comment.id.in_(ids),
        Comment.parent_id == parent_id,
        Comment.publicly_listed,
    )
    order = Comment.id.desc() if parent_id is None else Comment.id.asc()
    return list_page(query, article, (order,)).rows


def list_page(
    query: Select[int],
    article: AnyArticle,
    order: Sequence[ColumnElement[Any]],
    parents: bool = False,
) -> Page[CommentRow]:
    """Return the comments of one page of `query`, and whether more follow.

    The limit applies before authors and parents are joined: without statistics, as of a new
    table, the planner would join them to the whole discussion.
    """
    return _list_page(_limit(query, order, parents), article)


def _limit(
    query: Select[int], order: Sequence[ColumnElement[Any]], parents: bool = False
) -> Select[Any]:
    page = query.order_by(*order).limit(THREADS_A_PAGE + 1).cte("page")
    comments = select_rows(parents=parents).join(page, page.c.id == Comment.id)
    return comments.order_by(*order)


def _list_page(
    query: Select[Any], article: AnyArticle, values: dict[str, Any] | None = None
) -> Page[CommentRow]:
    return cut_page(list_rows(query, article, values), THREADS_A_PAGE)


def list_shown_below(
    parents: Sequence[AnyComment], levels: int = LEVELS_SHOWN - 1
) -> list[CommentRow]:
    """Return what a page shows at first below `parents`: REPLIES_SHOWN replies each, `levels` deep.

    One statement with one step a level, each an index look-up by (parent, listed, rank), so it
    reads no more rows than it returns. The steps are CTEs, because without statistics, as of a
    new table, the planner would reorder plain joins.
    """
    ids = [parent.id for parent in parents if parent.reply_count]
    if not ids or levels < 1:
        return []
    query = _select_below(levels, db.engine.dialect)
    return list_rows(query, parents[0].article, {"ids": ids})


@cache
def _select_below(levels: int, dialect: Dialect) -> Select[Any]:
    at_first = (Comment.publicly_listed, Comment.rank.between(1, REPLIES_SHOWN))
    is_reply = is_among(Comment.parent_id, "ids", dialect)
    step = select(Comment.id).where(is_reply, *at_first).cte("level_1")
    steps = [step]
    for level in range(2, levels + 1):
        below = select(Comment.id).join(step, Comment.parent_id == step.c.id).where(*at_first)
        step = below.cte(f"level_{level}")
        steps.append(step)
    return select_by_ids_of(steps)
