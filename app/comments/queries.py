"""Reading discussions. A page costs the same few queries whatever the thread's size."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, func, literal, select, tuple_, union_all
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import User
from app.articles.models import Article
from app.articles.queries import public
from app.comments.models import Comment, Revision, Vote
from app.comments.vocabulary import (
    ANCESTORS_SHOWN,
    LEVELS_SHOWN,
    REPLIES_A_STEP,
    REPLIES_SHOWN,
    THREADS_A_PAGE,
    CommentStatus,
    Sort,
)
from app.extensions import db
from app.moderation.models import Report


def by_id(comment_id: int) -> Comment | None:
    """The comment with its author, parent and article."""
    return db.session.scalar(
        select(Comment)
        .where(Comment.id == comment_id)
        .options(joinedload(Comment.author), joinedload(Comment.article))
    )


def by_submission(author: User, submission: str) -> Comment | None:
    """What this person stored with this form key, if they did."""
    return db.session.scalar(
        select(Comment).where(Comment.author_id == author.id, Comment.submission == submission)
    )


def _with_authors() -> Select[Comment]:
    return select(Comment).options(joinedload(Comment.author))


def heads(
    article: Article, sort: Sort, after: int | None, after_best: float | None = None
) -> tuple[list[Comment], bool]:
    """The comments that begin a page, and whether more follow.

    `after` is the id of the last one of the page before, or None for the first page;
    `after_best` its rank in the best order then, for votes may have moved it since.
    Threads by their first comment; `Sort.NEWEST` is flat and takes comments of every depth.
    The page is cut before authors and parents are joined: a planner that knows nothing of a
    fresh table yet would join them to the whole discussion.
    """
    query = select(Comment.id).where(Comment.article_id == article.id)
    drawn = _with_authors()
    order: tuple[ColumnElement[Any], ...] = (Comment.id.desc(),)
    if sort is Sort.NEWEST:
        query = query.where(Comment.status == CommentStatus.PUBLISHED)
        drawn = drawn.options(joinedload(Comment.parent).joinedload(Comment.author))
        if after is not None:
            query = query.where(Comment.id < after)
    else:
        query = query.where(Comment.depth == 1, Comment.listed)
        if sort is Sort.OLDEST:
            order = (Comment.id.asc(),)
            if after is not None:
                query = query.where(Comment.id > after)
        else:
            order = (Comment.best.desc(), Comment.id.desc())
            if after is not None:
                now = select(Comment.best).where(Comment.id == after).scalar_subquery()
                last = now if after_best is None else literal(after_best)
                query = query.where(tuple_(Comment.best, Comment.id) < tuple_(last, after))
    cut = query.order_by(*order).limit(THREADS_A_PAGE + 1).cte("cut")
    rows = list(db.session.scalars(drawn.join(cut, cut.c.id == Comment.id).order_by(*order)))
    return rows[:THREADS_A_PAGE], len(rows) > THREADS_A_PAGE


def replies(parent: Comment, after: int) -> tuple[list[Comment], int]:
    """The next listed replies of `parent` behind the rank `after`, and how many follow them."""
    behind = (Comment.parent_id == parent.id, Comment.listed, Comment.rank > after)
    number = select(func.count()).where(*behind).correlate(None).scalar_subquery()
    rows = db.session.execute(
        select(Comment, number)
        .options(joinedload(Comment.author))
        .where(*behind)
        .order_by(Comment.rank)
        .limit(REPLIES_A_STEP)
    ).all()
    return [row[0] for row in rows], rows[0][1] - len(rows) if rows else 0


def shown_below(parents: Sequence[Comment], levels: int = LEVELS_SHOWN - 1) -> list[Comment]:
    """What is shown at first below `parents`: at most three replies each, `levels` deep.

    One statement of one step a level, each an index look-up by (parent, listed, rank), so it
    reads what is shown and no more. The steps are named tables, because a planner that knows
    nothing of a fresh table yet must not put them in an order of its own.
    """
    ids = [parent.id for parent in parents if parent.reply_count]
    if not ids or levels < 1:
        return []
    at_first = (Comment.listed, Comment.rank.between(1, REPLIES_SHOWN))
    step = select(Comment.id).where(Comment.parent_id.in_(ids), *at_first).cte("level_1")
    steps = [step]
    for level in range(2, levels + 1):
        below = select(Comment.id).join(step, Comment.parent_id == step.c.id).where(*at_first)
        step = below.cte(f"level_{level}")
        steps.append(step)
    return _of(steps)


def line(comment_id: int) -> list[Comment]:
    """The nearest few ancestors of a comment, topmost first, and itself, in one statement."""
    place = select(Comment.id, Comment.parent_id)
    step = place.where(Comment.id == comment_id).cte("step_0")
    steps = [step]
    for number in range(1, ANCESTORS_SHOWN + 1):
        step = place.join(step, Comment.id == step.c.parent_id).cte(f"step_{number}")
        steps.append(step)
    return sorted(_of(steps), key=lambda c: c.depth)


def _of(steps: Sequence[CTE]) -> list[Comment]:
    """The comments whose ids the steps found."""
    found = union_all(*[select(step.c.id) for step in steps])
    return list(db.session.scalars(_with_authors().where(Comment.id.in_(found))))


def own_unlisted(viewer: User, article: Article) -> list[Comment]:
    """What this person wrote here that only they see: it waits, or was never let through."""
    return list(
        db.session.scalars(
            _with_authors()
            .options(joinedload(Comment.parent).joinedload(Comment.author))
            .where(
                Comment.author_id == viewer.id,
                Comment.status.in_((CommentStatus.PENDING, CommentStatus.REJECTED)),
                ~Comment.listed,
                Comment.article_id == article.id,
            )
            .order_by(Comment.id.desc())
            .limit(THREADS_A_PAGE)
        )
    )


@dataclass
class Marks:
    """What one reader did to the comments of a page."""

    votes: dict[int, int] = field(default_factory=dict)
    reported: set[int] = field(default_factory=set)


def marks(viewer: User, comments: Sequence[Comment]) -> Marks:
    """One query for the votes and reports of `viewer` on `comments`."""
    ids = [comment.id for comment in comments]
    votes = select(Vote.comment_id, Vote.value).where(
        Vote.user_id == viewer.id, Vote.comment_id.in_(ids)
    )
    reports = select(Report.comment_id, literal(0)).where(
        Report.reporter_id == viewer.id, Report.comment_id.in_(ids)
    )
    found = Marks()
    for comment_id, value in db.session.execute(union_all(votes, reports)):
        if value:
            found.votes[comment_id] = value
        else:
            found.reported.add(comment_id)
    return found


def recent_bodies(author: User, article: Article, since_id: int = 0, limit: int = 20) -> list[str]:
    """The sources of this person's latest comments on `article` that are still there."""
    return list(
        db.session.scalars(
            select(Comment.body)
            .where(
                Comment.author_id == author.id,
                Comment.article_id == article.id,
                Comment.status.in_((CommentStatus.PUBLISHED, CommentStatus.PENDING)),
                Comment.id != since_id,
            )
            .order_by(Comment.id.desc())
            .limit(limit)
        )
    )


def revisions(comment: Comment) -> Sequence[Revision]:
    return db.session.scalars(
        select(Revision).where(Revision.comment_id == comment.id).order_by(Revision.number)
    ).all()


def by_author(author: User, before: int | None, limit: int = 20) -> tuple[list[Comment], bool]:
    """A person's published comments on public articles, newest first, and whether more follow."""
    query = (
        select(Comment)
        .join(Comment.article)
        .where(public(), Comment.author_id == author.id, Comment.status == CommentStatus.PUBLISHED)
        .options(contains_eager(Comment.article), joinedload(Comment.author))
        .order_by(Comment.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(Comment.id < before)
    rows = list(db.session.scalars(query))
    return rows[:limit], len(rows) > limit
