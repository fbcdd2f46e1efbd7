"""Who may keep an answer, and what is kept here: pages that are the same bytes for everybody.

A view says with `keep` that its page may be kept, and what it shows. `app.cache.page_store` stands
before the app and answers from what it holds as long as the numbers of `app.cache.versions`
are those of the moment in which the page was made. Nothing is ever thrown out for being wrong.
"""

from collections.abc import Collection

from flask import Flask, Response, request, session

from app.cache.store import store
from app.cache.versions import Shows
from app.web.htmx import is_htmx
from app.web.viewer import viewer

NO_STORE = "private, no-store"
# A browser asks again each time and mostly hears 304; what stands between may spare us the rest.
SHARED = "public, max-age=0, s-maxage=1, must-revalidate"
MARK = "botbeat.keep"  # where a view tells the layer before it, in the WSGI environment
COMMON = "botbeat.common"  # there too: whether many readers are given this address


_personal_cookies: set[str] = set()


def add_personal_cookie(name: str) -> None:
    """Keep the pages of a browser that carries this cookie from everybody else."""
    _personal_cookies.add(name)


def init_app(app: Flask) -> None:
    app.after_request(_cache)


def keep(shows: Shows, article_id: int = 0, queries: Collection[str] = ()) -> None:
    """Let the store keep this answer while what it `shows` (of that article) stays the same.

    `queries` are the query strings, besides none, under which many readers are given this page.
    There are few of them for each thing that is published. All other addresses (anybody can
    make up as many as they like) share a room of their own and push out only each other.
    """
    request.environ[MARK] = (shows, article_id)
    query = request.query_string.decode("latin-1")
    request.environ[COMMON] = not query or query in queries


def _cache(response: Response) -> Response:
    """An anonymous page is the same bytes for all and carries their ETag. All else is for one
    person and is stored nowhere."""
    if "Cache-Control" in response.headers:
        return response
    response.vary.update(("Cookie", "HX-Request"))
    if _is_for_everybody(response):
        response.headers["Cache-Control"] = SHARED
        response.vary.add("Accept-Encoding")
        response.add_etag()
        return response.make_conditional(request)  # type: ignore[return-value]
    response.headers["Cache-Control"] = NO_STORE
    return response


def _is_for_everybody(response: Response) -> bool:
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or is_htmx():
        return False
    return (
        not session
        and not _personal_cookies & request.cookies.keys()
        and not viewer().is_authenticated
    )


_rare = store(20 * 1024 * 1024)
