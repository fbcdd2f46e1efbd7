"""Rebuilding the full-text index of comments."""

from collections.abc import Callable

from sqlalchemy import delete, func, select

from app.comments.models import Comment
from app.db.base import db
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
    done = last = 0
    while ids := _reindex_next(last, batch):
        last = ids[-1]
        done += len(ids)
        if progress:
            progress(len(ids))
    _delete_orphans()
    return done


@retry_once
def _reindex_next(last: int, batch: int) -> list[int]:
    """Index the comments after the id `last` and return their ids."""
    rows = _list_next(last, batch)
    if rows:
        store_entry(db.session.connection(), [make_entry(*row) for row in rows])
    db.session.commit()
    return [row[0] for row in rows]


@retry_once
def _delete_orphans() -> None:
    """Delete the index rows of comments that do not exist."""
    db.session.execute(
        delete(comment_words).where(comment_words.c.rowid.not_in(select(Comment.id)))
    )
    db.session.commit()


def _list_next(last: int, batch: int) -> list[tuple[int, int, str]]:
    """Return the comments after the id `last`, locked so that no edit is overwritten."""
    take_write_lock()
    rows = db.session.execute(
        select(Comment.id, Comment.article_id, Comment.plain)
        .where(Comment.id > last)
        .order_by(Comment.id)
        .limit(batch)
        .with_for_update(key_share=True)
    )
    return [(row[0], row[1], row[2]) for row in rows]
