"""The acts of moderation: report, approve, reject, undo, and set the log's anchor."""

from collections.abc import Sequence

from sqlalchemy import select

from app import clock, policy
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.audit import anchor, log
from app.audit import queries as audit_queries
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.comments.enums import CommentStatus as S
from app.comments.locking import lock_comment, lock_discussion
from app.comments.models import Comment
from app.comments.status import record_act, set_status
from app.db.base import db
from app.db.locks import lock_selected, retry_once
from app.errors import Conflict, Invalid, NotFound
from app.moderation import queries
from app.moderation.models import Report
from app.moderation.reasons import DETAILS_MAX, REJECT_LABELS, RejectReason, ReportReason
from app.policy import Permission as P
from app.policy import Viewer
from app.text.quantities import require_length

ALREADY_REPORTED = "You already reported this."
_DECIDED: dict[str, str] = {
    Action.APPROVED: "approved",
    Action.KEPT: "approved",
    Action.REJECTED: "rejected",
    Action.DELETED: "deleted",
    Action.UNDELETED: "restored",
    Action.UNDONE: "reopened",
    Action.HELD: "held",
}


@retry_once
def report(reporter: Viewer, comment: Comment, reason: ReportReason, details: str = "") -> Report:
    """Report a comment to the moderators.

    Raises Invalid for the details and Conflict for a second report by the same person.
    """
    policy.require(reporter, P.COMMENT_REPORT, comment)
    details = require_length(details, DETAILS_MAX, "Details are", "details")
    if reason is ReportReason.OTHER and not details:
        raise Invalid("Say in a few words what is wrong", "details")
    person = lock_comment(reporter, P.COMMENT_REPORT, comment)
    require_unreported(reporter, comment)
    new = Report(comment_id=comment.id, reporter_id=person.id, reason=reason, details=details)
    db.session.add(new)
    comment.report_count += 1
    db.session.commit()
    return new


def require_unreported(reporter: Viewer, comment: Comment) -> None:
    """Raise the refusal of a person who may not report this comment or has already done so."""
    policy.require(reporter, P.COMMENT_REPORT, comment)
    if isinstance(reporter, User) and queries.has_reported(reporter, comment):
        raise Conflict(ALREADY_REPORTED)


@retry_once
def approve(moderator: Viewer, comment: Comment, version: int) -> AuditEntry:
    """Publish a comment, or leave it published, and answer its reports as unfounded.

    Raises Conflict when `version` is not the comment's version any more.
    """
    _lock_unchanged(moderator, comment, version)
    reports = _lock_open_reports(comment)
    if comment.status == S.PUBLISHED:
        comment.version += 1
        entry = record_act(comment, Action.KEPT, require_user(moderator))
    else:
        entry = _set_status(comment, S.PUBLISHED, moderator, Action.APPROVED)
    _answer_reports(comment, reports, entry, agreed=False)
    db.session.commit()
    return entry


@retry_once
def reject(
    moderator: Viewer, comment: Comment, version: int, reason: RejectReason, note: str = ""
) -> AuditEntry:
    """Take a comment from public view for `reason`, and answer its reports as right.

    Raises Conflict when `version` is not the comment's version any more, Invalid for the note.
    """
    note = require_length(note, DETAILS_MAX, "Note is", "note")
    if reason is RejectReason.OTHER and not note:
        raise Invalid("Say in a few words which rule it breaks", "note")
    _lock_unchanged(moderator, comment, version)
    reports = _lock_open_reports(comment)
    entry = _set_status(comment, S.REJECTED, moderator, Action.REJECTED, reason, note)
    _answer_reports(comment, reports, entry, agreed=True)
    db.session.commit()
    return entry


@retry_once
def undo(moderator: Viewer, entry: AuditEntry) -> Comment:
    """Restore the status that a comment had before `entry`, and reopen its reports.

    Raises Conflict when the comment was changed or decided since, NotFound when the entry is no
    decision.
    """
    comment = db.session.get(Comment, entry.comment_id or 0)
    if comment is None or entry.action not in (Action.APPROVED, Action.KEPT, Action.REJECTED):
        raise NotFound("There is no decision to undo here.")
    person = lock_discussion(moderator, P.COMMENT_DECIDE, comment)
    last = _get_last_entry(comment)
    if last is None or last.id != entry.id:
        raise Conflict(_describe_entry(last))
    answered = lock_selected(select(Report).where(Report.decided_by == entry.id))
    for reopened in answered:
        reopened.decided_by = reopened.agreed = None
    comment.report_count += len(answered)
    if entry.action == Action.KEPT:
        comment.version += 1
        record_act(comment, Action.UNDONE, person)
    else:
        reason = _find_reason_before(entry)
        _set_status(comment, S(entry.before), moderator, Action.UNDONE, reason)
    db.session.commit()
    return comment


@retry_once
def set_anchor() -> AuditEntry:
    """Set the audit log's anchor in this machine's data folder anew, and log that.

    This is for a new machine, and for a restored backup of the database or of the folder.
    Raises Conflict when the folder cannot be written.
    """
    entry = log.record(Action.ANCHORED, None, note=anchor.describe_anchor())
    anchor.set_anew()
    db.session.commit()
    if not anchor.is_named_by(entry):
        raise Conflict(
            f"{anchor.get_path()} could not be written: look at the line of the log above."
        )
    return entry


def _lock_unchanged(moderator: Viewer, comment: Comment, version: int) -> None:
    """Lock the discussion; raise Conflict when the comment is not what the moderator saw."""
    lock_discussion(moderator, P.COMMENT_DECIDE, comment)
    if comment.version != version:
        last = _get_last_entry(comment)
        edited = comment.edited_at and last and comment.edited_at > last.at
        raise Conflict(_describe_entry(None if edited else last))


def _set_status(
    comment: Comment,
    status: S,
    moderator: Viewer,
    action: Action,
    reason: str = "",
    note: str = "",
) -> AuditEntry:
    if comment.status == S.DELETED:  # only its author may take that back
        raise Conflict("This comment was deleted by its author.")
    return set_status(comment, status, require_user(moderator), action, reason, note)


def _lock_open_reports(comment: Comment) -> Sequence[Report]:
    """Lock and return the reports that a decision will answer.

    This comes before the lock of the log, to whose entry the reports refer. The comment is
    locked, so a report that is just being made is either among them or comes later.
    """
    return lock_selected(
        select(Report).where(Report.comment_id == comment.id, Report.decided_by.is_(None))
    )


def _answer_reports(
    comment: Comment, reports: Sequence[Report], entry: AuditEntry, agreed: bool
) -> None:
    for answered in reports:
        answered.decided_by, answered.agreed = entry.id, agreed
    comment.report_count = 0


def _find_reason_before(entry: AuditEntry) -> str:
    """Return why the comment was in the state rejected before `entry`, "" if it was not."""
    if entry.before != S.REJECTED:
        return ""
    earlier = audit_queries.list_entries_of([entry.comment_id or 0])
    return [e.reason for e in earlier if e.id < entry.id and e.after == S.REJECTED][-1]


def _get_last_entry(comment: Comment) -> AuditEntry | None:
    """Return the last entry that blocks another decision; a pick, for example, does not."""
    entries = [e for e in audit_queries.list_entries_of([comment.id]) if e.action in _DECIDED]
    return entries[-1] if entries else None


def _describe_entry(entry: AuditEntry | None) -> str:
    if entry is None:
        return "The author changed this comment. Look at it again."
    seconds = max(0, int((clock.now() - entry.at).total_seconds()))
    ago = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
    by = entry.actor.name if entry.actor else "the site"
    why = f": {REJECT_LABELS.get(entry.reason, entry.reason)}" if entry.reason else ""
    return f"Already {_DECIDED.get(entry.action, 'changed')} by {by} {ago} ago{why}."
