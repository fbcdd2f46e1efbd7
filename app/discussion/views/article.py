"""The page of an article with its discussion."""

from flask import render_template, request, url_for

from app.articles import access, cached
from app.cache import http
from app.cache.versions import Shows
from app.discussion.page import FIRST_PAGES, discussion
from app.discussion.views.blueprint import bp
from app.policy import Permission as P
from app.web.guards import needs
from app.web.htmx import Answer, see_other
from app.web.viewer import viewer


@bp.get("/articles/<slug>")
@needs(P.ARTICLE_READ)
def show_article(slug: str) -> Answer | str:
    article = access.shown(slug)
    if article.slug != slug:
        query = request.query_string.decode("ascii", "ignore")
        here = url_for("discussion.show_article", slug=article.slug)
        return see_other(f"{here}?{query}" if query else here)
    http.keep(Shows.ARTICLE, article.id, queries=FIRST_PAGES)
    return render_template(
        "articles/show.html",
        article=article,
        beside=cached.beside(article),
        discussion=discussion(viewer(), article),
    )
