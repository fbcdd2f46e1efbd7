"""Reading the threads of a discussion, one page at a time."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Select, bindparam, select, tuple_
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from app.accounts.models import User
from app.accounts.roles import STAFF
from app.articles.models import Article
from app.comments.enums import LEVELS_SHOWN, REPLIES_SHOWN, THREADS_A_PAGE, Only, Sort
from app.comments.models import Comment
from app.comments.queries import select_found, select_with_authors
from app.comments.visibility import sql_has_public_words, sql_is_known_to_all
from app.db.base import db
from app.db.types import is_among

# What orders threads besides their age, the highest first.
ORDERED_BY: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.BEST: Comment.best,
    Sort.DISCUSSED: Comment.thread_count,
    Sort.CONTROVERSIAL: Comment.controversy,
}


def list_root_comments(
    article: Article, sort: Sort, after: int | None, after_key: float | None = None
) -> tuple[list[Comment], bool]:
    """The first comments of the threads of a page, and whether more follow.

    `after` is the id of the last one of the page before, or None for the first page;
    `after_key` what ordered it then, for votes may have moved it since.
    """
    query = _select_roots(sort, after is not None, after_key is not None)
    return _list_page(query, {"article": article.id, "after": after, "key": after_key})


@cache
def _select_roots(sort: Sort, follows: bool, keyed: bool) -> Select[Comment]:
    query = select(Comment.id).where(
        Comment.article_id == bindparam("article"), Comment.depth == 1, Comment.publicly_listed
    )
    after = bindparam("after", type_=Integer())
    if sort is Sort.OLDEST:
        return _limit(query.where(Comment.id > after) if follows else query, (Comment.id.asc(),))
    column = ORDERED_BY[sort]
    if follows:
        # A comment that nobody may know of must order nothing.
        last_one = select(column).where(
            Comment.id == after, Comment.article_id == bindparam("article"), sql_is_known_to_all()
        )
        now = last_one.scalar_subquery()
        last = bindparam("key", type_=Float()) if keyed else now
        query = query.where(tuple_(column, Comment.id) < tuple_(last, after))
    return _limit(query, (column.desc(), Comment.id.desc()))


def list_flat(
    article: Article,
    only: Only | None,
    after: int | None,
    person_id: int | None = None,
) -> tuple[list[Comment], bool]:
    """Published comments of every depth, the newest first, and whether more follow.

    `only` narrows them to those of staff, to picks, or to those of the person `person_id`;
    `after` is the id of the last one of the page before.
    """
    query = select(Comment.id).where(Comment.article_id == article.id, sql_has_public_words())
    order: ColumnElement[Any] = Comment.id.desc()
    if only in (Only.STAFF, Only.PICKS):
        # Not by the bare id: the planner would walk the whole discussion along that index.
        order = (Comment.id + 0).desc()
    if only is Only.STAFF:
        query = query.where(Comment.author_id.in_(select(User.id).where(User.role.in_(STAFF))))
    elif only is Only.PICKS:
        query = query.where(Comment.picked_at.is_not(None))
    elif only is Only.PERSON:
        query = query.where(Comment.author_id == person_id)
    if after is not None:
        query = query.where(Comment.id < after)
    return list_page(query, (order,), parents=True)


def list_by_ids(article: Article, ids: Sequence[int], parent_id: int | None) -> list[Comment]:
    """Those of `ids` that stand directly below `parent_id`, or begin a thread when it is None."""
    wanted = select(Comment.id).where(
        Comment.article_id == article.id,
        Comment.id.in_(ids),
        Comment.parent_id == parent_id,
        Comment.publicly_listed,
    )
    return list_page(wanted, (Comment.id.desc() if parent_id is None else Comment.id.asc(),))[0]


def list_page(
    query: Select[int], order: Sequence[ColumnElement[Any]], parents: bool = False
) -> tuple[list[Comment], bool]:
    """The comments of one page of `query`, and whether more follow.

    The page is cut before authors and parents are joined: a planner that knows nothing of a
    fresh table yet would join them to the whole discussion.
    """
    return _list_page(_limit(query, order, parents))


def _limit(
    query: Select[int], order: Sequence[ColumnElement[Any]], parents: bool = False
) -> Select[Comment]:
    drawn = select_with_authors()
    if parents:
        drawn = drawn.options(joinedload(Comment.parent).joinedload(Comment.author))
    cut = query.order_by(*order).limit(THREADS_A_PAGE + 1).cte("cut")
    return drawn.join(cut, cut.c.id == Comment.id).order_by(*order)


def _list_page(
    query: Select[Comment], values: dict[str, Any] | None = None
) -> tuple[list[Comment], bool]:
    rows = list(db.session.scalars(query, values or {}))
    return rows[:THREADS_A_PAGE], len(rows) > THREADS_A_PAGE


def list_shown_below(parents: Sequence[Comment], levels: int = LEVELS_SHOWN - 1) -> list[Comment]:
    """What is shown at first below `parents`: at most three replies each, `levels` deep.

    One statement of one step a level, each an index look-up by (parent, listed, rank), so it
    reads what is shown and no more. The steps are named tables, because a planner that knows
    nothing of a fresh table yet must not put them in an order of its own.
    """
    ids = [parent.id for parent in parents if parent.reply_count]
    if not ids or levels < 1:
        return []
    return list(db.session.scalars(_select_below(levels, db.engine.dialect), {"ids": ids}))


@cache
def _select_below(levels: int, dialect: Dialect) -> Select[Comment]:
    at_first = (Comment.publicly_listed, Comment.rank.between(1, REPLIES_SHOWN))
    asked = is_among(Comment.parent_id, "ids", dialect)
    step = select(Comment.id).where(asked, *at_first).cte("level_1")
    steps = [step]
    for level in range(2, levels + 1):
        below = select(Comment.id).join(step, Comment.parent_id == step.c.id).where(*at_first)
        step = below.cte(f"level_{level}")
        steps.append(step)
    return select_found(steps)
