"""Setting a comment's status, together with its counters and its log row; nothing else sets it.

`add_comment` begins with a new comment and locks what it counts. For all else the caller has
locked the discussion by `app.comments.locking`, so that two acts on it come one after the other
and every counter stays right.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app import clock
from app.accounts.models import User
from app.articles.models import Article
from app.articles.rows import OF_DISCUSSION, DiscussionRow
from app.audit.actions import Action
from app.audit.log import record
from app.audit.models import AuditEntry
from app.cache import versions
from app.comments import rows
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.comments.rows import CommentRow
from app.comments.signals import comment_added, comment_edited, comment_published
from app.comments.visibility import is_listed
from app.db import core
from app.db.base import db
from app.errors import Conflict

# From a status to those that may follow it; None is a comment that is just being added.
TRANSITIONS: dict[str | None, frozenset[S]] = {
    None: frozenset({S.PENDING, S.PUBLISHED}),
    S.PENDING: frozenset({S.PUBLISHED, S.REJECTED, S.DELETED}),
    S.PUBLISHED: frozenset({S.PENDING, S.REJECTED, S.DELETED}),
    S.REJECTED: frozenset({S.PUBLISHED, S.PENDING}),
    S.DELETED: frozenset({S.PUBLISHED, S.PENDING}),  # its author takes the deletion back
}


# The statements that add a comment, in the order of locks (`app.db.locks`). `:more` is 1, or 0 for
# a comment that is held: then they lock and return what they would count.

# The first comment of the thread: acts on one thread come one after the other.
_COUNT_IN_THREAD = (
    update(Comment)
    .where(Comment.id == bindparam("root"))
    .values(thread_count=Comment.thread_count + bindparam("more"))
)
# The parent, which must still take replies, and numbers those that are listed.
_COUNT_AT_PARENT = (
    update(Comment)
    .where(Comment.id == bindparam("parent"))
    .values(
        reply_count=Comment.reply_count + bindparam("more"),
        thread_count=Comment.thread_count
        + case((Comment.root_id.is_(None), bindparam("more", type_=Integer)), else_=0),
    )
    .returning(*rows.OF_COMMENT)
)
# The author: of two posts by one person at once, the second sees the first, in slow mode as well.
_COUNT_AT_AUTHOR = (
    update(User)
    .where(User.id == bindparam("author"))
    .values(published_comments=User.published_comments + bindparam("more"))
)
# The article, which must still be open: last, because all posts and votes below it wait for it.
_COUNT_AT_ARTICLE = (
    update(Article)
    .where(Article.id == bindparam("article"))
    .values(
        comment_count=Article.comment_count + bindparam("more"),
        last_publish_seq=Article.last_publish_seq + bindparam("more"),
        version=Article.version + 1,
    )
    .returning(*OF_DISCUSSION)
)


@cache
def _insert_new(dialect: str, is_ranked: bool) -> Any:
    """Return the INSERT of a comment, which adds nothing for a form that was stored already.

    With `is_ranked` it becomes the last of the listed replies to `:parent`, which is locked.
    """
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    other = aliased(Comment)
    last = select(func.max(other.rank)).where(other.parent_id == bindparam("parent"))
    rank = func.coalesce(last.scalar_subquery(), 0) + 1
    return (
        insert(Comment)
        .values({"rank": rank} if is_ranked else {})
        .on_conflict_do_nothing(index_elements=["author_id", "submission"])
        .returning(Comment.id, Comment.rank)
    )


def add_comment(
    draft: CommentRow, status: S, check: Callable[[CommentRow], None], note: str = ""
) -> CommentRow | None:
    """Store a new comment, published or held, with all that counts it.

    First its counters are raised, which locks their rows and returns them as they are now;
    `check` gets the draft with these, to refuse it. `note` is for the log, where a held comment
    has an entry. Return the comment, or None if its form was stored already: then the caller
    rolls back.
    """
    if status not in TRANSITIONS[None]:
        raise ValueError(f"no comment begins as {status}")
    more = int(status == S.PUBLISHED)
    counted_reply = _count_reply(draft.parent, more) if draft.parent else None
    core.run(_COUNT_AT_AUTHOR, {"author": draft.author_id, "more": more})
    counted = core.run(_COUNT_AT_ARTICLE, {"article": draft.article_id, "more": more}).one()
    article = DiscussionRow._make(counted)
    parent = counted_reply._replace(article=article) if counted_reply else None
    versions.note_change(Article, "version", *(("comment_count",) if more else ()))
    comment = draft._replace(
        article=article,
        parent=parent,
        status=status,
        published_at=draft.created_at if more else None,
        publish_seq=article.last_publish_seq if more else 0,
        publicly_listed=is_listed(status, bool(more), 0),
    )
    check(comment)
    values = {name: getattr(comment, name) for name in rows.OWN if name != "id"}
    is_ranked = bool(more and parent)
    if is_ranked:
        del values["rank"]
        values["parent"] = comment.parent_id
    insert = _insert_new(db.session.connection().dialect.name, is_ranked)
    added = core.run(insert, values).one_or_none()
    if added is None:
        return None
    comment = comment._replace(id=added.id, rank=added.rank)
    comment_added.send(comment)
    if status == S.PENDING:
        subject = comment.author_name
        record(Action.HELD, None, comment_id=comment.id, subject=subject, after=status, note=note)
    else:
        comment_published.send(comment)
    return comment


def _count_reply(parent: CommentRow, more: int) -> CommentRow:
    """Count a reply to `parent`, and return the parent as it is now."""
    if parent.root_id is not None:
        core.run(_COUNT_IN_THREAD, {"root": parent.root_id, "more": more})
    counted = core.run(_COUNT_AT_PARENT, {"parent": parent.id, "more": more}).one()
    author = parent.author if counted.author_id else None  # somebody may take their name off
    return CommentRow._make((*counted, author, parent.article, None))


def set_status(
    comment: Comment,
    status: S,
    actor: User | None,
    action: Action,
    reason: str = "",
    note: str = "",
) -> AuditEntry:
    """Move `comment` to `status`, update counters and listing, and add a log entry.

    `actor` is None for the site itself. Raises Conflict for a move that is not in TRANSITIONS.
    """
    before = comment.status
    if status not in TRANSITIONS[before]:
        raise Conflict(f"This comment is {before} already.")
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
    return record(
        action,
        actor,
        comment_id=comment.id,
        subject=comment.author_name,
        before=before,
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
    comment.version += 1


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
