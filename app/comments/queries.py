"""Queries for comments. A page costs the same few queries whatever the thread's size."""

from collections.abc import Iterable, Sequence
from functools import cache

from sqlalchemy import (
    CTE,
    Select,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.models import User
from app.articles.models import Article
from app.articles.visibility import sql_is_public
from app.comments.enums import (
    ANCESTORS_SHOWN,
    REPLIES_A_STEP,
)
from app.comments.models import Comment, Revision
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


def select_with_authors() -> Select[Comment]:
    return select(Comment).options(joinedload(Comment.author))


def list_replies(parent: Comment, after: int) -> tuple[list[Comment], int]:
    """Return the listed replies to `parent` after the rank `after`, and how many more follow."""
    following = (Comment.parent_id == parent.id, Comment.publicly_listed, Comment.rank > after)
    number = select(func.count()).where(*following).correlate(None).scalar_subquery()
    rows = db.session.execute(
        select(Comment, number)
        .options(joinedload(Comment.author))
        .where(*following)
        .order_by(Comment.rank)
        .limit(REPLIES_A_STEP)
    ).all()
    return [row[0] for row in rows], rows[0][1] - len(rows) if rows else 0


def list_ancestors(*comment_ids: int) -> list[Comment]:
    """Return comments and the nearest few ancestors of each, topmost first, with one query."""
    comments = db.session.scalars(_select_ancestors(), {"ids": comment_ids})
    return sorted(comments, key=lambda c: c.depth)


@cache
def _select_ancestors() -> Select[Comment]:
    return select_by_ids_of(make_ancestor_steps())


def make_ancestor_steps() -> list[CTE]:
    """Return the CTEs with the ids of the comments `:ids` and of their nearest ancestors."""
    query = select(Comment.id, Comment.parent_id)
    step = query.where(Comment.id.in_(bindparam("ids", expanding=True))).cte("step_0")
    steps = [step]
    for number in range(1, ANCESTORS_SHOWN + 1):
        step = query.join(step, Comment.id == step.c.parent_id).cte(f"step_{number}")
        steps.append(step)
    return steps


def attach_article(article: Article, comments: Iterable[Comment]) -> list[Comment]:
    """Set the article of each comment and return them as a list.

    A cached article belongs to no session, so SQLAlchemy would load it again for the comments.
    """
    attached = list(comments)
    for comment in attached:
        set_committed_value(comment, "article", article)
    return attached


def select_by_ids_of(steps: Sequence[CTE]) -> Select[Comment]:
    """Return the query for the comments whose ids are in any of the CTEs."""
    ids = union_all(*[select(step.c.id) for step in steps])
    return select_with_authors().where(Comment.id.in_(ids))


def list_with_parents(ids: Sequence[int]) -> list[Comment]:
    """Return the comments of `ids` with their parents, the newest first."""
    if not ids:
        return []
    query = select_with_authors().options(joinedload(Comment.parent).joinedload(Comment.author))
    return list(db.session.scalars(query.where(Comment.id.in_(ids)).order_by(Comment.id.desc())))


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
