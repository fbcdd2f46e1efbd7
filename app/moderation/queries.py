"""Queries for moderators' pages. Each list costs the same few queries, whatever its content."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.accounts.roles import EDITORS
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.audit.queries import list_entries_of
from app.comments import visibility
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.comments.queries import make_ancestor_steps
from app.comments.rows import CommentRow
from app.comments.visibility import Visible, sql_has_public_words, sql_of
from app.db import core
from app.db.base import db
from app.db.keyset import Page, get_page
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

# By a comment's last entry. Comments that an undo rejected again are among the rejected, too.
_DECIDED: dict[Queue, ColumnElement[bool]] = {
    Queue.APPROVED: AuditEntry.action.in_((Action.APPROVED, Action.KEPT)),
    Queue.REJECTED: AuditEntry.after == CommentStatus.REJECTED,
}


def _is_seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that `viewer` may know of a comment.

    Only editors may know of comments below an unpublished story.
    """
    if viewer.role in EDITORS:
        return true()
    return Comment.article.has(sql_of(viewer) != Visible.HIDDEN)


def _select_waiting(queue: Queue, viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a waiting queue, for its cards and for its count."""
    if queue is Queue.REPORTED:
        return (sql_has_public_words(), Comment.report_count > 0, _is_seen_by(viewer))
    return (Comment.status == CommentStatus.PENDING, _is_seen_by(viewer))


def count_queues(viewer: Viewer) -> dict[Queue, int]:
    """Count the comments that wait for `viewer` in each queue, with one query."""
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
    """The counts of an author's comments and reports."""

    comments: int = 0
    rejected: int = 0
    reports_made: int = 0
    reports_agreed: int = 0

    @property
    def rejected_percent(self) -> int:
        return round(100 * self.rejected / self.comments) if self.comments else 0


@dataclass
class Card:
    """One comment with all that a moderator needs to decide about it."""

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


QueueCursor = tuple[int, int]  # of a page's last card: the value that orders it, the comment's id


def list_cards(
    viewer: Viewer, queue: Queue, after: QueueCursor | None = None
) -> tuple[list[Card], QueueCursor | None]:
    """Return the cards of one page of a queue, and the cursor of the next page or None.

    The cursor holds the values themselves, because its comment may be decided before the next
    page is opened. Reported comments come in the order of their reports, the most first, then by
    age; pending ones oldest first; decided ones by the latest decision.
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
    comments, more = get_page(query, QUEUE_LENGTH)
    cards = make_cards(comments)
    return cards, _make_cursor(queue, cards[-1]) if more else None


def _make_cursor(queue: Queue, last: Card) -> QueueCursor:
    if queue in WAITING:
        return last.comment.report_count, last.comment.id
    return last.last.id if last.last else 0, last.comment.id


def _latest_entries(decided: ColumnElement[bool]) -> Subquery:
    """Return the last entries of comments, of those entries that match `decided`."""
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
    """Return the card of one comment, or None if the comment is hidden from `viewer`."""
    comment = db.session.scalar(_select_cards().where(Comment.id == comment_id))
    if comment is None or visibility.of(viewer, comment) is Visible.HIDDEN:
        return None
    return make_cards([comment])[0]


def make_cards(comments: Sequence[Comment]) -> list[Card]:
    """Return cards with the records, open reports and earlier decisions of their comments."""
    cards = {comment.id: Card(comment) for comment in comments}
    records = _list_records({c.author_id for c in comments if c.author_id})
    for report in db.session.scalars(
        select(Report)
        .where(Report.comment_id.in_(cards), Report.decided_by.is_(None))
        .options(joinedload(Report.reporter))
        .order_by(Report.id)
    ):
        cards[report.comment_id].reports.append(report)
    for entry in list_entries_of(list(cards)):
        card = cards[entry.comment_id or 0]
        card.last = entry
        if entry.action == Action.HELD and entry.note:
            card.notes = [entry.note]
    for card in cards.values():
        card.record = records.get(card.comment.author_id or 0, Record())
    return list(cards.values())


def _list_records(author_ids: set[int]) -> dict[int, Record]:
    written = select(
        Comment.author_id,
        func.count(),
        func.count().filter(Comment.status == CommentStatus.REJECTED),
    ).where(Comment.author_id.in_(author_ids))
    reported = select(
        Report.reporter_id, func.count(), func.count().filter(Report.agreed.is_(True))
    ).where(Report.reporter_id.in_(author_ids))
    reports = {
        row[0]: (row[1], row[2])
        for row in db.session.execute(reported.group_by(Report.reporter_id))
    }
    return {
        row[0]: Record(row[1], row[2], *reports.get(row[0], (0, 0)))
        for row in db.session.execute(written.group_by(Comment.author_id))
        if row[0] is not None
    }


def find_oldest_waiting(viewer: Viewer, queue: Queue) -> datetime | None:
    """Return the time of the first open report, or of the oldest pending comment; None if empty."""
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


def list_audit(viewer: Viewer, before: int | None = None) -> Page[AuditEntry]:
    """Return a page of the audit log, newest first, and whether older entries follow.

    Entries about comments that are hidden from `viewer` are left out.
    """
    query = select(AuditEntry).options(joinedload(AuditEntry.actor)).order_by(AuditEntry.id.desc())
    if viewer.role not in EDITORS:  # nothing is hidden from editors
        is_visible = or_(Comment.id.is_(None), sql_of(viewer) != Visible.HIDDEN)
        query = query.outerjoin(Comment, Comment.id == AuditEntry.comment_id)
        query = query.outerjoin(Comment.article).where(is_visible)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return get_page(query, AUDIT_LENGTH)


def get_entry(viewer: Viewer, entry_id: int) -> AuditEntry | None:
    """Return an entry of the log, or None if the comment that it is about is hidden."""
    entry = db.session.get(AuditEntry, entry_id)
    comment = db.session.get(Comment, entry.comment_id) if entry and entry.comment_id else None
    return None if comment and visibility.of(viewer, comment) is Visible.HIDDEN else entry


def count_reports_above(comment: CommentRow) -> int:
    """Count the reports of a comment and its nearest ancestors."""
    values = {"ids": [comment.id], "article": comment.article_id}
    return core.run(_count_reports_above(), values).scalar() or 0


@cache
def _count_reports_above() -> Select[int]:
    above = union_all(*[select(step.c.id) for step in make_ancestor_steps()])
    return select(func.count(Report.id)).where(Report.comment_id.in_(above))
