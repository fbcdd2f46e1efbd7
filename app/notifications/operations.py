"""Recording notices: for the author whom a comment answers, and the members whom it names."""

from sqlalchemy import insert, select

from app import text
from app.accounts.models import User
from app.accounts.queries import make_name_key
from app.comments.models import Comment
from app.comments.rows import CommentRow
from app.comments.signals import comment_edited, comment_published
from app.db import core
from app.db.base import db
from app.notifications.models import Notice, NoticeKind

_ADD = insert(Notice)


def record_first(comment: Comment | CommentRow) -> None:
    """Add the notices of a comment that is published for the first time to its transaction."""
    _record(comment, {})


def record_missing(comment: Comment) -> None:
    """Add the missing notices of a published comment to its transaction.

    A comment notifies MENTIONS_MAX of the members whom it names, however often it is edited.
    """
    existing = select(Notice.user_id, Notice.kind).where(Notice.comment_id == comment.id)
    _record(comment, {row[0]: row[1] for row in db.session.execute(existing)})


def _record(comment: Comment | CommentRow, notified: dict[int, str]) -> None:
    """Add the notices of `comment` but for people who are `notified`, to each the kind."""
    parent = comment.parent
    wanted: dict[int, NoticeKind] = {}
    if parent is not None and parent.author is not None and not parent.author.imported:
        wanted[parent.author.id] = NoticeKind.REPLY
    if names := text.list_mentions(comment.words):
        keys = [make_name_key(name) for name in names]
        named = select(User.id).where(User.name_key.in_(keys), ~User.imported)
        for user_id in core.run(named).scalars():
            wanted.setdefault(user_id, NoticeKind.MENTION)
    wanted.pop(comment.author_id or 0, None)
    left = text.MENTIONS_MAX - list(notified.values()).count(NoticeKind.MENTION)
    for user_id, kind in wanted.items():
        if user_id in notified or (kind is NoticeKind.MENTION and left <= 0):
            continue
        left -= kind is NoticeKind.MENTION
        core.run(_ADD, {"user_id": user_id, "comment_id": comment.id, "kind": kind})


comment_published.connect(record_first)
comment_edited.connect(record_missing)  # an edit may name more members
