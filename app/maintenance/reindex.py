"""Making the index of comments anew."""

from collections.abc import Callable

from sqlalchemy import delete, func, select

from app.comments.models import Comment
from app.db.base import db
from app.db.locks import retry_once, take_write_lock
from app.search.models import comment_words, make_entry, store_entry

BATCH = 500


def count_rows() -> int:
    """How many comments there are to index."""
    return db.session.scalar(select(func.count(Comment.id))) or 0


def reindex_comments(progress: Callable[[int], None] | None = None, batch: int = BATCH) -> int:
    """Index every comment from its words of now; returns how many there were.

    Each `batch` of comments is a transaction of its own, so that others write in between;
    `progress` is called with its size.
    """
    done = last = 0
    while ids := _reindex_next(last, batch):
        last = ids[-1]
        done += len(ids)
        if progress:
            progress(len(ids))
    _forget_words_of_nothing()
    return done


@retry_once
def _reindex_next(last: int, batch: int) -> list[int]:
    """Index the comments behind the id `last`; return their ids."""
    rows = _list_next(last, batch)
    if rows:
        store_entry(db.session.connection(), [make_entry(*row) for row in rows])
    db.session.commit()
    return [row[0] for row in rows]


@retry_once
def _forget_words_of_nothing() -> None:
    db.session.execute(
        delete(comment_words).where(comment_words.c.rowid.not_in(select(Comment.id)))
    )
    db.session.commit()


def _list_next(last: int, batch: int) -> list[tuple[int, int, str]]:
    """The comments behind the id `last`, held until the commit lest an edit is overwritten."""
    take_write_lock()
    rows = db.session.execute(
        select(Comment.id, Comment.article_id, Comment.plain)
        .where(Comment.id > last)
        .order_by(Comment.id)
        .limit(batch)
        .with_for_update(key_share=True)
    )
    return [(row[0], row[1], row[2]) for row in rows]
