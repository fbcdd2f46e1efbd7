"""Answering a page and its HTMX twin from one view."""

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
    **context: Any,
) -> Response:
    """A part of a page for HTMX.

    `announce` is spoken through the live region and `focus` names the id that gets the focus,
    both after the swap; `retarget` (a selector) and `reswap` aim an answer elsewhere than the
    control that asked.
    """
    response = make_response(render_template(template, **context), status)
    after: dict[str, Any] = {}
    if announce:
        after["bb:announce"] = {"msg": announce}
    if focus:
        after["bb:focus"] = focus
    if after:  # ASCII-escaped, because a header holds no other letters
        response.headers["HX-Trigger-After-Settle"] = json.dumps(after)
    if retarget:
        response.headers["HX-Retarget"] = retarget
        response.headers["HX-Reswap"] = reswap or "innerHTML"
    response.headers["BB-Fragment"] = "1"
    return response


def redirect_after_post(location: str) -> Answer:
    """303: the browser reads the result at its own address, and reloading repeats nothing."""
    return redirect(location, 303)


def redirect_moved(location: str) -> Answer:
    """Lead on to a whole page: 303, which HTMX is told in a header of its own."""
    if not is_htmx():
        return redirect_after_post(location)
    answer = make_response("")
    answer.headers["HX-Redirect"] = location
    return answer


def render_form_page(
    title: str, part: str, *, status: int = 200, slot: str = "", **context: Any
) -> Answer:
    """A form as a fragment in `slot` for HTMX, or as a page of its own around the same part.

    `part` is the template of the fragment; the page includes that very file.
    """
    if is_htmx():
        return render_fragment(part, status=status, retarget=slot, **context)
    page = render_template("form_page.html", title=title, part=part, **context)
    return make_response(page, status)


def refused_with(
    draw: Callable[[DomainError], Answer],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a view the way it answers a refusal: its form again, the text kept, the reason said.

    Whatever refuses (token, limit, permission, rule) ends there, see `app.web.errors`.
    """

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.refusal = draw  # type: ignore[attr-defined]
        return view

    return mark
