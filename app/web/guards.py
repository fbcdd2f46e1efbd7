"""The checks of every request before its view: its origin, its token, the view's permission."""

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
    app.before_request(_require_permission)


def requires(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the permission of a view; a view without one answers 403."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def on_rows(view: Callable[..., Any]) -> Callable[..., Any]:
    """Declare that what a view does needs a row of the person who asks, and not the model."""
    view.on_rows = True  # type: ignore[attr-defined]
    return view


def acts_on_rows(app: Flask, endpoint: str | None) -> bool:
    """Return whether the view of `endpoint` was declared so."""
    return getattr(app.view_functions.get(endpoint or ""), "on_rows", False)


def _refuse_nul() -> None:
    """Raise NotFound for a path with a NUL, which no name has and PostgreSQL fails on."""
    if "\x00" in request.path:
        raise NotFound


def _read_body() -> None:
    """Read the whole body first, so that a slow sender holds no database connection."""
    if request.method not in SAFE_METHODS:
        if any(file.filename for file in request.files.values()):
            raise BadRequest("Files cannot be sent to this site.")
        _ = request.form


def _refuse_foreign_forms() -> None:
    """Raise NotAllowed or Expired unless a form comes from our own pages, with our token."""
    if request.method in SAFE_METHODS or request.url_rule is None:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and origin != _make_own_origin()
    if site not in (None, "same-origin", "none") or is_foreign:
        raise NotAllowed(FOREIGN)
    try:
        csrf.protect()
    except CSRFError:
        # The token of a session that ended is invalid, too; then "sign in" is the better answer.
        _require_permission()
        raise Expired(EXPIRED) from None


def _make_own_origin() -> str:
    """Return the Origin that browsers send from our own pages: scheme, host, and an unusual port.

    Production is reached by https alone, whatever a proxy says or leaves out.
    """
    scheme = "https" if current_app.config["PRODUCTION"] else request.scheme
    return f"{scheme}://{request.host}"


def require_own_page() -> None:
    """Raise NotAllowed unless the browser itself says where a form without a token comes from.

    This is for visitors, whose pages are the same for everybody and so have no token.
    """
    if not (request.headers.get("Sec-Fetch-Site") or request.headers.get("Origin")):
        raise NotAllowed("Sign in first, then send it again.")


def _require_permission() -> None:
    """Raise the refusal of the view's permission, as far as it needs no subject."""
    if request.endpoint is None:
        return
    permission = getattr(current_app.view_functions[request.endpoint], "permission", None)
    if permission is None:
        raise NotAllowed("You don't have access to this page.")
    if not policy.is_open_to_all(permission):  # loading the viewer costs a query
        policy.require_at_door(get_viewer(), permission)
