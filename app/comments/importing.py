"""Bringing a discussion in from elsewhere.

The form: {"source", "title", "url", "comments": [{"id", "parent_id" (null for the top level),
"author" (null when the source shows none), "created_at" (ISO 8601, UTC), "text" (Markdown)
and/or "text_html", "score", "edited_at", "deleted"}]}, a parent before its replies. Authors
become pseudonymous accounts that cannot sign in; order and nesting are kept; what was
imported before is left as it is.

Comments come in by batches, each a transaction of its own that leaves every counter true. So
others write in between, and an import that was cut off goes on when it is run again.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, cast

from sqlalchemy import ARRAY, String, Table, bindparam, func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app import clock, text
from app.accounts.importing import imported_authors
from app.accounts.models import User
from app.articles.models import Article
from app.comments import incoming, sorting
from app.comments.incoming import Imported, Thread
from app.comments.models import Comment, ImportedComment, written, written_html
from app.comments.visibility import is_listed
from app.comments.vocabulary import CommentStatus
from app.extensions import db, keep_pages
from app.moderation.status import bring_in, list_again, lock
from app.search import models as index

# A batch holds its discussion, and SQLite's one write lock, for about a fifth of a second.
BATCH = 1_000
_CACHE = 16  # MB

_COMMENTS = cast("Table", Comment.__table__)
_BROUGHT = cast("Table", ImportedComment.__table__)

Progress = Callable[[int], None]
Item = tuple[int, Imported]  # a comment with its place in the file


@dataclass(slots=True)
class _Spot:
    """A comment that takes part in a batch: one that comes in, or was there and is replied to."""

    id: int
    depth: int
    root_id: int | None
    above: "_Spot | None" = None
    listed: bool = False
    rank: int = 0
    last_rank: int = 0  # below it
    replies: int = 0  # listed ones that come in with the batch

    @property
    def top(self) -> int:
        return self.root_id or self.id


class _Draft:
    """A comment with its words cleaned and indexed, before it has an author and a place."""

    __slots__ = ("row", "words")

    def __init__(self, article_id: int, item: Imported, shift: timedelta) -> None:
        up, down = max(item.score, 0), max(-item.score, 0)
        now = clock.now()
        if item.is_html:
            self.row = written_html(item.source)
        else:
            self.row = written(item.source[: text.SOURCE_MAX])
        self.words = index.indexed(article_id, self.row["html"])
        name = hashlib.sha256(f"{article_id}:{item.external_id}".encode()).hexdigest()
        self.row |= {
            "article_id": article_id,
            "created_at": min(item.created_at + shift, now),
            "edited_at": min(item.edited_at + shift, now) if item.edited_at else None,
            "submission": f"import-{name[:32]}",
            "up": up,
            "down": down,
            "best": sorting.best(up, down),
            "controversy": sorting.controversy(up, down),
        }


def import_thread(
    article: Article,
    data: object,
    source: str,
    progress: Progress | None = None,
    until: datetime | None = None,
) -> int:
    """`add` the comments of `data`, a parsed JSON value; raises ImportRefused."""
    return add(article, incoming.read(data), source, progress, until)


def add(
    article: Article,
    thread: Thread,
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
    keep_pages(_CACHE)
    ids = array("q", bytes(8 * len(thread)))  # of the comments, by their places
    for batch in _batches(thread):
        _find(article_id, batch, ids)
        # Cleaning takes most of the time, so it is done before anybody is kept waiting.
        drafts = {p: _Draft(article_id, item, shift) for p, item in batch if not ids[p]}
        if drafts:
            lock(article)
            _find(article_id, batch, ids)  # another import of the file may run beside this one
            new = [(place, item) for place, item in batch if not ids[place]]
            if new:
                _add(article, thread, new, drafts, ids, source)
            db.session.commit()
            added += len(new)
        if progress:
            progress(len(batch))
    return added


def _batches(thread: Thread) -> Iterator[list[Item]]:
    comments = enumerate(thread.comments())
    while batch := list(islice(comments, BATCH)):
        yield batch


def _find(article_id: int, batch: list[Item], ids: "array[int]") -> None:
    """Note in `ids` which comments were imported before."""
    places = {item.external_id: place for place, item in batch}
    held = ImportedComment
    mine = held.article_id == article_id
    if db.session.connection().dialect.name == "postgresql":
        # One by one in the index: knowing little of a table that is being filled, PostgreSQL
        # would rather compare all that the article has with the whole list.
        name = func.unnest(bindparam(None, list(places), ARRAY(String))).column_valued("name")
        number = select(held.comment_id).where(mine, held.external_id == name).scalar_subquery()
        query = select(name, number)
    else:
        query = select(held.external_id, held.comment_id).where(mine, held.external_id.in_(places))
    for external_id, comment_id in db.session.execute(query):
        if comment_id:
            ids[places[external_id]] = comment_id


def _add(
    article: Article,
    thread: Thread,
    new: list[Item],
    drafts: dict[int, _Draft],
    ids: "array[int]",
    source: str,
) -> None:
    """Store a batch of comments in the transaction that holds the article."""
    authors = imported_authors({item.author for _, item in new if item.author}, source)
    above = _above({ids[thread.parents[place]] for place, _ in new if thread.parents[place] >= 0})
    spots = _spots(thread, new, above, ids)
    below = _count(new, spots)
    rows, brought, published = [], [], Counter[int]()
    serial = article.last_serial
    placed = list(zip(new, spots, strict=True))
    for (place, item), spot in placed:
        serial += 1
        row = drafts[place].row
        status = _status(item)
        size = 0 if spot.root_id else below.pop(spot.id, 0)
        author_id = authors[item.author] if item.author else None
        if author_id and not item.deleted:
            published[author_id] += 1
        row |= {
            "id": spot.id,
            "author_id": author_id,
            "parent_id": spot.above.id if spot.above else None,
            "root_id": spot.root_id,
            "depth": spot.depth,
            **bring_in(row["created_at"], status, serial, spot.rank, spot.replies, size),
        }
        rows.append(row)
        brought.append(
            {"comment_id": spot.id, "external_id": item.external_id}
            | {name: row[name] for name in ("article_id", "up", "down")}
        )
    connection = db.session.connection()
    connection.execute(insert(_COMMENTS), rows)
    connection.execute(insert(_BROUGHT), brought)
    words = [{"rowid": spot.id, "words": drafts[place].words} for (place, _), spot in placed]
    index.store_new(connection, words)
    _raise(Comment.reply_count, {spot.id: spot.replies for spot in above.values()})
    _raise(Comment.thread_count, below)
    _raise(User.published_comments, published)
    article.last_serial = serial
    article.comment_count = Article.comment_count + sum(not item.deleted for _, item in new)
    article.version = Article.version + 1
    db.session.flush()
    _bring_back([spot for spot in above.values() if spot.replies and not spot.listed])


def _status(item: Imported) -> CommentStatus:
    return CommentStatus.DELETED if item.deleted else CommentStatus.PUBLISHED


def _spots(
    thread: Thread, new: list[Item], above: dict[int, _Spot], ids: "array[int]"
) -> list[_Spot]:
    """Where each comes to stand; `ids` learns their numbers."""
    spots: dict[int, _Spot] = dict(above)
    made = []
    for (place, _), number in zip(new, _numbers(len(new)), strict=True):
        ids[place] = number
        parent = spots[ids[thread.parents[place]]] if thread.parents[place] >= 0 else None
        spot = _Spot(number, 1, None, parent)
        if parent is not None:
            spot.depth, spot.root_id = parent.depth + 1, parent.top
            # A deleted one that has replies further on keeps its rank until they come.
            if thread.stands[place]:
                parent.last_rank += 1
                spot.rank = parent.last_rank
        spots[number] = spot
        made.append(spot)
    return made


def _count(new: list[Item], spots: list[_Spot]) -> Counter[int]:
    """Count what is listed: replies in the spots, and what is below each thread's first."""
    below = Counter[int]()
    for (_, item), spot in zip(reversed(new), reversed(spots), strict=True):
        spot.listed = is_listed(_status(item), True, spot.replies)
        if spot.listed and spot.above is not None:
            spot.above.replies += 1
            below[spot.above.top] += 1
    return below


def _above(ids: set[int]) -> dict[int, _Spot]:
    """Of the comments `ids` those that are stored, with the last rank given below each.

    Replies that were deleted since have kept theirs.
    """
    reply = aliased(Comment)

    def last(listed: bool) -> Any:
        among = select(func.max(reply.rank)).where(reply.parent_id == Comment.id)
        return func.coalesce(among.where(reply.listed.is_(listed)).scalar_subquery(), 0)

    query = select(
        Comment.id, Comment.depth, Comment.root_id, Comment.listed, last(True), last(False)
    )
    rows = db.session.execute(query.where(Comment.id.in_(ids - {0}))).all() if ids else []
    return {
        row[0]: _Spot(row[0], row[1], row[2], listed=row[3], last_rank=max(row[4], row[5]))
        for row in rows
    }


def _numbers(count: int) -> Sequence[int]:
    """New numbers for comments, rising, while the article is held."""
    if db.session.connection().dialect.name == "postgresql":
        sequence = func.nextval(func.pg_get_serial_sequence("comments", "id"))
        rows = select(sequence).select_from(func.generate_series(1, count))
        return sorted(db.session.scalars(rows))
    last = db.session.scalar(select(func.max(Comment.id))) or 0
    return range(last + 1, last + 1 + count)


def _raise(counter: InstrumentedAttribute[int], by: dict[int, int]) -> None:
    """Add to a counter of the rows with the numbers that are the keys of `by`."""
    table = cast("Table", counter.class_.__table__)
    column = table.c[counter.key]
    changes = [{"row": number, "more": more} for number, more in sorted(by.items()) if more]
    if changes:
        statement = update(table).where(table.c.id == bindparam("row"))
        db.session.connection().execute(
            statement.values({column: column + bindparam("more")}), changes
        )


def _bring_back(spots: list[_Spot]) -> None:
    """List tombstones that have got replies."""
    if not spots:
        return
    db.session.expire_all()  # their counters were changed past the session
    for spot in spots:
        list_again(db.session.get_one(Comment, spot.id))
