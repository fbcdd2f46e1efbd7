"""Reporting for readers; queues, decisions and the audit log for moderators."""

from typing import Any

from flask import Blueprint, g, make_response, render_template, request, url_for

from app.audit import queries as audit_queries
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.comments import queries as comment_queries
from app.comments.models import Comment
from app.comments.permissions import NOT_HERE
from app.comments.urls import comment_url
from app.comments.visibility import Visible, has_public_words, of
from app.errors import Conflict, DomainError, Gone, NotFound
from app.moderation import operations, queries
from app.moderation.forms import DecisionForm, RejectionForm, ReportForm
from app.moderation.queries import DONE, QUEUE_LABELS, WAITING, Queue
from app.moderation.reasons import REJECT_LABELS, REPORT_LABELS, RejectReason, ReportReason
from app.policy import Permission as P
from app.policy import require
from app.screening import word_lists
from app.screening.pipeline import is_newcomer
from app.web import pagination
from app.web.forms import typed, validated
from app.web.guards import needs
from app.web.htmx import Answer, form_page, fragment, is_htmx, refused_with, see_other
from app.web.limits import limited
from app.web.viewer import viewer

bp = Blueprint("moderation", __name__)
bp.add_app_template_global(lambda author: author is not None and is_newcomer(author), "is_newcomer")


@bp.app_template_global("waiting")
def count_waiting() -> int:
    """Return how much waits for moderators, for the number beside `Mod`; asked once a page."""
    if "waiting" not in g:
        g.waiting = sum(queries.counts(viewer()).values())
    return int(g.waiting)


@bp.app_template_global("reject_label")
def label_rejection(reason: str) -> str:
    """Return the words of a reason for rejecting, also of one that is no longer given."""
    return REJECT_LABELS.get(reason, "against the house rules")


@bp.app_template_filter("report_name")
def name_report(reason: str) -> str:
    """Return a report's reason as it stands within a sentence."""
    return REPORT_LABELS.get(reason, reason).lower()


# -- for readers -------------------------------------------------------------------------------


def _reportable(comment_id: int) -> Comment:
    comment = comment_queries.by_id(comment_id)
    if comment is None or of(viewer(), comment) is Visible.HIDDEN:
        raise NotFound(NOT_HERE)
    if not has_public_words(comment):
        raise Gone("This comment no longer exists.")
    return comment


def _report_form(comment: Comment, error: DomainError | None = None) -> Answer:
    return form_page(
        "Report a comment",
        "moderation/_report.html",
        status=error.status if error else 200,
        slot=f"#c-{comment.id}-slot",
        focus=f"c-{comment.id}-report-h",
        announce=error.message if error else "",
        comment=comment,
        labels=REPORT_LABELS,
        error=error,
        reason=typed("reason"),
        details=typed("details"),
        back=comment_url(comment),
        quoted=comment,
    )


def _report_refused(error: DomainError) -> Answer:
    return _report_form(_reportable((request.view_args or {})["comment_id"]), error)


@bp.route("/c/<int:comment_id>/report", methods=["GET", "POST"])
@needs(P.COMMENT_REPORT)
@limited("report")
@refused_with(_report_refused)
def report(comment_id: int) -> Answer:
    comment = _reportable(comment_id)
    if request.method == "GET":
        operations.require_unreported(viewer(), comment)
        return _report_form(comment)
    form = validated(ReportForm())
    operations.report(
        viewer(), comment, ReportReason(form.reason.data or ""), form.details.data or ""
    )
    if not is_htmx():
        return see_other(url_for("moderation.reported", comment_id=comment.id))
    return fragment(
        "moderation/_reported.html",
        announce="Report sent. A moderator will look.",
        focus=f"c-{comment.id}-rep",
        comment=comment,
    )


@bp.get("/c/<int:comment_id>/reported")
@needs(P.COMMENT_REPORT)
def reported(comment_id: int) -> str:
    comment = _reportable(comment_id)
    return render_template("moderation/thanks.html", comment=comment, back=comment_url(comment))


# -- for moderators ----------------------------------------------------------------------------


@bp.get("/mod/")
@needs(P.MODERATION_READ)
def home() -> Answer:
    return see_other(url_for("moderation.queue", name=Queue.REPORTED))


@bp.get(f"/mod/<any({', '.join(Queue)}):name>")
@needs(P.MODERATION_READ)
def queue(name: str) -> str:
    shown = Queue(name)
    cards, following = queries.cards(viewer(), shown, pagination.pair("after"))
    done = pagination.number("done")
    return render_template(
        "moderation/queue.html",
        queue=shown,
        cards=cards,
        more_after="{}-{}".format(*following) if following else "",
        last=queries.entry(viewer(), done) if done else None,
        **_frame(name),
    )


def _frame(name: str | None = None) -> dict[str, Any]:
    shown = Queue(name or _queue_name())
    return {
        "oldest": queries.oldest_waiting(viewer(), shown) if shown in WAITING else None,
        "counts": queries.counts(viewer()),
        "labels": QUEUE_LABELS,
        "waiting_queues": WAITING,
        "done_queues": DONE,
        "reject_labels": REJECT_LABELS,
        "report_labels": REPORT_LABELS,
        "suspects": word_lists.get_lists().everything,
    }


def _card(comment_id: int) -> queries.Card:
    card = queries.card(viewer(), comment_id)
    if card is None:
        raise NotFound("This comment does not exist.")
    return card


def _queue_name() -> str:
    name = request.values.get("queue", "")
    return name if name in list(Queue) else Queue.REPORTED


@bp.get("/mod/c/<int:comment_id>")
@needs(P.MODERATION_READ)
def comment(comment_id: int) -> Answer:
    """One comment alone, with who wrote it, its reports, and what was decided before."""
    shown = {
        "card": _card(comment_id),
        "entries": audit_queries.entries_of([comment_id]),
        "queue": _queue_name(),
        **_frame(),
    }
    if is_htmx():
        return fragment("moderation/_pane.html", focus=f"pane-{comment_id}", **shown)
    return make_response(render_template("moderation/comment.html", **shown))


@bp.get("/mod/c/<int:comment_id>/context")
@needs(P.MODERATION_READ)
def context(comment_id: int) -> Answer:
    """What stands above and right below a comment."""
    card = _card(comment_id)
    return form_page(
        "Context",
        "moderation/_context.html",
        card=card,
        ancestors=comment_queries.line(comment_id)[:-1],
        replies=comment_queries.replies(card.comment, 0)[0][:3],
        back=url_for("moderation.queue", name=_queue_name()),
        quoted=None,
        focus=f"m-{comment_id}-context",
    )


def _reject_form(card: queries.Card, error: DomainError | None = None) -> Answer:
    return form_page(
        "Reject a comment",
        "moderation/_reject.html",
        status=error.status if error else 200,
        slot=f"#m-{card.comment.id}-slot",
        focus=f"m-{card.comment.id}-reason-1",
        announce=error.message if error else "",
        card=card,
        labels=REJECT_LABELS,
        error=error,
        reason=typed("reason"),
        note=typed("note"),
        queue=_queue_name(),
        back=url_for("moderation.queue", name=_queue_name()),
        quoted=card.comment,
    )


def _decision_refused(error: DomainError) -> Answer:
    """Somebody was faster: the card tells; anything else shows the form again."""
    # A reader who was refused at the door ends here too, and must not see the card.
    require(viewer(), P.MODERATION_READ, None)
    card = _card((request.view_args or {})["comment_id"])
    if not isinstance(error, Conflict) and request.endpoint == "moderation.reject":
        return _reject_form(card, error)
    if is_htmx():
        return fragment(
            "moderation/_collided.html",
            status=error.status,
            announce=error.message,
            retarget=f"#m-{card.comment.id}",
            reswap="outerHTML",
            card=card,
            conflict=error.message,
            kept=typed("note"),
            queue=_queue_name(),
            current=True,
            **_frame(),
        )
    page = render_template(
        "moderation/conflict.html",
        card=card,
        conflict=error.message,
        kept=typed("note"),
        queue=_queue_name(),
        **_frame(),
    )
    return make_response(page, error.status)


@bp.post("/mod/c/<int:comment_id>/approve")
@needs(P.COMMENT_DECIDE)
@refused_with(_decision_refused)
def approve(comment_id: int) -> Answer:
    form = validated(DecisionForm())
    entry = operations.approve(viewer(), _card(comment_id).comment, form.version.data or 0)
    return _decided(entry)


@bp.route("/mod/c/<int:comment_id>/reject", methods=["GET", "POST"])
@needs(P.COMMENT_DECIDE)
@refused_with(_decision_refused)
def reject(comment_id: int) -> Answer:
    card = _card(comment_id)
    if request.method == "GET":
        require(viewer(), P.COMMENT_DECIDE, card.comment)
        return _reject_form(card)
    form = validated(RejectionForm())
    entry = operations.reject(
        viewer(),
        card.comment,
        form.version.data or 0,
        RejectReason(form.reason.data or ""),
        form.note.data or "",
    )
    return _decided(entry)


@bp.post("/mod/undo/<int:entry_id>")
@needs(P.COMMENT_DECIDE)
def undo(entry_id: int) -> Answer:
    entry = queries.entry(viewer(), entry_id)
    if entry is None:
        raise NotFound("There is no decision to undo here.")
    comment = operations.undo(viewer(), entry)
    if not is_htmx():
        return see_other(url_for("moderation.queue", name=_queue_name()))
    return fragment(
        "moderation/_restored.html",
        announce="Restored",
        focus=f"m-{comment.id}-h",
        card=_card(comment.id),
        queue=_queue_name(),
        **_frame(),
    )


def _decided(entry: AuditEntry) -> Answer:
    if not is_htmx():
        return see_other(url_for("moderation.queue", name=_queue_name(), done=entry.id))
    counts = queries.counts(viewer())
    name = _queue_name()
    left = f" {counts[Queue(name)]} left" if Queue(name) in WAITING else ""
    word = "Rejected." if entry.action == Action.REJECTED else "Approved."
    return fragment(
        "moderation/_decided.html",
        announce=f"{word}{left}",
        retarget=f"#m-{entry.comment_id}",
        reswap="delete",
        last=entry,
        queue=name,
        **(_frame() | {"counts": counts}),
    )


@bp.get("/mod/audit")
@needs(P.MODERATION_READ)
def audit() -> str:
    entries, more = queries.audit(viewer(), pagination.number("before"))
    return render_template("moderation/audit.html", entries=entries, more=more, **_frame())
