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

from functools import cache
from typing import Any

from sqlalchemy import CTE, Select, bindparam, func, literal, select, union_all
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.accounts.roles import STAFF
from app.articles.models import Article
from app.comments.models import Comment
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


def find_highlights(article: Article) -> list[tuple[str, Comment]]:
    """Return the highlights of `article` as (label, comment), no comment twice, with one query.

    A discussion of fewer than GLANCE_FROM comments has none.
    """
    if article.comment_count < HIGHLIGHTS_FROM:
        return []
    query, order = _select_highlights(db.engine.dialect)
    rows = db.session.execute(query, {"article": article.id}).all()
    labels, comments = dict[int, list[str]](), []
    for kind, comment in sorted(rows, key=lambda row: (order.index(row[0]), -row[1].id)):
        if comment.id not in labels:
            comments.append(comment)
        labels.setdefault(comment.id, []).append(LABELS[kind])
    return [(", ".join(labels[comment.id]), comment) for comment in comments]


@cache
def _select_highlights(dialect: Dialect) -> tuple[Select[Any], list[str]]:
    """Return the statement with the parameter `article`, and the kinds in order of the rules."""
    steps = _list_steps(dialect)
    kinds = union_all(*[select(literal(kind).label("kind"), step.c.id) for kind, step in steps])
    chosen = kinds.cte("chosen")
    query = (
        select(chosen.c.kind, Comment)
        .join(Comment, Comment.id == chosen.c.id)
        .options(joinedload(Comment.author))
    )
    return query, [kind for kind, _ in steps]


def _list_steps(dialect: Dialect) -> list[tuple[str, CTE]]:
    public = select(Comment.id).where(
        Comment.article_id == bindparam("article"), sql_has_public_words()
    )
    threads = public.where(Comment.depth == 1, Comment.publicly_listed)
    staff = select(User.id).where(User.role.in_(STAFF))
    recommended = (
        threads.where(Comment.up > 0)
        .order_by(Comment.best.desc(), Comment.id.desc())
        .limit(1)
        .cte("recommended")
    )
    first = threads.order_by(Comment.best.desc(), Comment.id.desc()).limit(THREADS_MAX).cte("first")
    against = (
        select(Vote.user_id)
        .where(Vote.comment_id.in_(select(recommended.c.id)), Vote.value < 0)
        .limit(AGAINST_MAX)
        .cte("against")
    )
    # Each step has a limit before the next one joins comments, so that none reads all of them.
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
    other = (
        public.join(liked, liked.c.comment_id == Comment.id)
        .order_by(liked.c.times.desc(), Comment.id.desc())
        .limit(1)
        .cte("other_side")
    )
    by_staff = (
        public.where(Comment.author_id.in_(staff))
        # The bare id would make the planner scan the whole discussion along its index.
        .order_by((Comment.id + 0).desc())
        .limit(STAFF_MAX)
        .cte("by_staff")
    )
    return [
        (
            "pick",
            public.where(Comment.picked_at.is_not(None))
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
