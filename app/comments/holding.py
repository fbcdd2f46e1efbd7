"""Before an act on a comment: hold what it writes, read it anew, ask again if it is allowed.

What somebody did while this act waited may have made it void. The order of locks is that of
`app.db.locks`.
"""

from collections.abc import Collection

from sqlalchemy import literal, select
from sqlalchemy.orm import aliased

from app import policy
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db import locks
from app.db.base import db
from app.policy import Permission, Viewer

# A comment in one of these is listed only as long as it has listed replies.
_TOMBSTONES = (CommentStatus.DELETED, CommentStatus.PENDING)


def hold_comment(viewer: Viewer, permission: Permission, comment: Comment) -> User:
    """Hold one comment for an act that changes nothing else of its discussion.

    Return the person that `viewer` is. Raises the refusal of `permission`, also when it is
    refused only after waiting.
    """
    policy.require(viewer, permission, comment)
    person = require_user(viewer)
    locks.hold(comment)
    policy.require(viewer, permission, comment)
    return person


def hold_discussion(viewer: Viewer, permission: Permission, comment: Comment) -> User:
    """Hold the article of `comment`, and of its comments those that its status may change.

    Return the person that `viewer` is. Raises the refusal of `permission`, also when it is
    refused only after waiting.
    """
    policy.require(viewer, permission, comment)
    person = require_user(viewer)
    locks.hold(comment.article)
    hold_with_those_above([comment.id])
    policy.require(viewer, permission, comment)
    return person


def hold_reply_place(parent: Comment) -> None:
    """Hold what a new reply to `parent` counts in, when the article is held."""
    counted = {parent.id, parent.root_id or parent.id}
    locks.hold_found(select(Comment).where(Comment.id.in_(counted)))


def hold_with_those_above(ids: Collection[int]) -> None:
    """Hold comments with all whose counters they may change, when the article is held.

    Those are the first of their threads, what they reply to, and on upwards as long as a
    tombstone may come or go with the replies below it.
    """
    line = (
        select(Comment.id, Comment.parent_id, Comment.root_id, literal(True).label("goes_on"))
        .where(Comment.id.in_(ids))
        .cte("line", recursive=True)
    )
    above = aliased(Comment)
    line = line.union(
        select(above.id, above.parent_id, above.root_id, above.status.in_(_TOMBSTONES))
        .join(line, line.c.parent_id == above.id)
        .where(line.c.goes_on)
    )
    rows = db.session.execute(select(line.c.id, line.c.root_id)).all()
    found = {row.id for row in rows} | {row.root_id for row in rows if row.root_id}
    locks.hold_found(select(Comment).where(Comment.id.in_(found)))
