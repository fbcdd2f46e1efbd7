"""Reading discussions. A page costs the same few queries whatever the thread's size."""

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

_BY_ID = (
    select(Comment)
    .where(Comment.id == bindparam("comment"))
    .options(joinedload(Comment.author), joinedload(Comment.article))
)
_BY_SUBMISSION = select(Comment).where(
    Comment.author_id == bindparam("author"), Comment.submission == bindparam("submission")
)


def get_by_id(comment_id: int) -> Comment | None:
    """The comment with its author, parent and article."""
    return db.session.scalar(_BY_ID, {"comment": comment_id})


def get_by_submission(author: User, submission: str) -> Comment | None:
    """What this person stored with this form key, if they did."""
    asked = {"author": author.id, "submission": submission}
    return db.session.scalar(_BY_SUBMISSION, asked)


def select_with_authors() -> Select[Comment]:
    return select(Comment).options(joinedload(Comment.author))


def list_replies(parent: Comment, after: int) -> tuple[list[Comment], int]:
    """The next listed replies of `parent` behind the rank `after`, and how many follow them."""
    behind = (Comment.parent_id == parent.id, Comment.publicly_listed, Comment.rank > after)
    number = select(func.count()).where(*behind).correlate(None).scalar_subquery()
    rows = db.session.execute(
        select(Comment, number)
        .options(joinedload(Comment.author))
        .where(*behind)
        .order_by(Comment.rank)
        .limit(REPLIES_A_STEP)
    ).all()
    return [row[0] for row in rows], rows[0][1] - len(rows) if rows else 0


def list_ancestors(*comment_ids: int) -> list[Comment]:
    """The nearest few ancestors of comments, topmost first, and themselves, in one statement."""
    found = db.session.scalars(_select_ancestors(), {"ids": comment_ids})
    return sorted(found, key=lambda c: c.depth)


@cache
def _select_ancestors() -> Select[Comment]:
    place = select(Comment.id, Comment.parent_id)
    step = place.where(Comment.id.in_(bindparam("ids", expanding=True))).cte("step_0")
    steps = [step]
    for number in range(1, ANCESTORS_SHOWN + 1):
        step = place.join(step, Comment.id == step.c.parent_id).cte(f"step_{number}")
        steps.append(step)
    return select_found(steps)


def attach_article(article: Article, comments: Iterable[Comment]) -> list[Comment]:
    """The comments joined to their article: one that no session holds would be read again."""
    joined = list(comments)
    for comment in joined:
        set_committed_value(comment, "article", article)
    return joined


def select_found(steps: Sequence[CTE]) -> Select[Comment]:
    """The comments whose ids the steps find."""
    found = union_all(*[select(step.c.id) for step in steps])
    return select_with_authors().where(Comment.id.in_(found))


def list_with_parents(ids: Sequence[int]) -> list[Comment]:
    """The comments of `ids`, the newest first, with what they answer."""
    if not ids:
        return []
    asked = select_with_authors().options(joinedload(Comment.parent).joinedload(Comment.author))
    return list(db.session.scalars(asked.where(Comment.id.in_(ids)).order_by(Comment.id.desc())))


def list_revisions(comment: Comment) -> Sequence[Revision]:
    return db.session.scalars(
        select(Revision).where(Revision.comment_id == comment.id).order_by(Revision.number)
    ).all()


def count_revisions(comment: Comment) -> int:
    """Return how often the text of `comment` was replaced here."""
    number = select(func.count()).where(Revision.comment_id == comment.id)
    return db.session.scalar(number) or 0


def list_by_author(author: User, before: int | None, limit: int = 20) -> tuple[list[Comment], bool]:
    """A person's published comments on public articles, newest first, and whether more follow."""
    query = (
        select(Comment)
        .join(Comment.article)
        .where(sql_is_public(), Comment.author_id == author.id, sql_has_public_words())
        .options(contains_eager(Comment.article), joinedload(Comment.author))
        .order_by(Comment.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(Comment.id < before)
    rows = list(db.session.scalars(query))
    return rows[:limit], len(rows) > limit
