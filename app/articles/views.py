"""Views of the front page, of the lists of articles, and of the search for articles."""

from flask import Blueprint, Response, render_template

from app.accounts.sessions import get_last_visit
from app.articles import feeds, queries
from app.articles.models import Category, Organisation, Topic
from app.articles.queries import Wire
from app.cache import http
from app.cache.versions import Scope
from app.errors import NotFound
from app.policy import Permission as P
from app.web import pagination
from app.web.guards import requires
from app.web.limits import limited_search

bp = Blueprint("articles", __name__)


@bp.get("/")
@requires(P.PUBLIC)
def show_front() -> str:
    category_slug = pagination.get_word("category")
    category = queries.get_category(category_slug) if category_slug else None
    if category_slug and category is None:
        raise NotFound("There is no such category.")
    page = _get_page(category=category)
    http.cache_response(Scope.LISTS, queries={f"category={category_slug}"})
    lead = queries.get_lead() if category is None and page.newer is None else None
    others = [article for article in page.articles if lead is None or article.id != lead.id]
    since = get_last_visit() if lead else None  # only the first page of all stories says it
    beside = others[:3] if lead else []
    return render_template(
        "articles/front.html",
        categories=queries.list_categories(),
        category=category,
        lead=lead,
        beside=beside,
        articles=others[len(beside) :],
        page=page,
        since=since,
        new=queries.count_since(since) if since else 0,
    )


@bp.get("/organisations")
@requires(P.PUBLIC)
def list_organisations() -> str:
    http.cache_response(Scope.LISTS)
    return render_template(
        "articles/index.html",
        title="Organisations",
        endpoint="articles.show_organisation",
        entries=queries.list_organisations_with_counts(),
    )


@bp.get("/organisations/<slug>")
@requires(P.PUBLIC)
def show_organisation(slug: str) -> str:
    subject = queries.get_organisation(slug)
    page = _get_page(organisation=subject)
    if subject is None or not page.articles:  # an organisation of drafts alone is not public yet
        raise NotFound("There is no organisation at this address.")
    return _render_list(
        subject.name, subject.description, page, website=subject.website, org=subject
    )


@bp.get("/topics")
@requires(P.PUBLIC)
def list_topics() -> str:
    http.cache_response(Scope.LISTS)
    return render_template(
        "articles/index.html",
        title="Topics",
        endpoint="articles.show_topic",
        entries=queries.list_topics_with_counts(),
    )


@bp.get("/topics/<slug>")
@requires(P.PUBLIC)
def show_topic(slug: str) -> str:
    subject = queries.get_topic(slug)
    page = _get_page(topic=subject)
    if subject is None or not page.articles:
        raise NotFound("There is no topic at this address.")
    return _render_list(subject.name, subject.definition, page)


@bp.get("/categories")
@requires(P.PUBLIC)
def list_categories() -> str:
    http.cache_response(Scope.LISTS)
    return render_template(
        "articles/index.html",
        title="Categories",
        endpoint="articles.show_category",
        entries=queries.list_categories_with_counts(),
    )


@bp.get("/categories/<slug>")
@requires(P.PUBLIC)
def show_category(slug: str) -> str:
    subject = queries.get_category(slug)
    if subject is None:
        raise NotFound("There is no category at this address.")
    return _render_list(subject.name, subject.description, _get_page(category=subject))


@bp.get("/feed.xml")
@requires(P.PUBLIC)
def show_feed() -> Response:
    return feeds.render_feed()


@bp.get("/sitemap.xml")
@requires(P.PUBLIC)
def show_sitemap() -> Response:
    return feeds.render_sitemap()


@bp.get("/search")
@requires(P.PUBLIC)
@limited_search()
def search() -> str:
    words = pagination.get_word("q")[:200].strip()
    articles = queries.search_articles(words) if words else []
    return render_template("articles/search.html", words=words, articles=articles)


def _get_page(
    category: Category | None = None,
    organisation: Organisation | None = None,
    topic: Topic | None = None,
) -> Wire:
    """Return the page of a list that the query string names."""
    return queries.list_wire(
        category,
        organisation,
        topic,
        pagination.get_cursor("older"),
        pagination.get_cursor("newer"),
    )


def _render_list(
    title: str,
    description: str,
    page: Wire,
    website: str = "",
    org: Organisation | None = None,
) -> str:
    http.cache_response(Scope.LISTS)
    return render_template(
        "articles/list.html",
        title=title,
        description=description,
        page=page,
        website=website,
        org=org,
    )
