"""Cache headers, and the choice of answers that the page store may cache.

A view calls `cache_response` with the scope that its page depends on. The page store answers from
its cached pages while their versions (`app.cache.versions`) are current.
"""

from collections.abc import Collection

from flask import Flask, Response, request, session

from app.cache.versions import Scope
from app.web.htmx import is_htmx
from app.web.viewer import get_viewer

NO_STORE = "private, no-store"
# A browser revalidates each time and mostly gets 304; a proxy may answer by itself for a second.
SHARED = "public, max-age=0, s-maxage=1, must-revalidate"
# Keys of the WSGI environment, by which a view tells the page store:
CACHED_SCOPE = "botbeat.keep"  # the scope and article of an answer that may be cached
IS_COMMON = "botbeat.common"  # whether our pages give this address to many readers
_personal_cookies: set[str] = set()


def add_personal_cookie(name: str) -> None:
    """Treat the pages of a browser that carries this cookie as personal."""
    _personal_cookies.add(name)


def init_app(app: Flask) -> None:
    app.after_request(_set_cache_headers)


def cache_response(scope: Scope, article_id: int = 0, queries: Collection[str] = ()) -> None:
    """Let the page store cache this answer while the versions of `scope` stay the same.

    `queries` are the query strings, besides none, under which our pages link to this page; there
    are few of them for each published thing. All other addresses, of which anybody can make up
    any number, share a store of their own and evict only each other.
    """
    request.environ[CACHED_SCOPE] = (scope, article_id)
    query = request.query_string.decode("latin-1")
    request.environ[IS_COMMON] = not query or query in queries


def _set_cache_headers(response: Response) -> Response:
    """Make an anonymous page cacheable, with an ETag, and all other answers private."""
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
    is_personal = session or _personal_cookies & request.cookies.keys()
    return not is_personal and not get_viewer().is_authenticated
