"""Views for new comments: the poll of open pages, and the marks of how far somebody has read."""

from flask import make_response, render_template, request, url_for

from app.accounts.rows import AnyMember
from app.articles.access import get_or_404
from app.cache import http
from app.cache.memo import read_versions
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

RECENT = 20  # comments; the poll of a page that misses more of them is not cached as common
MAX_AGE = 5  # seconds for which a browser or proxy may answer a poll by itself


@bp.get("/articles/<int:article_id>/new")
@requires(P.PUBLIC)
def poll(article_id: int) -> Answer:
    """Return the ids of comments published after `?since=` (a publish_seq), and of their parents.

    The answer is the same for everybody. When nothing is new it is 204, or 304 on a repeated
    poll, and costs one read by key.
    """
    read_versions(article_id)  # before what depends on them
    since, last = get_number("since") or 0, new_comments.get_last_seq(article_id)
    if last is None:
        raise NotFound("There is no discussion at this address.")
    http.cache_response(Scope.NEW_COMMENTS, article_id, queries=_list_recent_queries(last))
    if last <= since:
        answer = make_response("", 204)
        answer.set_etag(f"{article_id}-{last}")
    else:  # a comment may have been removed since, so the ETag comes from the answer itself
        answer = make_response(
            {"publish_seq": last, "new": new_comments.list_ids_since(article_id, since)}
        )
        answer.add_etag()
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return answer.make_conditional(request)


def _list_recent_queries(last: int) -> set[str]:
    """Return the query strings of polls that miss few comments; `last` is the last publish_seq."""
    return {f"since={publish_seq}" for publish_seq in range(max(0, last - RECENT), last + 1)}


@bp.route("/articles/<slug>/seen", methods=["GET", "POST"])
@requires(P.ARTICLE_READ)
@limited("seen")
def mark_seen(slug: str) -> Answer | str:
    """Set somebody's read mark; a visitor's is a cookie, set only by this form."""
    article = get_or_404(slug)
    target = url_for("discussion.show_article", slug=article.slug, _anchor="comments")
    if request.method == "GET":
        return render_template("discussion/remember_place.html", article=article, back=target)
    publish_seq = max(
        0, min(validate_form(SeenForm()).publish_seq.data or 0, article.last_publish_seq)
    )
    person = get_viewer()
    if isinstance(person, AnyMember):
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
        answer = redirect_after_post(target)
    if not isinstance(person, AnyMember):
        visitor_marks.remember(answer)
    return answer


@bp.post("/forget")
@requires(P.PUBLIC)
def forget_marks() -> Answer:
    """Delete the cookie with a visitor's read marks."""
    answer = redirect_after_post(url_for("articles.show_front"))
    visitor_marks.forget(answer)
    return answer
