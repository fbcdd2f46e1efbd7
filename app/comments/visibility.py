"""Who sees what of a comment: the one definition, and the same of the database.

Pages, permalinks, acts, polls, search, profiles and activity ask here. What was never public
is, for all but its author and moderators, as if it had never been written: no answer may tell
one from the other. Functions that begin with `sql_` are the twins for statements.
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
from app.db.types import UtcDateTime
from app.policy import Viewer


class Visible(StrEnum):
    """The four ways in which somebody may see a comment, or not."""

    HIDDEN = "hidden"  # nothing, as if it had never been: 404
    TOMBSTONE = "tombstone"  # that it was there and why it is not, without words and name
    WORDS = "words"
    GONE = "gone"  # its author deleted it, and nothing keeps its place: 410


def of(viewer: Viewer, comment: Comment) -> Visible:
    """Return what `viewer` sees of `comment`, whose article is loaded."""
    if not articles.may_read(viewer, comment.article):
        return Visible.HIDDEN
    if has_public_words(comment):
        return Visible.WORDS
    own = viewer.id is not None and comment.author_id == viewer.id
    moderates = viewer.role in MODERATORS
    is_deleted = comment.status == S.DELETED
    if own and is_kept_for_author(comment):
        return Visible.TOMBSTONE if is_deleted else Visible.WORDS
    if moderates and comment.status == S.PENDING:
        return Visible.WORDS
    if moderates or comment.publicly_listed:
        return Visible.TOMBSTONE
    if is_deleted and (own or comment.published_at is not None):
        return Visible.GONE
    return Visible.HIDDEN


def sql_of(viewer: Viewer) -> ColumnElement[str]:
    """Return the twin of `of`, for a statement that joins comments to their articles."""
    own = Comment.author_id == viewer.id if viewer.id is not None else false()
    moderates = true() if viewer.role in MODERATORS else false()
    is_deleted = Comment.status == S.DELETED
    of_readable = case(
        (sql_has_public_words(), Visible.WORDS),
        (and_(own, sql_is_kept_for_author(), is_deleted), Visible.TOMBSTONE),
        (and_(own, sql_is_kept_for_author()), Visible.WORDS),
        (and_(moderates, Comment.status == S.PENDING), Visible.WORDS),
        (or_(moderates, Comment.publicly_listed), Visible.TOMBSTONE),
        (and_(is_deleted, or_(own, Comment.published_at.is_not(None))), Visible.GONE),
        else_=Visible.HIDDEN,
    )
    return case((articles.sql_may_read(viewer), of_readable), else_=Visible.HIDDEN)


def has_public_words(comment: Comment) -> bool:
    """Return whether everybody reads its words who may read its article."""
    return comment.status == S.PUBLISHED


def sql_has_public_words() -> ColumnElement[bool]:
    """Return the twin of `has_public_words`."""
    return Comment.status == S.PUBLISHED


def sql_is_known_to_all() -> ColumnElement[bool]:
    """Return whether it is hidden from nobody who may read its article."""
    was_public = Comment.published_at.is_not(None)
    return or_(
        sql_has_public_words(),
        Comment.publicly_listed,
        and_(Comment.status == S.DELETED, was_public),
    )


def is_kept_for_author(comment: Comment) -> bool:
    """Return whether its author sees it also where nobody else does: until a moderator let it
    through, and while a deletion can be taken back."""
    return comment.status in (S.PENDING, S.REJECTED) or is_undo_open(comment)


def sql_is_kept_for_author() -> ColumnElement[bool]:
    """Return the twin of `is_kept_for_author`."""
    since = bindparam(None, callable_=_get_undo_limit, type_=UtcDateTime(), unique=True)
    return or_(
        Comment.status.in_((S.PENDING, S.REJECTED)),
        and_(Comment.status == S.DELETED, Comment.deleted_at > since),
    )


def is_undo_open(comment: Comment) -> bool:
    """Return whether its author may still take the deletion back."""
    at = comment.deleted_at
    return comment.status == S.DELETED and at is not None and at > _get_undo_limit()


def _get_undo_limit() -> datetime:
    return clock.now() - UNDO_WINDOW


def is_listed(status: str, was_public: bool, reply_count: int) -> bool:
    """Return what the column `publicly_listed` must be: whether everybody sees the comment.

    `was_public` says that it was published once, `reply_count` how many replies are listed.
    What a moderator removed keeps its tombstone, what is held again or deleted only above
    replies.
    """
    if status == S.PUBLISHED:
        return True
    return was_public and (status == S.REJECTED or reply_count > 0)
