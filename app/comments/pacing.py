"""A person's latest comments, for nudges and slow mode."""

from dataclasses import dataclass
from math import ceil

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import aliased

from app import clock
from app.accounts.rows import AnyMember
from app.articles.rows import AnyArticle
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db import core
from app.db.types import LARGEST_ID


@dataclass
class Recent:
    """The latest comments of one person: their texts, and whom they answered below an article."""

    bodies: list[str]
    answered: list[int | None]


LATEST = 20  # comments of one person that the nudges look at
_PARENT = aliased(Comment)
_BY_PERSON = (
    select(Comment.body, Comment.article_id, _PARENT.author_id)
    .outerjoin(_PARENT, _PARENT.id == Comment.parent_id)
    .where(
        Comment.author_id == bindparam("author"),
        Comment.status.in_((CommentStatus.PUBLISHED, CommentStatus.PENDING)),
    )
    .order_by(Comment.id.desc())
    .limit(LATEST)
)

_LAST_AT = (
    select(Comment.created_at)
    .where(
        Comment.article_id == bindparam("article"),
        Comment.author_id == bindparam("author"),
        Comment.id < bindparam("before", type_=BigInteger),
    )
    .order_by(Comment.id.desc())
    .limit(1)
)


def get_recent_by(author: AnyMember, article: AnyArticle) -> Recent:
    """Return what `author` wrote last, the newest first; `answered` is limited to `article`."""
    rows = core.run(_BY_PERSON, {"author": author.id}).all()
    return Recent(
        bodies=[row[0] for row in rows],
        answered=[row[2] for row in rows if row[1] == article.id],
    )


def count_wait(author: AnyMember, article: AnyArticle, before: int = LARGEST_ID + 1) -> int:
    """Return the seconds until `author` may write again: 0 outside slow mode and for staff.

    Comments from the id `before` on do not count.
    """
    if not article.slow_seconds or author.is_staff:
        return 0
    values = {"article": article.id, "author": author.id, "before": before}
    last = core.run(_LAST_AT, values).scalar()
    passed = (clock.now() - last).total_seconds() if last else article.slow_seconds
    return max(0, ceil(article.slow_seconds - passed))
