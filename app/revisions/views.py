"""Views of the history of an edited comment, and of removing an earlier version."""

from flask import Blueprint, url_for

from app.comments.access import get_or_404
from app.comments.models import Comment
from app.comments.urls import make_comment_url
from app.errors import DomainError
from app.policy import Permission as P
from app.policy import require
from app.revisions import operations, queries
from app.web.errors import show_refusals_in
from app.web.guards import requires
from app.web.htmx import Answer, is_htmx, redirect_after_post, refused_with, render_form_page
from app.web.pagination import get_number
from app.web.urls import get_view_arg
from app.web.viewer import get_viewer

bp = Blueprint("revisions", __name__)
show_refusals_in(bp.name, "#c-{comment_id}-slot")


def _render_history(comment: Comment, done: str = "", error: DomainError | None = None) -> Answer:
    """Return the edits with their diffs; `done` reports an act, `error` a refusal."""
    require(get_viewer(), P.COMMENT_HISTORY, comment)
    steps, more = queries.list_steps(comment, get_number("before"))
    return render_form_page(
        "How a comment changed",
        "revisions/_history.html",
        slot=f"#c-{comment.id}-slot",
        focus=f"c-{comment.id}-history-heading",
        announce=done,
        comment=comment,
        steps=steps,
        more=more,
        error=error,
        back=make_comment_url(comment),
    )


@bp.get("/c/<int:comment_id>/history")
@requires(P.COMMENT_HISTORY)
def show_history(comment_id: int) -> Answer:
    return _render_history(get_or_404(comment_id))


def _refuse_redaction(error: DomainError) -> Answer:
    return _render_history(get_or_404(get_view_arg("comment_id")), error=error)


@bp.post("/c/<int:comment_id>/history/<int:number>/redact")
@requires(P.REVISION_REDACT)
@refused_with(_refuse_redaction)
def redact(comment_id: int, number: int) -> Answer:
    comment = get_or_404(comment_id)
    operations.redact_revision(get_viewer(), comment, number)
    if is_htmx():
        return _render_history(comment, done="Version removed")
    return redirect_after_post(url_for("revisions.show_history", comment_id=comment.id))
