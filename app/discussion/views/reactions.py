"""Voting, disagreeing in private, and picking, as page and as fragment."""

from flask import current_app, request

from app.comments.access import found
from app.comments.enums import PICK_WHY_MAX
from app.comments.models import Comment
from app.comments.urls import comment_url
from app.discussion.forms import DisagreeForm, PickForm, VoteForm
from app.discussion.page import personal
from app.discussion.responses import redrawn
from app.discussion.tree import Node
from app.discussion.views.blueprint import bp
from app.errors import DomainError
from app.policy import Permission as P
from app.policy import require
from app.reactions import operations
from app.web.forms import typed, validated
from app.web.guards import needs
from app.web.htmx import Answer, form_page, fragment, is_htmx, refused_with, see_other
from app.web.limits import limited
from app.web.viewer import viewer


@bp.post("/c/<int:comment_id>/vote")
@needs(P.COMMENT_UPVOTE)
@limited("vote")
def vote(comment_id: int) -> Answer:
    comment = found(comment_id)
    value = int(validated(VoteForm()).value.data or 0)
    operations.vote(viewer(), comment, value, current_app.config["VOTES"])
    if not is_htmx():
        return see_other(comment_url(comment))
    you = personal(viewer(), [Node(comment, 1)])
    done = {1: "Upvoted", -1: "Downvoted", 0: "Vote taken back"}[value]
    score = f", score {comment.score}" if you.sees_score(comment) else ""
    return fragment("reactions/_votes.html", announce=done + score, comment=comment, you=you)


@bp.post("/c/<int:comment_id>/disagree")
@needs(P.COMMENT_DISAGREE)
@limited("vote")
def disagree(comment_id: int) -> Answer:
    comment = found(comment_id)
    value = int(validated(DisagreeForm()).value.data or 0)
    operations.disagree(viewer(), comment, value)
    if not is_htmx():
        return see_other(comment_url(comment))
    done = "Noted privately" if value else "Taken back"
    return fragment("reactions/_disagree.html", announce=done, c=comment, pressed=bool(value))


def _pick_form(comment: Comment, error: DomainError | None = None) -> Answer:
    return form_page(
        "Pick a comment",
        "reactions/_pick.html",
        status=error.status if error else 200,
        slot=f"#c-{comment.id}-slot",
        focus=f"c-{comment.id}-why",
        announce=error.message if error else "",
        comment=comment,
        error=error,
        why=typed("why") if error else comment.pick_why,
        longest=PICK_WHY_MAX,
        back=comment_url(comment),
        quoted=comment,
    )


def _pick_refused(error: DomainError) -> Answer:
    # Who was refused at the door ends here too, and is told so without the form.
    comment = found((request.view_args or {})["comment_id"])
    require(viewer(), P.COMMENT_PICK, comment)
    return _pick_form(comment, error)


@bp.route("/c/<int:comment_id>/pick", methods=["GET", "POST"])
@needs(P.COMMENT_PICK)
@refused_with(_pick_refused)
def pick(comment_id: int) -> Answer:
    comment = found(comment_id)
    if request.method == "GET":
        require(viewer(), P.COMMENT_PICK, comment)
        return _pick_form(comment)
    form = validated(PickForm())
    operations.pick(viewer(), comment, form.why.data or "")
    return redrawn(comment, "Picked")


@bp.post("/c/<int:comment_id>/unpick")
@needs(P.COMMENT_PICK)
def unpick(comment_id: int) -> Answer:
    comment = found(comment_id)
    operations.unpick(viewer(), comment)
    return redrawn(comment, "Pick taken back")
