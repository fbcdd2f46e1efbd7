"""Handlers that answer every refusal and failure with a page or a fragment, and its status."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, make_response, render_template, request
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError, TooManyRequests

from app.db.base import db
from app.errors import DomainError, SignedOut, TooOften
from app.extensions import limiter, login_manager
from app.web import limits, request_log
from app.web.forms import get_typed
from app.web.htmx import Answer, is_htmx, redirect_after_post, render_fragment
from app.web.urls import get_own_path, make_sign_in_url

RETRY_AFTER = 5  # seconds, when the database is not available

_SLOTS: dict[str, str] = {}  # by blueprint, see `show_refusals_in`
_WORDS = {
    400: ("This request can't be read", "Go back and try again."),
    403: ("No access", "You don't have access to this page."),
    404: ("Nothing here", "No page at this address. It may have moved; try the search above."),
    405: ("Not this way", "This address does not take that kind of request."),
    413: ("Too much at once", "What was sent is larger than this site takes."),
    429: ("Too many tries", "Wait a little and try again."),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, _respond_refused)
    app.register_error_handler(TooManyRequests, _respond_too_often)
    app.register_error_handler(HTTPException, _respond_http)
    app.register_error_handler(SecurityError, _respond_foreign_host)
    app.register_error_handler(OperationalError, _respond_busy)
    app.register_error_handler(PoolTimeout, _respond_busy)
    app.register_error_handler(DataError, _respond_unstorable)
    app.register_error_handler(DBAPIError, _respond_database)
    app.register_error_handler(InternalServerError, _render_failure)
    app.register_error_handler(Exception, _respond_broken)


def show_refusals_in(blueprint: str, slot: str) -> None:
    """Let HTMX show the refusals of a blueprint in `slot`, a selector.

    It names arguments of the address in braces; an address without them shows a toast.
    """
    _SLOTS[blueprint] = slot


def _respond_refused(error: DomainError) -> Answer:
    db.session.rollback()
    if error.status in (400, 401, 403, 429):
        who = getattr(g.get("_login_user"), "name", "")
        request_log.note_event(f"{request.method} {request.path}", f"refused {error.status}", who)
    response = _render_refusal(error)
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _render_refusal(error: DomainError) -> Answer:
    """Return the view's own answer to a refusal; else a note for HTMX, or a page."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    refuse = getattr(view, "refusal", None)
    if refuse is not None and request.method == "POST":
        with suppress(DomainError):  # the subject of the form may be gone as well
            return refuse(error)  # type: ignore[no-any-return]
    if isinstance(error, SignedOut) and request.method == "GET" and not is_htmx():
        return redirect_after_post(make_sign_in_url())
    # Without a form, the page shows the typed text, so that its author can copy it.
    sign_in = make_sign_in_url(_get_path()) if isinstance(error, SignedOut) else ""
    typed = next(filter(None, map(get_typed, ("body", "details", "note"))), "")
    return render_error(error.status, error.title, error.message, kept=typed, sign_in=sign_in)


def render_error(status: int, title: str, message: str, **context: Any) -> Response:
    """Return a refusal or failure as a page in the site's layout, or as a fragment."""
    context.update(title=title, message=message)
    if is_htmx():
        return render_fragment(
            "errors/_failure_note.html",
            status=status,
            announce=message,
            retarget=_find_slot(),
            reswap="afterbegin",  # an open reply form in the slot keeps its text
            **context,
        )
    return make_response(render_template("errors/page.html", status=status, **context), status)


def _get_path() -> str:
    """Return the path of the page that sent an HTMX request, to return to after signing in."""
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    return get_own_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def _find_slot() -> str:
    """Return the selector that the blueprint of a refused act has named, or an empty text."""
    with suppress(KeyError):
        return _SLOTS[request.blueprint or ""].format_map(request.view_args or {})
    return ""


def _respond_too_often(_: TooManyRequests) -> Answer:
    return _respond_refused(limits.make_refusal(limiter.current_limit))


def _respond_http(error: HTTPException) -> Answer:
    if error.code is None or error.code < 400:
        return error.get_response()
    title, message = _WORDS.get(error.code, (error.name, error.name + "."))
    response = render_error(error.code, title, message)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _respond_foreign_host(_: SecurityError) -> Response:
    """Answer a request for a foreign host name, without a link: no URL can be made for it."""
    return _respond_plain(400, *_WORDS[400])


def _respond_unstorable(error: DataError) -> Response:
    """Answer a value that no column can hold, such as a NUL; nothing was stored."""
    current_app.logger.warning("value refused by the database", exc_info=error)
    return _respond_plain(400, *_WORDS[400])


def _render_failure(error: InternalServerError) -> Response:
    """Answer a failure of another handler, such as a 404 page without a database."""
    cause = error.original_exception or error
    return (
        _respond_busy(cause)
        if isinstance(cause, OperationalError | PoolTimeout)
        else _respond_broken(cause)
    )


def _respond_busy(error: BaseException) -> Response:
    """Answer 503 when the database is locked, full, read-only or away; nothing was stored."""
    current_app.logger.warning("database unavailable: %s", error.__class__.__name__, exc_info=error)
    response = _respond_plain(
        503,
        "One moment",
        "The site cannot save or read right now. Nothing that was stored is lost. "
        "Go back, your text is still in the form, and send it again in a few seconds.",
    )
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _respond_database(error: DBAPIError) -> Response:
    return _respond_busy(error) if error.connection_invalidated else _respond_broken(error)


def _respond_broken(error: BaseException) -> Response:
    current_app.logger.error("unhandled error", exc_info=error)
    return _respond_plain(
        500,
        "Something broke on our side",
        f"It has been logged as {g.get('request_id', '-')}. Your text is still in the form "
        "that you sent: go back and try again.",
    )


def _respond_plain(status: int, title: str, message: str) -> Response:
    """Return a page that runs no query, so that it cannot fail for the same cause."""
    g._login_user = login_manager.anonymous_user()
    try:
        db.session.rollback()
    except Exception:
        current_app.logger.warning("rollback failed", exc_info=True)
    if is_htmx():
        return make_response(message, status)  # no BB-Fragment: the page shows its toast
    body = render_template("errors/plain.html", status=status, title=title, message=message)
    return make_response(body, status)
