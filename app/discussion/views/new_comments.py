"""What is new: the poll of open pages, and how far somebody has read."""

from flask import make_response, render_template, request, url_for

from app.accounts.models import User
from app.articles.access import get_or_404
from app.cache import http
from app.cache.versions import Scope
from app.discussion import new_comments, visitor_marks
from app.discussion.forms import SeenForm
from app.discussion.page import get_discussion
from app.discussion.views.blueprint import bp
from app.errors import NotFound
from app.members import read_marks
from app.policy import Permission as P
from app.web.forms import validate_form
from app.web.guards import requires
from app.web.htmx import Answer, is_htmx, redirect_after_post, render_fragment
from app.web.limits import limited
from app.web.pagination import get_number
from app.web.viewer import get_viewer

RECENT = 20  # comments; a page that misses more of them polls an address of its own
KEPT_FOR = 5  # seconds that anything in between may answer a poll by itself


@bp.get("/articles/<int:article_id>/new")
@requires(P.PUBLIC)
def poll(article_id: int) -> Answer:
    """What came since `?since=` (a publish_seq): the ids of new comments and of their parents.

    The same for everybody. Nothing new is 204, or 304 for who has heard it: one read by key.
    """
    since, last = get_number("since") or 0, new_comments.get_last_seq(article_id)
    if last is None:
        raise NotFound("There is no discussion at this address.")
    http.cache_response(Scope.ARRIVALS, article_id, queries=_is_recent(last))
    if last <= since:
        answer = make_response("", 204)
        answer.set_etag(f"{article_id}-{last}")
    else:  # what was removed since is no longer told, so the answer itself is asked
        answer = make_response(
            {"publish_seq": last, "new": new_comments.list_ids_since(article_id, since)}
        )
        answer.add_etag()
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}"
    return answer.make_conditional(request)


def _is_recent(last: int) -> set[str]:
    """Return the queries of pages opened a short while ago; `last` is the last publish_seq now."""
    return {f"since={publish_seq}" for publish_seq in range(max(0, last - RECENT), last + 1)}


@bp.route("/articles/<slug>/seen", methods=["GET", "POST"])
@requires(P.ARTICLE_READ)
@limited("seen")
def mark_seen(slug: str) -> Answer | str:
    """Remember where somebody was; for a visitor in a cookie, and only when they ask here."""
    article = get_or_404(slug)
    there = url_for("discussion.show_article", slug=article.slug, _anchor="comments")
    if request.method == "GET":
        return render_template("discussion/remember_place.html", article=article, back=there)
    publish_seq = max(
        0, min(validate_form(SeenForm()).publish_seq.data or 0, article.last_publish_seq)
    )
    person = get_viewer()
    if isinstance(person, User):
        read_marks.mark_read(person, article, publish_seq)
    else:
        visitor_marks.set_mark(article.id, publish_seq)
    answer: Answer
    if is_htmx():
        answer = render_fragment(
            "discussion/_discussion.html",
            announce="All read",
            focus="discussion-heading",
            discussion=get_discussion(person, article),
        )
    else:
        answer = redirect_after_post(there)
    if not isinstance(person, User):
        visitor_marks.remember(answer)
    return answer


@bp.post("/forget")
@requires(P.PUBLIC)
def forget_marks() -> Answer:
    """Drop the cookie that remembers a visitor's places."""
    answer = redirect_after_post(url_for("articles.show_front"))
    visitor_marks.forget(answer)
    return answer
