"""Bringing a discussion in from elsewhere.

Authors become pseudonymous accounts that cannot sign in; order and nesting are kept; what was
imported before is left as it is. The form of the file stands in `app.imports.thread_file`.

Comments come in by batches, each a transaction of its own that leaves every counter true. So
others write in between, and an import that was cut off goes on when it is run again.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice
from typing import cast

from sqlalchemy import ARRAY, String, Table, bindparam, func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app import clock
from app.accounts.models import User
from app.articles.models import Article
from app.comments import ranking
from app.comments.locking import lock_with_ancestors
from app.comments.models import Comment
from app.comments.status import imported_state, update_listing
from app.db.base import db, set_cache_size
from app.db.locks import lock_rows, lock_turn, retry_once
from app.imports import thread_file
from app.imports.authors import make_authors
from app.imports.cleaning import Cleaned, Source, clean_batches, count_processes
from app.imports.models import ImportedComment
from app.imports.positions import (
    Item,
    Position,
    count_below,
    find_positions,
    find_positions_above,
    get_status,
)
from app.imports.thread_file import ImportedDiscussion, ImportedItem
from app.search import models as search_index

# A batch holds its discussion, and SQLite's one write lock, for about a fifth of a second.
BATCH = 1_000
_CACHE = 16  # MB

_COMMENTS = cast("Table", Comment.__table__)
_ORIGINS = cast("Table", ImportedComment.__table__)

Progress = Callable[[int], None]


class _PreparedComment:
    """A comment with its words cleaned and indexed, before it has an author and a position."""

    __slots__ = ("row", "words")

    def __init__(
        self, article_id: int, item: ImportedItem, shift: timedelta, cleaned: Cleaned
    ) -> None:
        up, down = max(item.score, 0), max(-item.score, 0)
        now = clock.now()
        name = hashlib.sha256(f"{article_id}:{item.external_id}".encode()).hexdigest()
        self.words = cleaned.words
        self.row = cleaned.columns | {
            "article_id": article_id,
            "created_at": min(item.created_at + shift, now),
            "edited_at": min(item.edited_at + shift, now) if item.edited_at else None,
            "submission": f"import-{name[:32]}",
            "up": up,
            "down": down,
            "best": ranking.compute_best(up, down),
            "controversy": ranking.compute_controversy(up, down),
        }


def import_thread(
    article: Article,
    data: object,
    source: str,
    progress: Progress | None = None,
    until: datetime | None = None,
) -> int:
    """`add_thread` the comments of `data`, a parsed JSON value; raises ImportRefused."""
    return add_thread(article, thread_file.read_thread(data), source, progress, until)


def add_thread(
    article: Article,
    thread: ImportedDiscussion,
    source: str,
    progress: Progress | None = None,
    until: datetime | None = None,
) -> int:
    """Add the comments of `thread` below `article`; returns how many were new.

    `source` names where they come from and keeps apart authors of the same name; `progress`
    is called with numbers of comments; with `until` all times are moved together so that the
    latest is `until`. Raises Conflict when the file is changed meanwhile.
    """
    shift = until - thread.latest if until and thread.latest else timedelta()
    article_id, added = article.id, 0
    set_cache_size(_CACHE)
    ids = array("q", bytes(8 * len(thread)))  # of the comments, by their indexes
    batches = _iterate_batches(thread, article_id, ids)
    with closing(clean_batches(batches, count_processes(len(thread)))) as cleaned_batches:
        for (batch, new), texts in cleaned_batches:
            drafts = {
                index: _PreparedComment(article_id, item, shift, cleaned)
                for (index, item), cleaned in zip(new, texts, strict=True)
            }
            if drafts:
                added += _add_batch(article, thread, batch, drafts, ids, source)
            if progress:
                progress(len(batch))
    return added


@retry_once
def _add_batch(
    article: Article,
    thread: ImportedDiscussion,
    batch: list[Item],
    drafts: dict[int, _PreparedComment],
    ids: "array[int]",
    source: str,
) -> int:
    """Add what is new in a batch, in a transaction of its own; return how many that was."""
    lock_turn("imports", article.id)
    for index in drafts:  # a try that was broken off has given them numbers
        ids[index] = 0
    _note_imported(article.id, batch, ids)  # another import of the file may run beside this one
    new = [(index, item) for index, item in batch if not ids[index]]
    if new:
        _store_batch(article, thread, new, drafts, ids, source)
    db.session.commit()
    return len(new)


def _iterate_batches(
    thread: ImportedDiscussion, article_id: int, ids: "array[int]"
) -> Iterator[tuple[tuple[list[Item], list[Item]], list[Source]]]:
    """Yield batches: all of their comments, those that are new, and the texts of these.

    A batch is cleaned before its transaction begins, so that nobody is kept waiting.
    """
    comments = enumerate(thread.comments())
    while batch := list(islice(comments, BATCH)):
        _note_imported(article_id, batch, ids)
        new = [(index, item) for index, item in batch if not ids[index]]
        yield (batch, new), [Source(article_id, item.source, item.is_html) for _, item in new]


def _note_imported(article_id: int, batch: list[Item], ids: "array[int]") -> None:
    """Note in `ids` which comments were imported before."""
    indexes = {item.external_id: index for index, item in batch}
    imported = ImportedComment
    mine = imported.article_id == article_id
    if db.session.connection().dialect.name == "postgresql":
        # One by one in the index: knowing little of a table that is being filled, PostgreSQL
        # would rather compare all that the article has with the whole list.
        name = func.unnest(bindparam(None, list(indexes), ARRAY(String))).column_valued("name")
        number = (
            select(imported.comment_id).where(mine, imported.external_id == name).scalar_subquery()
        )
        query = select(name, number)
    else:
        query = select(imported.external_id, imported.comment_id).where(
            mine, imported.external_id.in_(indexes)
        )
    for external_id, comment_id in db.session.execute(query):
        if comment_id:
            ids[indexes[external_id]] = comment_id


def _store_batch(
    article: Article,
    thread: ImportedDiscussion,
    new: list[Item],
    drafts: dict[int, _PreparedComment],
    ids: "array[int]",
    source: str,
) -> None:
    """Store a batch of comments in the open transaction.

    All that is locked is locked before the article, for which everybody else waits.
    """
    parents = {ids[thread.parents[index]] for index, _ in new if thread.parents[index] >= 0} - {0}
    if parents:
        lock_with_ancestors(parents)
    above = find_positions_above(parents)
    authors = make_authors({item.author for _, item in new if item.author}, source)
    published = Counter(authors[item.author] for _, item in new if item.author and not item.deleted)
    _raise_counters(User.published_comments, published)
    lock_rows(article)
    positions = find_positions(thread, new, above, ids)
    below = count_below(new, positions)
    rows, origins = [], []
    publish_seq = article.last_publish_seq
    pairs = list(zip(new, positions, strict=True))
    for (index, item), position in pairs:
        publish_seq += 1
        row = drafts[index].row
        status = get_status(item)
        size = 0 if position.root_id else below.pop(position.id, 0)
        author_id = authors[item.author] if item.author else None
        row |= {
            "id": position.id,
            "author_id": author_id,
            "parent_id": position.above.id if position.above else None,
            "root_id": position.root_id,
            "depth": position.depth,
            **imported_state(
                row["created_at"], status, publish_seq, position.rank, position.replies, size
            ),
        }
        rows.append(row)
        origins.append(
            {"comment_id": position.id, "external_id": item.external_id}
            | {name: row[name] for name in ("article_id", "up", "down")}
        )
    connection = db.session.connection()
    connection.execute(insert(_COMMENTS), rows)
    connection.execute(insert(_ORIGINS), origins)
    words = [{"rowid": position.id, "words": drafts[index].words} for (index, _), position in pairs]
    search_index.store_new_entries(connection, words)
    _raise_counters(
        Comment.reply_count, {position.id: position.replies for position in above.values()}
    )
    _raise_counters(Comment.thread_count, below)
    article.last_publish_seq = publish_seq
    article.comment_count = Article.comment_count + sum(not item.deleted for _, item in new)
    article.version = Article.version + 1
    db.session.flush()
    _list_again(
        [
            position
            for position in above.values()
            if position.replies and not position.publicly_listed
        ]
    )


def _raise_counters(counter: InstrumentedAttribute[int], by: dict[int, int]) -> None:
    """Add to a counter of the rows with the numbers that are the keys of `by`."""
    table = cast("Table", counter.class_.__table__)
    column = table.c[counter.key]
    changes = [{"row": number, "more": more} for number, more in sorted(by.items()) if more]
    if changes:
        statement = update(table).where(table.c.id == bindparam("row"))
        db.session.connection().execute(
            statement.values({column: column + bindparam("more")}), changes
        )


def _list_again(positions: list[Position]) -> None:
    """List tombstones that have got replies."""
    if not positions:
        return
    db.session.expire_all()  # their counters were changed past the session
    for position in positions:
        update_listing(db.session.get_one(Comment, position.id))
