"""Responses of one view as a page and as an HTMX fragment."""

import json
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as WsgiResponse

from app.errors import DomainError

Answer = WsgiResponse | Response


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def render_fragment(
    template: str,
    *,
    status: int = 200,
    announce: str = "",
    focus: str = "",
    retarget: str = "",
    reswap: str = "",
    reselect: str = "",
    **context: Any,
) -> Response:
    """Return a part of a page for HTMX.

    After the swap, the live region announces `announce`, and the element with the id `focus`
    gets the focus. `retarget` (a selector) and `reswap` replace the target and the swap of the
    control that sent the request. Of the answer only what `reselect` (a selector) names goes into
    the target.
    """
    response = make_response(render_template(template, **context), status)
    after: dict[str, Any] = {}
    if announce:
        after["bb:announce"] = {"msg": announce}
    if focus:
        after["bb:focus"] = focus
    if after:  # json.dumps escapes all but ASCII, as a header requires
        response.headers["HX-Trigger-After-Settle"] = json.dumps(after)
    if retarget:
        response.headers["HX-Retarget"] = retarget
        response.headers["HX-Reswap"] = reswap or "innerHTML"
    if reselect:
        response.headers["HX-Reselect"] = reselect
    response.headers["BB-Fragment"] = "1"
    return response


def redirect_after_post(location: str) -> Answer:
    """Return a 303, so that the browser GETs `location` and a reload repeats nothing."""
    return redirect(location, 303)


def redirect_moved(location: str) -> Answer:
    """Return a redirect to a whole page, which HTMX needs as a header of its own."""
    if not is_htmx():
        return redirect_after_post(location)
    answer = make_response("")
    answer.headers["HX-Redirect"] = location
    return answer


def render_form_page(
    title: str,
    part: str,
    *,
    error: DomainError | None = None,
    status: int = 200,
    slot: str = "",
    announce: str = "",
    **context: Any,
) -> Answer:
    """Return a form as a fragment for `slot`, or as a page of its own around the same part.

    `part` is the template of the fragment; the page includes that very file. The refusal
    `error` gives the answer its status and is announced.
    """
    if error is not None:
        status, announce = error.status, error.message
    context |= {"error": error, "announce": announce}
    if is_htmx():
        return render_fragment(part, status=status, retarget=slot, **context)
    page = render_template("form_page.html", title=title, part=part, **context)
    return make_response(page, status)


def refused_with(
    refuse: Callable[[DomainError], Answer],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare how a view answers a refusal: mostly its form with the typed text and the reason.

    `app.web.errors` calls `refuse` for every refusal of a POST, be it by token, limit, permission
    or rule.
    """

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.refusal = refuse  # type: ignore[attr-defined]
        return view

    return mark
