"""The page that searches inside one discussion, and its results while somebody types."""

from dataclasses import dataclass, field

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from app import text
from app.articles.access import get_cached_or_404
from app.articles.rows import AnyArticle
from app.comments.rows import CommentRow
from app.policy import Permission as P
from app.policy import Viewer
from app.search import queries
from app.web import pagination
from app.web.guards import requires
from app.web.htmx import Answer, is_htmx, redirect_after_post, render_fragment
from app.web.limits import limited_search
from app.web.viewer import get_viewer

A_PAGE = 20  # hits
TYPED_MAX = 200  # characters
EXCERPT = 280  # characters

bp = Blueprint("search", __name__)


@dataclass
class Hit:
    """A matching comment, and its words around the first match with the matches marked."""

    comment: CommentRow
    excerpt: Markup


@dataclass
class Results:
    """One page of hits; `problem` says why the text was not searched for, if so."""

    typed: str
    problem: str = ""
    total: int = 0
    page: int = 1
    hits: list[Hit] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        """Return whether there may be more matches than `total`."""
        return self.total == queries.FOUND_MAX

    @property
    def next_page(self) -> int | None:
        return self.page + 1 if self.page * A_PAGE < self.total else None

    @property
    def spoken(self) -> str:
        """The outcome as a sentence for screen readers."""
        if self.problem or not self.typed:
            return self.problem
        if not self.total:
            return "No results"
        more = " or more" if self.is_cut else ""
        return f"{self.total}{more} result{'s' * (self.total != 1)}"


@bp.get("/articles/<slug>/search")
@requires(P.ARTICLE_READ)
@limited_search()
def search_inside(slug: str) -> Answer | str:
    article = get_cached_or_404(slug)
    typed = " ".join(text.normalise(request.args.get("q", "")).split())
    if article.slug != slug:
        return redirect_after_post(
            url_for("search.search_inside", slug=article.slug, q=typed or None)
        )
    results = _get_results(get_viewer(), article, typed, pagination.get_number("page") or 1)
    if is_htmx():
        return render_fragment(
            "search/_results.html", announce=results.spoken, article=article, results=results
        )
    return render_template("search/discussion_search.html", article=article, results=results)


def _get_results(person: Viewer, article: AnyArticle, typed: str, page: int) -> Results:
    if len(typed) > TYPED_MAX:
        over = len(typed) - TYPED_MAX
        return Results(typed, f"{TYPED_MAX} characters at most: these are {over:,} too many.")
    query = queries.parse_words(typed)
    if not query.phrases:
        signs = "There is no letter or digit in that: type a word to look for."
        return Results(typed, signs if typed else "")
    if over := query.too_many:
        return Results(
            typed, f"{queries.QUERY_WORDS_MAX} words at most: these are {over:,} too many."
        )
    ids = queries.search_comments(person, article, query)
    page = min(page, max(1, -(-len(ids) // A_PAGE)))
    comments = queries.list_published(article, ids[(page - 1) * A_PAGE : page * A_PAGE])
    hits = [
        Hit(comment, text.highlight_words(comment.plain, query.marks, EXCERPT))
        for comment in comments
    ]
    return Results(typed, total=len(ids), page=page, hits=hits)
