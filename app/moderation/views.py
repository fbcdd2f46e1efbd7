"""Views: reporting for readers; queues, decisions and the audit log for moderators."""

from typing import Any

from flask import Blueprint, g, make_response, render_template, request, url_for

from app.audit import queries as audit_queries
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.comments import queries as comment_queries
from app.comments import visibility
from app.comments.models import Comment
from app.comments.permissions import NOT_HERE
from app.comments.urls import make_comment_url
from app.comments.visibility import Visible, has_public_words
from app.errors import Conflict, DomainError, Gone, NotFound
from app.moderation import operations, queries
from app.moderation.forms import DecisionForm, RejectionForm, ReportForm
from app.moderation.queries import DONE, QUEUE_LABELS, WAITING, Queue
from app.moderation.reasons import (
    DETAILS_MAX,
    REJECT_LABELS,
    REPORT_LABELS,
    RejectReason,
    ReportReason,
    label_rejection,
)
from app.policy import Permission as P
from app.policy import require
from app.screening import word_lists
from app.screening.pipeline import is_newcomer
from app.web import pagination
from app.web.forms import get_typed, validate_form
from app.web.guards import requires
from app.web.htmx import (
    Answer,
    is_htmx,
    redirect_after_post,
    refused_with,
    render_form_page,
    render_fragment,
)
from app.web.limits import limited
from app.web.urls import get_view_arg
from app.web.viewer import get_viewer

bp = Blueprint("moderation", __name__)
bp.add_app_template_global(label_rejection, "reject_label")
bp.add_app_template_global(lambda: DETAILS_MAX, "max_details")
bp.add_app_template_global(lambda author: author is not None and is_newcomer(author), "is_newcomer")


@bp.app_template_global("waiting")
def count_waiting() -> int:
    """Count what waits for moderators, for the number beside `Mod`; queried once a request."""
    if "waiting" not in g:
        g.waiting = sum(queries.count_queues(get_viewer()).values())
    return int(g.waiting)


@bp.app_template_filter("report_name")
def name_report(reason: str) -> str:
    """Return a report's reason in the form for the middle of a sentence."""
    return REPORT_LABELS.get(reason, reason).lower()


# -- for readers -------------------------------------------------------------------------------


def _get_reportable(comment_id: int) -> Comment:
    comment = comment_queries.get_by_id(comment_id)
    if comment is None or visibility.of(get_viewer(), comment) is Visible.HIDDEN:
        raise NotFound(NOT_HERE)
    if not has_public_words(comment):
        raise Gone("This comment no longer exists.")
    return comment


def _render_report_form(comment: Comment, error: DomainError | None = None) -> Answer:
    return render_form_page(
        "Report a comment",
        "moderation/_report_form.html",
        slot=f"#c-{comment.id}-slot",
        focus=f"c-{comment.id}-report-heading",
        comment=comment,
        labels=REPORT_LABELS,
        error=error,
        reason=get_typed("reason"),
        details=get_typed("details"),
        back=make_comment_url(comment),
        quoted=comment,
    )


def _refuse_report(error: DomainError) -> Answer:
    return _render_report_form(_get_reportable(get_view_arg("comment_id")), error)


@bp.route("/c/<int:comment_id>/report", methods=["GET", "POST"])
@requires(P.COMMENT_REPORT)
@limited("report")
@refused_with(_refuse_report)
def report(comment_id: int) -> Answer:
    comment = _get_reportable(comment_id)
    if request.method == "GET":
        operations.require_unreported(get_viewer(), comment)
        return _render_report_form(comment)
    form = validate_form(ReportForm())
    operations.report(
        get_viewer(), comment, ReportReason(form.reason.data or ""), form.details.data or ""
    )
    if not is_htmx():
        return redirect_after_post(url_for("moderation.show_reported", comment_id=comment.id))
    return render_fragment(
        "moderation/_report_sent.html",
        announce="Report sent. A moderator will look.",
        focus=f"c-{comment.id}-report",
        comment=comment,
    )


@bp.get("/c/<int:comment_id>/reported")
@requires(P.COMMENT_REPORT)
def show_reported(comment_id: int) -> str:
    comment = _get_reportable(comment_id)
    return render_template(
        "moderation/report_sent.html", comment=comment, back=make_comment_url(comment)
    )


# -- for moderators ----------------------------------------------------------------------------


@bp.get("/mod/")
@requires(P.MODERATION_READ)
def show_home() -> Answer:
    return redirect_after_post(url_for("moderation.show_queue", name=Queue.REPORTED))


@bp.get(f"/mod/<any({', '.join(Queue)}):name>")
@requires(P.MODERATION_READ)
def show_queue(name: str) -> str:
    queue = Queue(name)
    cards, cursor = queries.list_cards(get_viewer(), queue, pagination.get_pair("after"))
    done = pagination.get_number("done")
    return render_template(
        "moderation/queue.html",
        queue=queue,
        cards=cards,
        more_after="{}-{}".format(*cursor) if cursor else "",
        last=queries.get_entry(get_viewer(), done) if done else None,
        **_load_frame(name),
    )


def _load_frame(name: str | None = None) -> dict[str, Any]:
    queue = Queue(name or _get_queue())
    return {
        "oldest": queries.find_oldest_waiting(get_viewer(), queue) if queue in WAITING else None,
        "counts": queries.count_queues(get_viewer()),
        "labels": QUEUE_LABELS,
        "waiting_queues": WAITING,
        "done_queues": DONE,
        "reject_labels": REJECT_LABELS,
        "report_labels": REPORT_LABELS,
        "suspects": word_lists.get_lists().everything,
    }


def _get_card(comment_id: int) -> queries.Card:
    card = queries.get_card(get_viewer(), comment_id)
    if card is None:
        raise NotFound("This comment does not exist.")
    return card


def _get_queue() -> str:
    name = request.values.get("queue", "")
    return name if name in list(Queue) else Queue.REPORTED


@bp.get("/mod/c/<int:comment_id>")
@requires(P.MODERATION_READ)
def show_comment(comment_id: int) -> Answer:
    """Show one comment alone, with its author, its reports and earlier decisions."""
    context = {
        "card": _get_card(comment_id),
        "entries": audit_queries.list_entries_of([comment_id]),
        "queue": _get_queue(),
        **_load_frame(),
    }
    if is_htmx():
        return render_fragment("moderation/_pane.html", focus=f"pane-{comment_id}", **context)
    return make_response(render_template("moderation/comment.html", **context))


@bp.get("/mod/c/<int:comment_id>/context")
@requires(P.MODERATION_READ)
def show_context(comment_id: int) -> Answer:
    """Show the ancestors of a comment and its first replies."""
    card = _get_card(comment_id)
    return render_form_page(
        "Context",
        "moderation/_context.html",
        card=card,
        ancestors=comment_queries.list_ancestors(card.comment.article, comment_id)[:-1],
        replies=comment_queries.list_replies(card.comment, 0)[0][:3],
        back=url_for("moderation.show_queue", name=_get_queue()),
        quoted=None,
        focus=f"m-{comment_id}-context",
    )


def _render_reject_form(card: queries.Card, error: DomainError | None = None) -> Answer:
    return render_form_page(
        "Reject a comment",
        "moderation/_reject_form.html",
        slot=f"#m-{card.comment.id}-slot",
        focus=f"m-{card.comment.id}-reason-1",
        card=card,
        labels=REJECT_LABELS,
        error=error,
        reason=get_typed("reason"),
        note=get_typed("note"),
        queue=_get_queue(),
        back=url_for("moderation.show_queue", name=_get_queue()),
        quoted=card.comment,
    )


def _refuse_decision(error: DomainError) -> Answer:
    """Return the card with the conflict if somebody was faster; else the form again."""
    # A reader whom `requires` refused ends here too, and must not see the card.
    require(get_viewer(), P.MODERATION_READ, None)
    card = _get_card(get_view_arg("comment_id"))
    if not isinstance(error, Conflict) and request.endpoint == "moderation.reject":
        return _render_reject_form(card, error)
    if is_htmx():
        return render_fragment(
            "moderation/_decided_by_another.html",
            status=error.status,
            announce=error.message,
            retarget=f"#m-{card.comment.id}",
            reswap="outerHTML",
            card=card,
            conflict=error.message,
            kept=get_typed("note"),
            queue=_get_queue(),
            current=True,
            **_load_frame(),
        )
    page = render_template(
        "moderation/decided_by_another.html",
        card=card,
        conflict=error.message,
        kept=get_typed("note"),
        queue=_get_queue(),
        **_load_frame(),
    )
    return make_response(page, error.status)


@bp.post("/mod/c/<int:comment_id>/approve")
@requires(P.COMMENT_DECIDE)
@refused_with(_refuse_decision)
def approve(comment_id: int) -> Answer:
    form = validate_form(DecisionForm())
    entry = operations.approve(get_viewer(), _get_card(comment_id).comment, form.version.data or 0)
    return _respond_decided(entry)


@bp.route("/mod/c/<int:comment_id>/reject", methods=["GET", "POST"])
@requires(P.COMMENT_DECIDE)
@refused_with(_refuse_decision)
def reject(comment_id: int) -> Answer:
    card = _get_card(comment_id)
    if request.method == "GET":
        require(get_viewer(), P.COMMENT_DECIDE, card.comment)
        return _render_reject_form(card)
    form = validate_form(RejectionForm())
    entry = operations.reject(
        get_viewer(),
        card.comment,
        form.version.data or 0,
        RejectReason(form.reason.data or ""),
        form.note.data or "",
    )
    return _respond_decided(entry)


@bp.post("/mod/undo/<int:entry_id>")
@requires(P.COMMENT_DECIDE)
def undo(entry_id: int) -> Answer:
    entry = queries.get_entry(get_viewer(), entry_id)
    if entry is None:
        raise NotFound("There is no decision to undo here.")
    comment = operations.undo(get_viewer(), entry)
    if not is_htmx():
        return redirect_after_post(url_for("moderation.show_queue", name=_get_queue()))
    return render_fragment(
        "moderation/_restored_card.html",
        announce="Restored",
        focus=f"m-{comment.id}-heading",
        card=_get_card(comment.id),
        queue=_get_queue(),
        **_load_frame(),
    )


def _respond_decided(entry: AuditEntry) -> Answer:
    if not is_htmx():
        return redirect_after_post(
            url_for("moderation.show_queue", name=_get_queue(), done=entry.id)
        )
    counts = queries.count_queues(get_viewer())
    name = _get_queue()
    left = f" {counts[Queue(name)]} left" if Queue(name) in WAITING else ""
    word = "Rejected." if entry.action == Action.REJECTED else "Approved."
    return render_fragment(
        "moderation/_after_decision.html",
        announce=f"{word}{left}",
        retarget=f"#m-{entry.comment_id}",
        reswap="delete",
        last=entry,
        queue=name,
        **(_load_frame() | {"counts": counts}),
    )


@bp.get("/mod/audit")
@requires(P.MODERATION_READ)
def show_audit() -> str:
    entries, more = queries.list_audit(get_viewer(), pagination.get_number("before"))
    return render_template("moderation/audit.html", entries=entries, more=more, **_load_frame())
