"""What the tests of moderation do again and again."""

from app.audit.models import AuditEntry
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.moderation import operations
from app.moderation.models import Report
from app.moderation.reasons import RejectReason, ReportReason
from tests.conftest import fresh, person, say


def held(words: str = "See https://example.org/mine", parent: Comment | None = None) -> Comment:
    """Add a comment of a newcomer that waits for a moderator."""
    comment = say("nils", words, parent)
    assert comment.status == CommentStatus.PENDING
    return comment


def report(
    who: str, comment: Comment, reason: ReportReason = ReportReason.SPAM, details: str = ""
) -> Report:
    return operations.report(person(who), comment, reason, details)


def approve(who: str, comment: Comment) -> AuditEntry:
    """As a moderator does who looked at the comment just now."""
    return operations.approve(person(who), comment, fresh(comment).version)


def reject(
    who: str, comment: Comment, reason: RejectReason = RejectReason.SPAM, note: str = ""
) -> AuditEntry:
    return operations.reject(person(who), comment, fresh(comment).version, reason, note)


def entries() -> list[AuditEntry]:
    """Return the whole audit log, the oldest entry first."""
    db.session.expire_all()
    return db.session.query(AuditEntry).order_by(AuditEntry.id).all()


def actions() -> list[str]:
    return [entry.action for entry in entries()]


def reports() -> list[Report]:
    db.session.expire_all()
    return db.session.query(Report).order_by(Report.id).all()
