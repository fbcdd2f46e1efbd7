"""The start of an act on a comment: lock the rows it writes, refresh them, and check again.

The permission is checked a second time because another act may have changed the comment while
this one waited for the lock. The order of locks is that of `app.db.locks`.
"""

from collections.abc import Callable, Collection

from sqlalchemy import func, literal, select
from sqlalchemy.orm import aliased

from app import policy
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db import locks
from app.db.base import db
from app.policy import Permission, Viewer

# A comment in one of these states is listed only while it has listed replies.
_TOMBSTONES = (CommentStatus.DELETED, CommentStatus.PENDING)


def lock_comment(viewer: Viewer, permission: Permission, comment: Comment) -> User:
    """Lock one comment for an act that changes nothing else of its discussion.

    Return the viewer as a User. Raises the refusal of `permission`, be it before or after the
    wait for the lock.
    """
    return _require_and_lock(viewer, permission, comment, lambda: locks.lock_rows(comment))


def lock_discussion(viewer: Viewer, permission: Permission, comment: Comment) -> User:
    """Lock all rows whose counters the status of `comment` may change.

    These are comments above it, its author and its article. Return the viewer as a User. Raises
    the refusal of `permission`, be it before or after the wait for the lock.
    """

    def lock() -> None:
        lock_with_ancestors([comment.id])
        author = [] if comment.author is None else [comment.author]
        locks.lock_rows(*author, comment.article)

    return _require_and_lock(viewer, permission, comment, lock)


def _require_and_lock(
    viewer: Viewer, permission: Permission, comment: Comment, lock: Callable[[], None]
) -> User:
    policy.require(viewer, permission, comment)
    person = require_user(viewer)
    lock()
    policy.require(viewer, permission, comment)
    return person


def lock_with_ancestors(ids: Collection[int]) -> None:
    """Lock comments and all whose counters they may change.

    Those are the roots of their threads, their parents, and further ancestors as long as each
    may become listed or unlisted with its replies, as tombstones do. With the roots locked,
    nobody else can change which these are.
    """
    roots = select(func.coalesce(Comment.root_id, Comment.id)).where(Comment.id.in_(ids))
    locks.lock_selected(select(Comment).where(Comment.id.in_(roots)))
    ancestors = (
        select(Comment.id, Comment.parent_id, Comment.root_id, literal(True).label("goes_on"))
        .where(Comment.id.in_(ids))
        .cte("ancestors", recursive=True)
    )
    above = aliased(Comment)
    ancestors = ancestors.union(
        select(above.id, above.parent_id, above.root_id, above.status.in_(_TOMBSTONES))
        .join(ancestors, ancestors.c.parent_id == above.id)
        .where(ancestors.c.goes_on)
    )
    rows = db.session.execute(select(ancestors.c.id, ancestors.c.root_id)).all()
    counted = {row.id for row in rows} | {row.root_id for row in rows if row.root_id}
    locks.lock_selected(select(Comment).where(Comment.id.in_(counted)))
