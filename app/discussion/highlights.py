"""A long discussion at a glance: a few comments chosen by rules, each by one indexed look-up.

The rules, in the order in which they are shown:
- picks: the two latest comments that staff picked;
- staff: the two latest answers by staff;
- discussed: the thread with the most comments below it;
- recommended: the comment that ranks first by its votes;
- other side: the one that those who voted against the recommended one voted for most;
- unanswered: the two best questions without a reply, of the threads that rank first.

Each reads what it shows and little more, whatever the size of the discussion.
"""

from functools import cache
from typing import Any

from sqlalchemy import CTE, Select, bindparam, func, literal, select, union_all
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.accounts.roles import STAFF
from app.articles.models import Article
from app.comments.enums import GLANCE_FROM
from app.comments.models import Comment
from app.comments.visibility import sql_has_public_words
from app.db.base import db
from app.reactions.models import Vote

LABELS = {
    "pick": "Picked by staff",
    "staff": "Staff answered",
    "discussed": "Most discussed",
    "recommended": "Most recommended",
    "other": "Most recommended by those who disagree",
    "unanswered": "Unanswered question",
}
AGAINST_ASKED = 20  # people whose other votes are looked at
VOTES_ASKED = 1_000  # of those
LIKED_ASKED = 500  # comments that they voted for
STAFF_ASKED = 20  # of the latest by staff, among which answers are looked for
THREADS_ASKED = 200  # of the best, among which unanswered questions are looked for


def find_highlights(article: Article) -> list[tuple[str, Comment]]:
    """What to show of `article`'s discussion: comments, none twice, each with what it is.

    Empty below GLANCE_FROM comments. One statement.
    """
    if article.comment_count < GLANCE_FROM:
        return []
    query, order = _select_highlights(db.engine.dialect)
    rows = db.session.execute(query, {"article": article.id}).all()
    labels, shown = dict[int, list[str]](), []
    for kind, comment in sorted(rows, key=lambda row: (order.index(row[0]), -row[1].id)):
        if comment.id not in labels:
            shown.append(comment)
        labels.setdefault(comment.id, []).append(LABELS[kind])
    return [(", ".join(labels[comment.id]), comment) for comment in shown]


@cache
def _select_highlights(dialect: Dialect) -> tuple[Select[Any], list[str]]:
    """The statement for the article `article`, and the kinds in the order of the rules."""
    found = _list_steps(dialect)
    kinds = union_all(*[select(literal(kind).label("kind"), step.c.id) for kind, step in found])
    chosen = kinds.cte("chosen")
    query = (
        select(chosen.c.kind, Comment)
        .join(Comment, Comment.id == chosen.c.id)
        .options(joinedload(Comment.author))
    )
    return query, [kind for kind, _ in found]


def _list_steps(dialect: Dialect) -> list[tuple[str, CTE]]:
    here = select(Comment.id).where(
        Comment.article_id == bindparam("article"), sql_has_public_words()
    )
    threads = here.where(Comment.depth == 1, Comment.publicly_listed)
    staff = select(User.id).where(User.role.in_(STAFF))
    recommended = (
        threads.where(Comment.up > 0)
        .order_by(Comment.best.desc(), Comment.id.desc())
        .limit(1)
        .cte("recommended")
    )
    first = (
        threads.order_by(Comment.best.desc(), Comment.id.desc()).limit(THREADS_ASKED).cte("first")
    )
    against = (
        select(Vote.user_id)
        .where(Vote.comment_id.in_(select(recommended.c.id)), Vote.value < 0)
        .limit(AGAINST_ASKED)
        .cte("against")
    )
    # Each step is cut before the next one looks at comments, so that none walks all of them. Of
    # votes elsewhere most are left out by the ids between which the article's comments are.
    ids = Comment.article_id == bindparam("article"), sql_has_public_words()
    first_id = select(func.min(Comment.id)).where(*ids).scalar_subquery()
    last_id = select(func.max(Comment.id)).where(*ids).scalar_subquery()
    # PostgreSQL takes ends that it does not know yet for a short way, and would walk it.
    place = Vote.comment_id + 0 if dialect.name == "postgresql" else Vote.comment_id
    votes = (
        select(Vote.comment_id)
        .where(Vote.user_id.in_(select(against.c.user_id)), Vote.value > 0)
        .where(place.between(first_id, last_id))
        .order_by(Vote.user_id, Vote.comment_id)
        .limit(VOTES_ASKED)
        .cte("votes_asked")
    )
    liked = (
        select(votes.c.comment_id, func.count().label("times"))
        .group_by(votes.c.comment_id)
        .order_by(func.count().desc(), votes.c.comment_id.desc())
        .limit(LIKED_ASKED)
        .cte("liked")
    )
    other = (
        here.join(liked, liked.c.comment_id == Comment.id)
        .order_by(liked.c.times.desc(), Comment.id.desc())
        .limit(1)
        .cte("other_side")
    )
    by_staff = (
        here.where(Comment.author_id.in_(staff))
        # Not by the bare id: the planner would walk the whole discussion along that index.
        .order_by((Comment.id + 0).desc())
        .limit(STAFF_ASKED)
        .cte("by_staff")
    )
    return [
        (
            "pick",
            here.where(Comment.picked_at.is_not(None))
            .order_by(Comment.picked_at.desc())
            .limit(2)
            .cte("picks"),
        ),
        (
            "staff",
            select(Comment.id)
            .where(Comment.id.in_(select(by_staff.c.id)), Comment.depth > 1)
            .order_by(Comment.id.desc())
            .limit(2)
            .cte("staff"),
        ),
        (
            "discussed",
            threads.where(Comment.thread_count > 1)
            .order_by(Comment.thread_count.desc(), Comment.id.desc())
            .limit(1)
            .cte("discussed"),
        ),
        ("recommended", recommended),
        ("other", other),
        (
            "unanswered",
            select(Comment.id)
            .where(Comment.id.in_(select(first.c.id)), Comment.question, Comment.reply_count == 0)
            .order_by(Comment.best.desc(), Comment.id.desc())
            .limit(2)
            .cte("unanswered"),
        ),
    ]
