"""The page of an article with its discussion."""

from flask import render_template, request, url_for

from app.articles import access, cached
from app.cache import http
from app.cache.versions import Scope
from app.discussion.page import FIRST_PAGES, get_discussion
from app.discussion.views.blueprint import bp
from app.policy import Permission as P
from app.web.guards import requires
from app.web.htmx import Answer, redirect_after_post
from app.web.viewer import get_viewer


@bp.get("/articles/<slug>")
@requires(P.ARTICLE_READ)
def show_article(slug: str) -> Answer | str:
    article = access.get_cached_or_404(slug)
    if article.slug != slug:
        query = request.query_string.decode("ascii", "ignore")
        url = url_for("discussion.show_article", slug=article.slug)
        return redirect_after_post(f"{url}?{query}" if query else url)
    http.cache_response(Scope.ARTICLE, article.id, queries=FIRST_PAGES)
    return render_template(
        "discussion/article.html",
        article=article,
        beside=cached.get_other_stories(article),
        discussion=get_discussion(get_viewer(), article),
    )
