"""Who may keep an answer, and what is kept here: pages that are the same bytes for everybody.

A view says with `cache_response` that its page may be kept, and what it shows. The page store
stands before the app and answers from what it holds as long as the numbers of
`app.cache.versions` are those of the moment in which the page was made. Nothing is ever thrown
out for being wrong.
"""

from collections.abc import Collection

from flask import Flask, Response, request, session

from app.cache.store import make_store
from app.cache.versions import Scope
from app.web.htmx import is_htmx
from app.web.viewer import get_viewer

NO_STORE = "private, no-store"
# A browser asks again each time and mostly hears 304; what stands between may spare us the rest.
SHARED = "public, max-age=0, s-maxage=1, must-revalidate"
CACHED_SCOPE = "botbeat.keep"  # where a view tells the layer before it, in the WSGI environment
IS_COMMON = "botbeat.common"  # there too: whether many readers are given this address


_personal_cookies: set[str] = set()


def add_personal_cookie(name: str) -> None:
    """Keep the pages of a browser that carries this cookie from everybody else."""
    _personal_cookies.add(name)


def init_app(app: Flask) -> None:
    app.after_request(_set_cache_headers)


def cache_response(shows: Scope, article_id: int = 0, queries: Collection[str] = ()) -> None:
    """Let the store keep this answer while what it `shows` (of that article) stays the same.

    `queries` are the query strings, besides none, under which many readers are given this page.
    There are few of them for each thing that is published. All other addresses (anybody can
    make up as many as they like) share a room of their own and push out only each other.
    """
    request.environ[CACHED_SCOPE] = (shows, article_id)
    query = request.query_string.decode("latin-1")
    request.environ[IS_COMMON] = not query or query in queries


def _set_cache_headers(response: Response) -> Response:
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
        and not get_viewer().is_authenticated
    )


_uncommon = make_store(20 * 1024 * 1024)
