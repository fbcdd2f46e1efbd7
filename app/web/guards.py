"""What every request passes before its view: the token, then the view's own permission."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, NotFound

from app import policy
from app.errors import Expired, NotAllowed
from app.extensions import csrf
from app.policy import Permission
from app.web.viewer import get_viewer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FOREIGN = "This form was sent from another site, so nothing was done."
EXPIRED = "This form was open for too long or comes from another sign-in. Send it again."


def init_app(app: Flask) -> None:
    app.before_request(_refuse_nul)
    app.before_request(_read_body)
    app.before_request(_refuse_foreign_forms)
    app.before_request(_ask_permission)


def requires(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare what a view asks for; a view that declares nothing answers 403."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def _refuse_nul() -> None:
    """No name in the database holds a NUL, and PostgreSQL fails when asked for one."""
    if "\x00" in request.path:
        raise NotFound


def _read_body() -> None:
    """Take in the whole body first: a slow sender must hold no database connection."""
    if request.method not in SAFE_METHODS:
        if any(file.filename for file in request.files.values()):
            raise BadRequest("Files cannot be sent to this site.")
        _ = request.form


def _refuse_foreign_forms() -> None:
    """A form must carry our token and come from our own pages."""
    if request.method in SAFE_METHODS or request.url_rule is None:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and origin != _is_own_origin()
    if site not in (None, "same-origin", "none") or is_foreign:
        raise NotAllowed(FOREIGN)
    try:
        csrf.protect()
    except CSRFError:
        # A session that ended takes its token along: then signing in is what helps.
        _ask_permission()
        raise Expired(EXPIRED) from None


def _is_own_origin() -> str:
    """Return what browsers say of our own pages: scheme, host, and the port if it is not the usual.

    Production is reached by https alone, whatever a proxy says or forgets to say of it.
    """
    scheme = "https" if current_app.config["PRODUCTION"] else request.scheme
    return f"{scheme}://{request.host}"


def require_own_page() -> None:
    """Ask the browser's own word that a form without a token comes from our pages.

    For what strangers send from a page that is the same for everybody, and so has no token.
    Raises NotAllowed where the browser says nothing.
    """
    if not (request.headers.get("Sec-Fetch-Site") or request.headers.get("Origin")):
        raise NotAllowed("Sign in first, then send it again.")


def _ask_permission() -> None:
    if request.endpoint is None:
        return
    permission = getattr(current_app.view_functions[request.endpoint], "permission", None)
    if permission is None:
        raise NotAllowed("You don't have access to this page.")
    if not policy.is_open_to_all(permission):  # a page for everybody asks nothing of the database
        policy.require_at_door(get_viewer(), permission)
