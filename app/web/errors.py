"""Every refusal and failure as a page, or as a fragment for HTMX, with its status."""

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

ON_COMMENTS = ("discussion", "revisions")  # features whose acts have a slot
RETRY_AFTER = 5  # seconds, when the database cannot take a write now

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


def _respond_refused(error: DomainError) -> Answer:
    db.session.rollback()
    if error.status in (400, 401, 403, 429):
        who = getattr(g.get("_login_user"), "name", "")
        request_log.note_event(f"{request.method} {request.path}", f"refused {error.status}", who)
    response = _render_fragment(error)
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _render_fragment(error: DomainError) -> Answer:
    """The view's own form again where it has one; else a note for HTMX, or a page."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    draw = getattr(view, "refusal", None)
    if draw is not None and request.method == "POST":
        with suppress(DomainError):  # what the form is about may be gone as well
            return draw(error)  # type: ignore[no-any-return]
    if isinstance(error, SignedOut) and request.method == "GET" and not is_htmx():
        return redirect_after_post(make_sign_in_url())
    # A text that has no form to go back to is shown, for its author to copy.
    way = make_sign_in_url(_get_path()) if isinstance(error, SignedOut) else ""
    kept = next(filter(None, map(get_typed, ("body", "details", "note"))), "")
    return render_error(error.status, error.title, error.message, kept=kept, sign_in=way)


def render_error(status: int, title: str, message: str, **context: Any) -> Response:
    """A refusal or failure in words, drawn in the site's shell or as a fragment."""
    context.update(title=title, message=message)
    if is_htmx():
        return render_fragment(
            "errors/_failure_note.html",
            status=status,
            announce=message,
            retarget=_find_slot(),
            reswap="afterbegin",  # an open reply form in the slot keeps its words
            **context,
        )
    return make_response(render_template("errors/page.html", status=status, **context), status)


def _get_path() -> str:
    """The page that an HTMX request was made from, to come back to after signing in."""
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    return get_own_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def _find_slot() -> str:
    """Where a refused act on a comment is explained: below it, never in place of its parts."""
    comment_id = (request.view_args or {}).get("comment_id")
    return f"#c-{comment_id}-slot" if comment_id and request.blueprint in ON_COMMENTS else ""


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
    """A host name that this site does not answer to: no address of ours can be drawn for it."""
    return _respond_plain(400, *_WORDS[400])


def _respond_unstorable(error: DataError) -> Response:
    """A value that no column holds, such as a NUL sent by a program; nothing was stored."""
    current_app.logger.warning("value refused by the database", exc_info=error)
    return _respond_plain(400, *_WORDS[400])


def _render_failure(error: InternalServerError) -> Response:
    """A failure while another answer was being drawn, such as a 404 without a database."""
    cause = error.original_exception or error
    return (
        _respond_busy(cause)
        if isinstance(cause, OperationalError | PoolTimeout)
        else _respond_broken(cause)
    )


def _respond_busy(error: BaseException) -> Response:
    """The database is locked, full, read-only or away: nothing was stored, and it heals."""
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
    """A page that asks nothing of the database, so that it cannot fail as its cause did."""
    g._login_user = login_manager.anonymous_user()
    try:
        db.session.rollback()
    except Exception:
        current_app.logger.warning("rollback failed", exc_info=True)
    if is_htmx():
        return make_response(message, status)  # no BB-Fragment: the page shows its toast
    body = render_template("errors/plain.html", status=status, title=title, message=message)
    return make_response(body, status)
