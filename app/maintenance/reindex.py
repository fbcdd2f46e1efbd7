"""Rebuilding the full-text index of comments."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, delete, func, select

from app.comments.models import Comment
from app.db.base import db
from app.db.batches import iterate_ranges
from app.db.locks import retry_once, take_write_lock
from app.search.models import comment_words, make_entry, store_entry

BATCH = 500


def count_rows() -> int:
    """Return the number of comments, for the progress of `reindex_comments`."""
    return db.session.scalar(select(func.count(Comment.id))) or 0


def reindex_comments(progress: Callable[[int], None] | None = None, batch: int = BATCH) -> int:
    """Index every comment again and return how many there were.

    Each `batch` of comments is a transaction of its own, so that others can write in between;
    `progress` is called with its size.
    """
    done = 0
    for which in iterate_ranges(Comment, batch):
        number = _reindex(which)
        done += number
        if progress:
            progress(number)
    _delete_orphans()
    return done


@retry_once
def _reindex(which: ColumnElement[bool]) -> int:
    """Index the comments of one batch and return how many there were."""
    take_write_lock()
    # Locked, so that no edit is overwritten.
    rows = db.session.execute(
        select(Comment.id, Comment.article_id, Comment.plain)
        .where(which)
        .order_by(Comment.id)
        .with_for_update(key_share=True)
    ).all()
    if rows:
        entries = [make_entry(row.id, row.article_id, row.plain) for row in rows]
        store_entry(db.session.connection(), entries)
    db.session.commit()
    return len(rows)


@retry_once
def _delete_orphans() -> None:
    """Delete the index rows of comments that do not exist."""
    db.session.execute(
        delete(comment_words).where(comment_words.c.rowid.not_in(select(Comment.id)))
    )
    db.session.commit()
