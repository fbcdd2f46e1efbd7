"""The highlights above a long discussion: a few comments, each chosen by a rule.

The rules, in the order of the page:
- picks: the two latest comments that staff picked;
- staff: the two latest answers by staff;
- discussed: the thread with the most comments below it;
- recommended: the comment that ranks first by its votes;
- other side: the comment most voted for by those who voted against the recommended one;
- unanswered: the two best questions without a reply, of the threads that rank first.

Each rule is an indexed look-up that reads a bounded number of rows, however long the discussion.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.engine import Dialect

from app.accounts.models import User
from app.accounts.roles import STAFF
from app.articles.rows import AnyArticle
from app.comments.models import Comment
from app.comments.rows import CommentRow, list_rows, select_rows
from app.comments.visibility import sql_has_public_words
from app.db.base import db
from app.discussion.enums import HIGHLIGHTS_FROM
from app.reactions.models import Vote

LABELS = {
    "pick": "Picked by staff",
    "staff": "Staff answered",
    "discussed": "Most discussed",
    "recommended": "Most recommended",
    "other": "Most recommended by those who disagree",
    "unanswered": "Unanswered question",
}
AGAINST_MAX = 20  # people who voted against the recommended comment and whose votes are read
VOTES_MAX = 1_000  # of their votes that are read
LIKED_MAX = 500  # comments that they voted for and that are compared
STAFF_MAX = 20  # latest comments by staff, among which replies are looked for
THREADS_MAX = 200  # best threads, among which unanswered questions are looked for


def find_highlights(article: AnyArticle) -> list[tuple[str, CommentRow]]:
    """Return the highlights of `article` as (label, comment), no comment twice.

    A discussion of fewer than HIGHLIGHTS_FROM comments has none.
    """
    if article.comment_count < HIGHLIGHTS_FROM:
        return []
    labels: dict[int, list[str]] = {}
    for kind, ids in _find_ids(article.id):
        for comment_id in ids:
            labels.setdefault(comment_id, []).append(LABELS[kind])
    rows = list_rows(_select_chosen(), article, {"ids": list(labels)})
    comments = {comment.id: comment for comment in rows}
    return [(", ".join(names), comments[chosen]) for chosen, names in labels.items()]


def _find_ids(article_id: int) -> Iterator[tuple[str, list[int]]]:
    """Yield the kinds in the order of the rules, each with the ids of the comments it chose."""
    values: dict[str, Any] = {"article": article_id}

    def find(kind: str) -> list[int]:
        looked_up = db.session.connection().execute(_select_ids(kind, db.engine.dialect), values)
        return list(looked_up.scalars())

    for kind in ("pick", "staff", "discussed"):
        yield kind, find(kind)
    recommended = find("recommended")
    yield "recommended", recommended
    if recommended:
        values["recommended"] = recommended[0]
        yield "other", find("other")
    yield "unanswered", find("unanswered")


@cache
def _select_chosen() -> Select[Any]:
    return select_rows().where(Comment.id.in_(bindparam("ids", expanding=True)))


@cache
def _select_ids(kind: str, dialect: Dialect) -> Select[int]:
    """Return the look-up of one rule: one statement each, for a planner is slow with large ones."""
    return _LOOK_UPS[kind](dialect)


def _select_public() -> Select[int]:
    return select(Comment.id).where(
        Comment.article_id == bindparam("article"), sql_has_public_words()
    )


def _select_threads() -> Select[int]:
    return _select_public().where(Comment.depth == 1, Comment.publicly_listed)


def _select_picks(_: Dialect) -> Select[int]:
    picked = _select_public().where(Comment.picked_at.is_not(None))
    return picked.order_by(Comment.picked_at.desc()).limit(2)


def _select_staff(_: Dialect) -> Select[int]:
    by_staff = (
        _select_public()
        .where(Comment.author_id.in_(select(User.id).where(User.role.in_(STAFF))))
        # The bare id would make the planner scan the whole discussion along its index.
        .order_by((Comment.id + 0).desc())
        .limit(STAFF_MAX)
        .cte("by_staff")
    )
    replies = select(Comment.id).where(Comment.id.in_(select(by_staff.c.id)), Comment.depth > 1)
    return replies.order_by(Comment.id.desc()).limit(2)


def _select_discussed(_: Dialect) -> Select[int]:
    discussed = _select_threads().where(Comment.thread_count > 1)
    return discussed.order_by(Comment.thread_count.desc(), Comment.id.desc()).limit(1)


def _select_recommended(_: Dialect) -> Select[int]:
    voted_for = _select_threads().where(Comment.up > 0)
    return voted_for.order_by(Comment.best.desc(), Comment.id.desc()).limit(1)


def _select_other_side(dialect: Dialect) -> Select[int]:
    """Return the look-up by the parameter `recommended`, the id of that comment.

    Each step has a limit before the next one joins comments, so that none reads all of them.
    """
    against = (
        select(Vote.user_id)
        .where(Vote.comment_id == bindparam("recommended"), Vote.value < 0)
        .limit(AGAINST_MAX)
        .cte("against")
    )
    # The first and last id of the article's comments leave out most votes on other articles.
    ids = Comment.article_id == bindparam("article"), sql_has_public_words()
    first_id = select(func.min(Comment.id)).where(*ids).scalar_subquery()
    last_id = select(func.max(Comment.id)).where(*ids).scalar_subquery()
    # PostgreSQL takes a range with unknown ends for a short one and would scan the index by it;
    # adding 0 keeps it from using that index.
    comment_id = Vote.comment_id + 0 if dialect.name == "postgresql" else Vote.comment_id
    votes = (
        select(Vote.comment_id)
        .where(Vote.user_id.in_(select(against.c.user_id)), Vote.value > 0)
        .where(comment_id.between(first_id, last_id))
        .order_by(Vote.user_id, Vote.comment_id)
        .limit(VOTES_MAX)
        .cte("liked_votes")
    )
    liked = (
        select(votes.c.comment_id, func.count().label("times"))
        .group_by(votes.c.comment_id)
        .order_by(func.count().desc(), votes.c.comment_id.desc())
        .limit(LIKED_MAX)
        .cte("liked")
    )
    chosen = _select_public().join(liked, liked.c.comment_id == Comment.id)
    return chosen.order_by(liked.c.times.desc(), Comment.id.desc()).limit(1)


def _select_unanswered(_: Dialect) -> Select[int]:
    by_votes = (Comment.best.desc(), Comment.id.desc())
    first = _select_threads().order_by(*by_votes).limit(THREADS_MAX).cte("first")
    unanswered = select(Comment.id).where(
        Comment.id.in_(select(first.c.id)), Comment.question, Comment.reply_count == 0
    )
    return unanswered.order_by(*by_votes).limit(2)


_LOOK_UPS: dict[str, Callable[[Dialect], Select[int]]] = {
    "pick": _select_picks,
    "staff": _select_staff,
    "discussed": _select_discussed,
    "recommended": _select_recommended,
    "other": _select_other_side,
    "unanswered": _select_unanswered,
}
