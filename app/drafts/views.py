"""Saving and discarding drafts, and the text that waited for its writer to sign in."""

from flask import Blueprint, make_response, request, session, url_for

from app.articles.lookup import found
from app.articles.models import Article
from app.comments import compose
from app.comments.models import Comment
from app.drafts import operations, queries
from app.drafts.forms import DraftForm
from app.errors import DomainError, Gone
from app.extensions import db
from app.policy import Permission as P
from app.web import pages
from app.web.forms import validated
from app.web.guards import needs
from app.web.htmx import Answer, refused_with, see_other
from app.web.limits import limited
from app.web.urls import own_path
from app.web.viewer import viewer

bp = Blueprint("drafts", __name__)


@bp.get("/articles/<slug>/people")
@needs(P.COMMENT_CREATE)
def people(slug: str) -> Answer:
    """Names that complete what was typed after an @: of people in this discussion."""
    article = found(slug)
    return make_response({"names": list(queries.people(article, pages.word("q")[:20], viewer()))})


def _unsaved(error: DomainError) -> Answer:
    """The reason for write.js, which shows it beside the box; a page for who asks for one."""
    if request.accept_mimetypes.best != "application/json":
        raise error
    return make_response({"message": error.message}, error.status)


@bp.post("/drafts")
@needs(P.PERSONAL)
@limited("draft")
@refused_with(_unsaved)
def save() -> Answer:
    form = validated(DraftForm())
    operations.save(viewer(), form.place.data or "", form.body.data or "")
    return make_response("", 204)


@bp.post("/drafts/discard")
@needs(P.PERSONAL)
@limited("draft")
def discard() -> Answer:
    """Forget the draft of a box: the box's own button, which works without JavaScript."""
    operations.forget(viewer(), request.form.get("place", ""))
    slug = request.form.get("article", "")
    return see_other(own_path(url_for("articles.show", slug=slug, _anchor="comments")))


@bp.get("/kept")
@needs(P.PERSONAL)
def kept() -> Answer:
    """What was written before signing in and could not be posted as it is, with the reason."""
    tokens = session.get("kept", [])
    waiting = next(((t, text) for t in tokens if (text := operations.kept(t))), None)
    if waiting is None:
        raise Gone("There is no text waiting for you.")
    token, kept_text = waiting
    article = db.session.get_one(Article, kept_text.article_id)
    parent = db.session.get(Comment, kept_text.parent_id) if kept_text.parent_id else None
    box = compose.for_reply(parent) if parent else compose.for_article(article)
    box.body, box.submission = kept_text.body, kept_text.submission
    is_nudge, sentence = session.get("kept_why", {}).get(token, (False, ""))
    box.error, box.nudge = ("", sentence) if is_nudge else (sentence, "")
    return compose.page(box, "Your comment was kept")


@bp.post("/kept/discard")
@needs(P.PUBLIC)
def discard_kept() -> Answer:
    """Forget what this browser wrote before signing in: a button where one signs in."""
    operations.forget_kept(session.pop("kept", []))
    session.pop("kept_why", None)
    return see_other(own_path(request.form.get("next")))
