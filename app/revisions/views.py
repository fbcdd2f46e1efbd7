"""The history of an edited comment, and removing an earlier version of it."""

from flask import Blueprint, request, url_for

from app.comments.access import found
from app.comments.models import Comment
from app.comments.urls import comment_url
from app.errors import DomainError
from app.policy import Permission as P
from app.policy import require
from app.revisions import operations, queries
from app.web.guards import needs
from app.web.htmx import Answer, form_page, is_htmx, refused_with, see_other
from app.web.pagination import number as asked
from app.web.viewer import viewer

bp = Blueprint("revisions", __name__)


def _history(comment: Comment, done: str = "", error: DomainError | None = None) -> Answer:
    """The edits with their differences; `done` is said of an act, `error` of a refused one."""
    require(viewer(), P.COMMENT_HISTORY, comment)
    steps, more = queries.steps(comment, asked("before"))
    return form_page(
        "How a comment changed",
        "revisions/_history.html",
        status=error.status if error else 200,
        slot=f"#c-{comment.id}-slot",
        focus=f"c-{comment.id}-history-h",
        announce=error.message if error else done,
        comment=comment,
        steps=steps,
        more=more,
        error=error,
        back=comment_url(comment),
    )


@bp.get("/c/<int:comment_id>/history")
@needs(P.COMMENT_HISTORY)
def history(comment_id: int) -> Answer:
    return _history(found(comment_id))


def _redaction_refused(error: DomainError) -> Answer:
    return _history(found((request.view_args or {})["comment_id"]), error=error)


@bp.post("/c/<int:comment_id>/history/<int:number>/redact")
@needs(P.REVISION_REDACT)
@refused_with(_redaction_refused)
def redact(comment_id: int, number: int) -> Answer:
    comment = found(comment_id)
    operations.redact(viewer(), comment, number)
    if is_htmx():
        return _history(comment, done="Version removed")
    return see_other(url_for("revisions.history", comment_id=comment.id))
