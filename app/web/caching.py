"""Who may keep an answer: anonymous pages everybody, the rest nobody."""

from flask import Flask, Response, request, session

from app.web import remembered
from app.web.htmx import is_htmx
from app.web.viewer import viewer

NO_STORE = "private, no-store"


def init_app(app: Flask) -> None:
    app.after_request(_cache)


def _cache(response: Response) -> Response:
    """An anonymous page is the same bytes for all and carries their ETag; a browser asks again
    each time and mostly hears 304. All else is for one person and is stored nowhere."""
    if "Cache-Control" in response.headers:
        return response
    response.vary.update(("Cookie", "HX-Request"))
    if _is_for_everybody(response):
        response.headers["Cache-Control"] = "public, no-cache"
        response.add_etag()
        return response.make_conditional(request)  # type: ignore[return-value]
    response.headers["Cache-Control"] = NO_STORE
    return response


def _is_for_everybody(response: Response) -> bool:
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or is_htmx():
        return False
    return not session and not remembered.is_asked() and not viewer().is_authenticated
