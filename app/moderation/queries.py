"""What moderators look at. Each list costs the same few queries whatever stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select, true, tuple_
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.accounts.roles import EDITORS
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.audit.queries import list_entries_of
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.comments.queries import list_ancestors
from app.comments.visibility import Visible, of, sql_has_public_words, sql_of
from app.db.base import db
from app.moderation.models import Report
from app.policy import Viewer

QUEUE_LENGTH = 20  # cards of one page


class Queue(StrEnum):
    REPORTED = "reported"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


QUEUE_LABELS = {
    Queue.REPORTED: "Reported",
    Queue.PENDING: "Pending",
    Queue.APPROVED: "Approved",
    Queue.REJECTED: "Rejected",
}
WAITING = (Queue.REPORTED, Queue.PENDING)
DONE = (Queue.APPROVED, Queue.REJECTED)

# By a comment's last entry. What an undo rejected again is among the rejected, too.
_DECIDED: dict[Queue, ColumnElement[bool]] = {
    Queue.APPROVED: AuditEntry.action.in_((Action.APPROVED, Action.KEPT)),
    Queue.REJECTED: AuditEntry.after == CommentStatus.REJECTED,
}


def _is_seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a moderator may know of a comment: those below a story to come are for editors."""
    if viewer.role in EDITORS:
        return true()
    return Comment.article.has(sql_of(viewer) != Visible.HIDDEN)


def _select_waiting(queue: Queue, viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """What stands in a waiting queue: one definition for its cards and its count."""
    if queue is Queue.REPORTED:
        return (sql_has_public_words(), Comment.report_count > 0, _is_seen_by(viewer))
    return (Comment.status == CommentStatus.PENDING, _is_seen_by(viewer))


def count_queues(viewer: Viewer) -> dict[Queue, int]:
    """How many comments wait for `viewer` in each queue, in one statement."""
    row = db.session.execute(
        select(
            *[
                select(func.count()).where(*_select_waiting(q, viewer)).scalar_subquery()
                for q in WAITING
            ]
        )
    ).one()
    return dict(zip(WAITING, row, strict=True))


@dataclass(frozen=True)
class Record:
    """What the site knows of an author, in counts."""

    comments: int = 0
    rejected: int = 0
    reports_made: int = 0
    reports_agreed: int = 0

    @property
    def rejected_percent(self) -> int:
        return round(100 * self.rejected / self.comments) if self.comments else 0


@dataclass
class Card:
    """One comment as it lies before a moderator."""

    comment: Comment
    record: Record = field(default_factory=Record)
    reports: list[Report] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # why it was held, in words
    last: AuditEntry | None = None


def _select_cards() -> Select[Comment]:
    return select(Comment).options(
        joinedload(Comment.author),
        joinedload(Comment.article),
        joinedload(Comment.parent).joinedload(Comment.author),
    )


QueueCursor = tuple[int, int]  # where a page ends: what orders the queue, and the comment's id


def list_cards(
    viewer: Viewer, queue: Queue, after: QueueCursor | None = None
) -> tuple[list[Card], QueueCursor | None]:
    """The cards of one page of a queue for `viewer`, and where the next page begins, or None.

    The place holds the values themselves, for the comment that stood there may be decided by
    the time of the next page. Reported: the most reported first, then the oldest; pending:
    the oldest first; decided ones: the latest decision first.
    """
    query = _select_cards()
    if queue in WAITING:
        query = query.where(*_select_waiting(queue, viewer))
        if queue is Queue.REPORTED:
            query = query.order_by(Comment.report_count.desc(), Comment.id)
            if after is not None:
                key = tuple_(-Comment.report_count, Comment.id)
                query = query.where(key > (-after[0], after[1]))
        else:
            query = query.order_by(Comment.id)
            if after is not None:
                query = query.where(Comment.id > after[1])
    else:
        latest = _latest_entries(_DECIDED[queue])
        query = query.join(latest, latest.c.comment_id == Comment.id)
        query = query.where(_is_seen_by(viewer)).order_by(latest.c.id.desc())
        if after is not None:
            query = query.where(latest.c.id < after[0])
    rows = list(db.session.scalars(query.limit(QUEUE_LENGTH + 1)))
    page = make_cards(rows[:QUEUE_LENGTH])
    return page, _make_cursor(queue, page[-1]) if len(rows) > QUEUE_LENGTH else None


def _make_cursor(queue: Queue, last: Card) -> QueueCursor:
    if queue in WAITING:
        return last.comment.report_count, last.comment.id
    return last.last.id if last.last else 0, last.comment.id


def _latest_entries(decided: ColumnElement[bool]) -> Subquery:
    """The last entry of each comment, where it is as `decided` says."""
    last = (
        select(func.max(AuditEntry.id).label("id"))
        .where(AuditEntry.comment_id.is_not(None))
        .group_by(AuditEntry.comment_id)
        .subquery()
    )
    return (
        select(AuditEntry.id, AuditEntry.comment_id)
        .join(last, last.c.id == AuditEntry.id)
        .where(decided)
        .subquery()
    )


def get_card(viewer: Viewer, comment_id: int) -> Card | None:
    """One comment, or None where it is hidden from `viewer` as well."""
    comment = db.session.scalar(_select_cards().where(Comment.id == comment_id))
    if comment is None or of(viewer, comment) is Visible.HIDDEN:
        return None
    return make_cards([comment])[0]


def make_cards(comments: Sequence[Comment]) -> list[Card]:
    """Cards with the records, reports and earlier decisions of their comments."""
    result = {comment.id: Card(comment) for comment in comments}
    records = _list_records({c.author_id for c in comments if c.author_id})
    for made in db.session.scalars(
        select(Report)
        .where(Report.comment_id.in_(result), Report.decided_by.is_(None))
        .options(joinedload(Report.reporter))
        .order_by(Report.id)
    ):
        result[made.comment_id].reports.append(made)
    for entry in list_entries_of(list(result)):
        one = result[entry.comment_id or 0]
        one.last = entry
        if entry.action == Action.HELD and entry.note:
            one.notes = [entry.note]
    for one in result.values():
        one.record = records.get(one.comment.author_id or 0, Record())
    return list(result.values())


def _list_records(author_ids: set[int]) -> dict[int, Record]:
    written = select(
        Comment.author_id,
        func.count(),
        func.count().filter(Comment.status == CommentStatus.REJECTED),
    ).where(Comment.author_id.in_(author_ids))
    made = select(
        Report.reporter_id, func.count(), func.count().filter(Report.agreed.is_(True))
    ).where(Report.reporter_id.in_(author_ids))
    reports = {
        row[0]: (row[1], row[2]) for row in db.session.execute(made.group_by(Report.reporter_id))
    }
    return {
        row[0]: Record(row[1], row[2], *reports.get(row[0], (0, 0)))
        for row in db.session.execute(written.group_by(Comment.author_id))
        if row[0] is not None
    }


def find_oldest_waiting(viewer: Viewer, queue: Queue) -> datetime | None:
    """Since when the longest-waiting comment of a queue waits: its first report, or its posting."""
    if queue is Queue.REPORTED:
        waiting = select(func.min(Report.created_at)).join(Report.comment)
        return db.session.scalar(
            waiting.where(Report.decided_by.is_(None), *_select_waiting(queue, viewer))
        )
    return db.session.scalar(
        select(func.min(Comment.created_at)).where(*_select_waiting(queue, viewer))
    )


def has_reported(viewer: User, comment: Comment) -> bool:
    return (
        db.session.scalar(
            select(Report.id).where(
                Report.comment_id == comment.id, Report.reporter_id == viewer.id
            )
        )
        is not None
    )


AUDIT_LENGTH = 50  # rows of one page


def list_audit(viewer: Viewer, before: int | None = None) -> tuple[list[AuditEntry], bool]:
    """Return a page of the audit log, newest first, and whether older entries follow.

    Entries about comments that are hidden from `viewer` are left out.
    """
    query = (
        select(AuditEntry)
        .options(joinedload(AuditEntry.actor))
        .order_by(AuditEntry.id.desc())
        .limit(AUDIT_LENGTH + 1)
    )
    if viewer.role not in EDITORS:  # from them nothing is hidden
        seen = or_(Comment.id.is_(None), sql_of(viewer) != Visible.HIDDEN)
        query = query.outerjoin(Comment, Comment.id == AuditEntry.comment_id)
        query = query.outerjoin(Comment.article).where(seen)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows = list(db.session.scalars(query))
    return rows[:AUDIT_LENGTH], len(rows) > AUDIT_LENGTH


def get_entry(viewer: Viewer, entry_id: int) -> AuditEntry | None:
    """An entry of the log, or None where the comment that it is about is hidden."""
    found = db.session.get(AuditEntry, entry_id)
    about = db.session.get(Comment, found.comment_id) if found and found.comment_id else None
    return None if about and of(viewer, about) is Visible.HIDDEN else found


def count_reports_above(parent: Comment) -> int:
    """How often `parent` and its nearest ancestors were reported."""
    above = [comment.id for comment in list_ancestors(parent.id)]
    counted = select(func.count(Report.id)).where(Report.comment_id.in_(above))
    return db.session.scalar(counted) or 0
