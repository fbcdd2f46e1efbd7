"""Setting a comment's status, together with its counters and its log row; nothing else sets it.

The caller has locked the discussion by `app.comments.locking`, so that two acts on it come one
after the other and every counter stays right.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.accounts.models import User
from app.articles.models import Article
from app.audit.actions import Action
from app.audit.log import record
from app.audit.models import AuditEntry
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.comments.signals import comment_edited, comment_published
from app.comments.visibility import is_listed
from app.db.base import db
from app.errors import Conflict

# From a status to those that may follow it; None is a comment that is just being written.
TRANSITIONS: dict[str | None, frozenset[S]] = {
    None: frozenset({S.PENDING, S.PUBLISHED}),
    S.PENDING: frozenset({S.PUBLISHED, S.REJECTED, S.DELETED}),
    S.PUBLISHED: frozenset({S.PENDING, S.REJECTED, S.DELETED}),
    S.REJECTED: frozenset({S.PUBLISHED, S.PENDING}),
    S.DELETED: frozenset({S.PUBLISHED, S.PENDING}),  # its author takes the deletion back
}


def set_status(
    comment: Comment,
    status: S,
    actor: User | None,
    action: Action | None = None,
    reason: str = "",
    note: str = "",
) -> AuditEntry | None:
    """Move `comment` to `status`, update counters and listing, and add a log entry.

    `actor` is None for the site itself. `action` names the log entry; without one nothing is
    logged, which is right only for a comment that is published as it was written. Raises
    Conflict for a move that is not in TRANSITIONS.
    """
    before: str | None = comment.status
    if status not in TRANSITIONS[before]:
        raise Conflict(f"This comment is {before} already.")
    if before is not None:
        db.session.flush()  # its new words go to the index before people's counters are written
    comment.status = status
    comment.removal = reason if status == S.REJECTED else ""
    comment.deleted_at = clock.now() if status == S.DELETED else None
    is_first = status == S.PUBLISHED and comment.published_at is None
    if is_first:
        comment.published_at = clock.now()
        comment.article.last_publish_seq += 1
        comment.publish_seq = comment.article.last_publish_seq
    count_published(comment, (status == S.PUBLISHED) - (before == S.PUBLISHED))
    update_listing(comment)
    if is_first:
        comment_published.send(comment)
    elif status == S.PUBLISHED and comment.edited_at is not None:
        comment_edited.send(comment)  # its words may have changed while it was held
    if action is None:
        return None
    return record(
        action,
        actor,
        comment_id=comment.id,
        subject=comment.author_name,
        before=before or "",
        after=status,
        reason=reason,
        note=note,
    )


def count_published(comment: Comment, change: int) -> None:
    """Add `change` (1, 0 or -1) to all counters of published comments, and raise the versions.

    SQL expressions make sure that no stale value of this process is written back. The comment's
    own version needs none, as only an act that has locked the article raises it.
    """
    article, picks = comment.article, change if comment.pick_why else 0
    article.comment_count = Article.comment_count + change
    article.pick_count = Article.pick_count + picks
    article.version = Article.version + 1
    count_written(comment, change)
    comment.version = (comment.version or 1) + 1


def count_written(comment: Comment, change: int) -> None:
    """Add `change` to the author's counters of published comments and of picks."""
    author = comment.author
    if author is not None and change:
        author.published_comments = User.published_comments + change
        author.pick_count = User.pick_count + (change if comment.pick_why else 0)


def update_listing(comment: Comment) -> None:
    """Update `publicly_listed` of the comment and of the tombstones above it.

    The caller has locked all of them by `app.comments.locking`.
    """
    current = comment
    while (listed := _is_listed(current)) != current.publicly_listed:
        current.publicly_listed = listed
        if current.parent_id is None:
            break
        if listed and not current.rank:
            current.rank = _next_rank(current.parent_id)
        parent = db.session.get_one(Comment, current.parent_id)
        parent.reply_count += 1 if listed else -1
        root = db.session.get_one(Comment, comment.root_id)
        root.thread_count += 1 if listed else -1
        current = parent
    db.session.flush()


def _is_listed(comment: Comment) -> bool:
    return is_listed(comment.status, comment.published_at is not None, comment.reply_count)


def _next_rank(parent_id: int) -> int:
    highest = db.session.scalar(
        select(func.max(Comment.rank)).where(Comment.parent_id == parent_id)
    )
    return (highest or 0) + 1


def imported_state(
    moment: datetime, status: S, publish_seq: int, rank: int, reply_count: int, thread_count: int
) -> dict[str, Any]:
    """Return the state columns of a comment in an imported thread, whose counts the importer made.

    `moment` is when it was written, `publish_seq` its number in the order of publication, `rank`
    that among the listed replies of its parent (0 when it is never listed), `reply_count` the
    number of its own listed replies, and `thread_count`, for a root comment, that of all listed
    comments below it.
    """
    return {
        "status": status,
        "published_at": moment,
        "publish_seq": publish_seq,
        "rank": rank,
        "reply_count": reply_count,
        "thread_count": thread_count,
        "publicly_listed": is_listed(status, True, reply_count),
    }


def record_act(comment: Comment, action: Action, actor: User, note: str = "") -> AuditEntry:
    """Add a log entry about a comment whose status does not change."""
    return record(
        action,
        actor,
        comment_id=comment.id,
        subject=comment.author_name,
        before=comment.status,
        after=comment.status,
        note=note,
    )
