"""Where the comments of an imported batch come to stand among those that are there."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.comments.visibility import is_listed
from app.db.base import db
from app.imports.thread_file import ImportedDiscussion, ImportedItem

Item = tuple[int, ImportedItem]  # a comment with its index in the file


@dataclass(slots=True)
class Position:
    """A comment that takes part in a batch: one that comes in, or was there and is replied to."""

    id: int
    depth: int
    root_id: int | None
    above: "Position | None" = None
    publicly_listed: bool = False
    rank: int = 0
    last_rank: int = 0  # below it
    replies: int = 0  # listed ones that come in with the batch

    @property
    def top(self) -> int:
        return self.root_id or self.id


def find_positions_above(ids: set[int]) -> dict[int, Position]:
    """Return the stored ones of the comments `ids`, with the last rank given below each.

    Replies that were deleted since have kept theirs.
    """
    reply = aliased(Comment)

    def last(listed: bool) -> Any:
        among = select(func.max(reply.rank)).where(reply.parent_id == Comment.id)
        return func.coalesce(among.where(reply.publicly_listed.is_(listed)).scalar_subquery(), 0)

    query = select(
        Comment.id, Comment.depth, Comment.root_id, Comment.publicly_listed, last(True), last(False)
    )
    rows = db.session.execute(query.where(Comment.id.in_(ids))).all() if ids else []
    return {
        row[0]: Position(
            row[0], row[1], row[2], publicly_listed=row[3], last_rank=max(row[4], row[5])
        )
        for row in rows
    }


def find_positions(
    thread: ImportedDiscussion, new: list[Item], above: dict[int, Position], ids: "array[int]"
) -> list[Position]:
    """Return the position of each new comment, and note their ids in `ids`."""
    by_id: dict[int, Position] = dict(above)
    ordered = []
    for (index, _), number in zip(new, _reserve_ids(len(new)), strict=True):
        ids[index] = number
        parent = by_id[ids[thread.parents[index]]] if thread.parents[index] >= 0 else None
        position = Position(number, 1, None, parent)
        if parent is not None:
            position.depth, position.root_id = parent.depth + 1, parent.top
            # A deleted one that has replies further on keeps its rank until they come.
            if thread.stands[index]:
                parent.last_rank += 1
                position.rank = parent.last_rank
        by_id[number] = position
        ordered.append(position)
    return ordered


def get_status(item: ImportedItem) -> CommentStatus:
    """Return the status that an imported comment gets."""
    return CommentStatus.DELETED if item.deleted else CommentStatus.PUBLISHED


def count_below(new: list[Item], positions: list[Position]) -> Counter[int]:
    """Count what is listed: replies in the positions, and what is below each thread's first."""
    below = Counter[int]()
    for (_, item), position in zip(reversed(new), reversed(positions), strict=True):
        position.publicly_listed = is_listed(get_status(item), True, position.replies)
        if position.publicly_listed and position.above is not None:
            position.above.replies += 1
            below[position.above.top] += 1
    return below


def _reserve_ids(count: int) -> Sequence[int]:
    """Return new ids for comments, in ascending order; the caller has taken the write lock."""
    if db.session.connection().dialect.name == "postgresql":
        sequence = func.nextval(func.pg_get_serial_sequence("comments", "id"))
        rows = select(sequence).select_from(func.generate_series(1, count))
        return sorted(db.session.scalars(rows))
    last = db.session.scalar(select(func.max(Comment.id))) or 0
    return range(last + 1, last + 1 + count)
