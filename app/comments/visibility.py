"""The one definition of who sees what of a comment, in Python and in SQL.

Pages, permalinks, acts, polls, search, profiles and activity all ask it. To all but its author
and moderators, a comment that was never public looks as if it had never been written: no
response may differ between the two. Functions that begin with `sql_` are the SQL twins.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, bindparam, case, false, or_, true

from app import clock
from app.accounts.roles import MODERATORS
from app.articles import visibility as articles
from app.comments.enums import UNDO_WINDOW
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.comments.rows import AnyComment
from app.db.types import UtcDateTime
from app.policy import Viewer


class Visible(StrEnum):
    """The part of a comment that somebody sees."""

    HIDDEN = "hidden"  # nothing, as if it had never been written: 404
    TOMBSTONE = "tombstone"  # that it was removed and why, without its words and name
    WORDS = "words"
    GONE = "gone"  # its author deleted it, and it has no tombstone: 410


def of(viewer: Viewer, comment: AnyComment) -> Visible:
    """Return what `viewer` sees of `comment`, whose article is loaded."""
    if not articles.may_read(viewer, comment.article):
        return Visible.HIDDEN
    if has_public_words(comment):
        return Visible.WORDS
    own = viewer.id is not None and comment.author_id == viewer.id
    moderates = viewer.role in MODERATORS
    is_deleted = comment.status == S.DELETED
    if own and is_visible_to_author(comment):
        return Visible.TOMBSTONE if is_deleted else Visible.WORDS
    if moderates and comment.status == S.PENDING:
        return Visible.WORDS
    if moderates or comment.publicly_listed:
        return Visible.TOMBSTONE
    if is_deleted and (own or comment.published_at is not None):
        return Visible.GONE
    return Visible.HIDDEN


def sql_of(viewer: Viewer) -> ColumnElement[str]:
    """Return the SQL twin of `of`, for a statement that joins comments to their articles."""
    own = Comment.author_id == viewer.id if viewer.id is not None else false()
    moderates = true() if viewer.role in MODERATORS else false()
    is_deleted = Comment.status == S.DELETED
    of_readable = case(
        (sql_has_public_words(), Visible.WORDS),
        (and_(own, sql_is_visible_to_author(), is_deleted), Visible.TOMBSTONE),
        (and_(own, sql_is_visible_to_author()), Visible.WORDS),
        (and_(moderates, Comment.status == S.PENDING), Visible.WORDS),
        (or_(moderates, Comment.publicly_listed), Visible.TOMBSTONE),
        (and_(is_deleted, or_(own, Comment.published_at.is_not(None))), Visible.GONE),
        else_=Visible.HIDDEN,
    )
    return case((articles.sql_may_read(viewer), of_readable), else_=Visible.HIDDEN)


def has_public_words(comment: AnyComment) -> bool:
    """Return whether everybody who may read the article may read the comment's words."""
    return comment.status == S.PUBLISHED


def sql_has_public_words() -> ColumnElement[bool]:
    """Return the SQL twin of `has_public_words`."""
    return Comment.status == S.PUBLISHED


def sql_is_known_to_all() -> ColumnElement[bool]:
    """Return the SQL condition that a comment is hidden from nobody who may read its article."""
    was_public = Comment.published_at.is_not(None)
    return or_(
        sql_has_public_words(),
        Comment.publicly_listed,
        and_(Comment.status == S.DELETED, was_public),
    )


def is_visible_to_author(comment: AnyComment) -> bool:
    """Return whether the author sees a comment that others may not see.

    That is so until a moderator publishes it, and while a deletion can be taken back.
    """
    return comment.status in (S.PENDING, S.REJECTED) or is_undo_open(comment)


def sql_is_visible_to_author() -> ColumnElement[bool]:
    """Return the SQL twin of `is_visible_to_author`."""
    since = bindparam(None, callable_=_get_undo_limit, type_=UtcDateTime(), unique=True)
    return or_(
        Comment.status.in_((S.PENDING, S.REJECTED)),
        and_(Comment.status == S.DELETED, Comment.deleted_at > since),
    )


def is_undo_open(comment: AnyComment) -> bool:
    """Return whether the author may still take the deletion back."""
    at = comment.deleted_at
    return comment.status == S.DELETED and at is not None and at > _get_undo_limit()


def _get_undo_limit() -> datetime:
    return clock.now() - UNDO_WINDOW


def is_listed(status: str, was_public: bool, reply_count: int) -> bool:
    """Return the right value of `publicly_listed`: whether everybody sees the comment.

    `was_public` says that it was published once, `reply_count` how many replies are listed. A
    comment that a moderator removed always has a tombstone; one that is held again or deleted
    has a tombstone only while it has listed replies.
    """
    if status == S.PUBLISHED:
        return True
    return was_public and (status == S.REJECTED or reply_count > 0)
