"""Views for voting, disagreeing in private, and picking."""

from flask import current_app, request

from app.comments.access import get_or_404, get_row_or_404
from app.comments.enums import PICK_WHY_MAX
from app.comments.models import Comment
from app.comments.urls import make_comment_url
from app.discussion.comment_viewer import CommentViewer
from app.discussion.forms import DisagreeForm, PickForm, VoteForm
from app.discussion.reader_state import ReaderState
from app.discussion.rendering import render_comment
from app.discussion.responses import respond_changed
from app.discussion.tree import Node
from app.discussion.views.blueprint import bp
from app.errors import DomainError
from app.policy import Permission as P
from app.policy import require
from app.reactions import operations
from app.web.forms import get_typed, validate_form
from app.web.guards import on_rows, requires
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


@bp.post("/c/<int:comment_id>/vote")
@requires(P.COMMENT_UPVOTE)
@limited("vote")
@on_rows
def vote(comment_id: int) -> Answer:
    comment = get_row_or_404(comment_id)
    value = int(validate_form(VoteForm()).value.data or 0)
    comment = operations.vote(get_viewer(), comment, value, current_app.config["VOTES"])
    if not is_htmx():
        return redirect_after_post(make_comment_url(comment))
    viewer = CommentViewer(get_viewer(), ReaderState(votes={comment.id: value}))
    done = {1: "Upvoted", -1: "Downvoted", 0: "Vote taken back"}[value]
    score = f", score {comment.score}" if viewer.sees_score(comment) else ""
    return render_fragment(
        "discussion/_votes.html",
        announce=done + score,
        reselect=f"#c-{comment.id}-votes",
        item=render_comment(Node(comment, 1), viewer),
    )


@bp.post("/c/<int:comment_id>/disagree")
@requires(P.COMMENT_DISAGREE)
@limited("vote")
def disagree(comment_id: int) -> Answer:
    comment = get_or_404(comment_id)
    value = int(validate_form(DisagreeForm()).value.data or 0)
    operations.disagree(get_viewer(), comment, value)
    if not is_htmx():
        return redirect_after_post(make_comment_url(comment))
    done = "Noted privately" if value else "Taken back"
    return render_fragment(
        "discussion/_disagree_button.html", announce=done, c=comment, pressed=bool(value)
    )


def _render_pick_form(comment: Comment, error: DomainError | None = None) -> Answer:
    return render_form_page(
        "Pick a comment",
        "discussion/_pick_form.html",
        slot=f"#c-{comment.id}-slot",
        focus=f"c-{comment.id}-why",
        comment=comment,
        error=error,
        why=get_typed("why") if error else comment.pick_why,
        longest=PICK_WHY_MAX,
        back=make_comment_url(comment),
        quoted=comment,
    )


def _refuse_pick(error: DomainError) -> Answer:
    # A refusal by `requires` ends here too; `require` raises it again, without the form.
    comment = get_or_404(get_view_arg("comment_id"))
    require(get_viewer(), P.COMMENT_PICK, comment)
    return _render_pick_form(comment, error)


@bp.route("/c/<int:comment_id>/pick", methods=["GET", "POST"])
@requires(P.COMMENT_PICK)
@refused_with(_refuse_pick)
def pick(comment_id: int) -> Answer:
    comment = get_or_404(comment_id)
    if request.method == "GET":
        require(get_viewer(), P.COMMENT_PICK, comment)
        return _render_pick_form(comment)
    form = validate_form(PickForm())
    operations.pick(get_viewer(), comment, form.why.data or "")
    return respond_changed(comment, "Picked")


@bp.post("/c/<int:comment_id>/unpick")
@requires(P.COMMENT_PICK)
def unpick(comment_id: int) -> Answer:
    comment = get_or_404(comment_id)
    operations.unpick(get_viewer(), comment)
    return respond_changed(comment, "Pick taken back")
