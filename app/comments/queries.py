"""Queries for comments. A page costs the same few queries whatever the thread's size."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    Select,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import User
from app.articles.rows import AnyArticle
from app.articles.visibility import sql_is_public
from app.comments.enums import (
    ANCESTORS_SHOWN,
    REPLIES_A_STEP,
)
from app.comments.models import Comment, Revision
from app.comments.rows import AnyComment, CommentRow, list_rows, list_rows_with, select_rows
from app.comments.visibility import sql_has_public_words
from app.db.base import db
from app.db.keyset import Page, get_page

_BY_ID = (
    select(Comment)
    .where(Comment.id == bindparam("comment"))
    .options(joinedload(Comment.author), joinedload(Comment.article))
)


def get_by_id(comment_id: int) -> Comment | None:
    """Return the comment with its author and article, or None."""
    return db.session.scalar(_BY_ID, {"comment": comment_id})


def list_replies(parent: AnyComment, after: int) -> tuple[list[CommentRow], int]:
    """Return the listed replies to `parent` after the rank `after`, and how many more follow."""
    replies = list_rows_with(
        _select_replies(), parent.article, {"parent": parent.id, "after": after}
    )
    return [reply for reply, _ in replies], replies[0][1] - len(replies) if replies else 0


@cache
def _select_replies() -> Select[Any]:
    following = (
        Comment.parent_id == bindparam("parent"),
        Comment.publicly_listed,
        Comment.rank > bindparam("after"),
    )
    number = select(func.count()).where(*following).correlate(None).scalar_subquery()
    return select_rows(number).where(*following).order_by(Comment.rank).limit(REPLIES_A_STEP)


def list_ancestors(article: AnyArticle, *comment_ids: int) -> list[CommentRow]:
    """Return comments and the nearest few ancestors of each, topmost first, with one query.

    Those that are not below `article` are left out.
    """
    comments = list_rows(_select_ancestors(), article, {"ids": comment_ids, "article": article.id})
    return sorted(comments, key=lambda c: c.depth)


@cache
def _select_ancestors() -> Select[Any]:
    return select_by_ids_of(make_ancestor_steps())


def make_ancestor_steps() -> list[CTE]:
    """Return the CTEs with the ids of the comments `:ids` below `:article` and of some ancestors.

    Those are the nearest ANCESTORS_SHOWN of each.
    """
    query = select(Comment.id, Comment.parent_id)
    step = query.where(
        Comment.id.in_(bindparam("ids", expanding=True)),
        Comment.article_id == bindparam("article"),
    ).cte("step_0")
    steps = [step]
    for number in range(1, ANCESTORS_SHOWN + 1):
        step = query.join(step, Comment.id == step.c.parent_id).cte(f"step_{number}")
        steps.append(step)
    return steps


def select_by_ids_of(steps: Sequence[CTE]) -> Select[Any]:
    """Return the query for the rows of comments whose ids are in any of the CTEs."""
    ids = union_all(*[select(step.c.id) for step in steps])
    return select_rows().where(Comment.id.in_(ids))


def list_with_parents(article: AnyArticle, ids: Sequence[int]) -> list[CommentRow]:
    """Return the comments of `ids` below `article` with their parents, the newest first."""
    if not ids:
        return []
    return list_rows(_select_with_parents(), article, {"ids": ids})


@cache
def _select_with_parents() -> Select[Any]:
    query = select_rows(parents=True).where(Comment.id.in_(bindparam("ids", expanding=True)))
    return query.order_by(Comment.id.desc())


def count_revisions(comment: Comment) -> int:
    """Return how often the text of `comment` was replaced."""
    number = select(func.count()).where(Revision.comment_id == comment.id)
    return db.session.scalar(number) or 0


def list_by_author(author: User, before: int | None, limit: int = 20) -> Page[Comment]:
    """Return a person's published comments on public articles, and whether more follow.

    The newest comes first; `before` is the id of the last comment of the page before.
    """
    query = (
        select(Comment)
        .join(Comment.article)
        .where(sql_is_public(), Comment.author_id == author.id, sql_has_public_words())
        .options(contains_eager(Comment.article), joinedload(Comment.author))
        .order_by(Comment.id.desc())
    )
    if before is not None:
        query = query.where(Comment.id < before)
    return get_page(query, limit)
