"""Views that save and discard drafts, and that offer texts written before signing in."""

from flask import make_response, render_template, request, url_for

from app.articles.access import get_or_404
from app.articles.models import Article
from app.comments.models import Comment
from app.db.base import db
from app.discussion import compose, mention_names, unsent_texts
from app.discussion.forms import DraftForm
from app.discussion.unsent_texts import Unsent
from app.discussion.views.blueprint import bp
from app.drafts import operations
from app.errors import DomainError, Gone
from app.policy import Permission as P
from app.web import pagination
from app.web.forms import validate_form
from app.web.guards import requires
from app.web.htmx import Answer, redirect_after_post, refused_with
from app.web.limits import limited, limited_search
from app.web.pagination import parse_id
from app.web.urls import get_own_path
from app.web.viewer import get_viewer

bp.add_app_template_global(lambda: [each.text for each in unsent_texts.list_unsent()], "texts_kept")
bp.add_app_template_global(
    lambda: unsent_texts.are_of_this_visit(unsent_texts.list_unsent()), "texts_of_this_visit"
)


@bp.get("/articles/<slug>/people")
@requires(P.COMMENT_CREATE)
@limited_search("names")
def complete_names(slug: str) -> Answer:
    """Return names of people in this discussion that complete what was typed after an @."""
    article = get_or_404(slug)
    return make_response(
        {
            "names": list(
                mention_names.list_names(article, pagination.get_word("q")[:20], get_viewer())
            )
        }
    )


def _refuse_draft(error: DomainError) -> Answer:
    """Return the reason to write.js, which shows it beside the box; other clients get a page."""
    if request.accept_mimetypes.best != "application/json":
        raise error
    return make_response({"message": error.message}, error.status)


@bp.post("/drafts")
@requires(P.PERSONAL)
@limited("draft")
@refused_with(_refuse_draft)
def save_draft() -> Answer:
    form = validate_form(DraftForm())
    operations.save_draft(get_viewer(), form.place.data or "", form.body.data or "")
    return make_response("", 204)


@bp.post("/drafts/discard")
@requires(P.PERSONAL)
@limited("draft")
def discard_draft() -> Answer:
    """Delete the draft of a box, for the box's button, which works without JavaScript."""
    operations.forget_draft(get_viewer(), request.form.get("place", ""))
    slug = request.form.get("article", "")
    return redirect_after_post(
        get_own_path(url_for("discussion.show_article", slug=slug, _anchor="comments"))
    )


@bp.get("/kept")
@requires(P.PERSONAL)
def show_kept() -> Answer:
    """Show the texts written before signing in, each in a box to be posted or discarded."""
    waiting = unsent_texts.list_unsent()
    if not waiting:
        unsent_texts.clear_tokens()
        raise Gone("There is no text waiting for you.")
    page = render_template(
        "discussion/unsent_texts.html",
        texts=[(each.text, _make_box(each)) for each in waiting],
        next=get_own_path(request.args.get("next")),
    )
    return make_response(page)


def _make_box(unsent: Unsent) -> compose.ComposeBox:
    """Return the box for an unsent text, with ids of its own, as several stand on one page."""
    text = unsent.text
    article = db.session.get_one(Article, text.article_id)
    parent = db.session.get(Comment, text.parent_id) if text.parent_id else None
    box = compose.make_for_reply(parent) if parent else compose.make_for_article(article)
    box.dom, box.draft = f"kept-{text.id}", compose.make_unsent_key(text.submission)
    box.body, box.submission = text.body, text.submission
    box.place, box.cancel, box.drafted_at = "", "", None
    box.error, box.nudge = ("", unsent.why) if unsent.is_question else (unsent.why, "")
    return box


@bp.post("/kept/discard")
@requires(P.PUBLIC)
def discard_kept() -> Answer:
    """Delete texts written before signing in: the one that the form names, or all of them."""
    waiting, text_id = unsent_texts.list_unsent(), parse_id(request.form.get("text", ""))
    operations.forget_unsent([each.token for each in waiting if text_id in (None, each.text.id)])
    unsent_texts.prune_tokens()
    target = get_own_path(request.form.get("next"))
    more = text_id is not None and len(waiting) > 1
    return redirect_after_post(url_for("discussion.show_kept", next=target) if more else target)
