"""Rate limits on acts that are expensive or can be abused, by person or network.

They count writing, signing in and searching, but never reading.
"""

import math
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import RequestLimit

from app.errors import TooOften
from app.extensions import limiter
from app.text.quantities import format_duration
from app.web import networks
from app.web.viewer import get_viewer

LIMITS = {
    "sign-in": "20 per 15 minutes",  # for wrong passwords see also app/accounts/guesses.py
    "join": "5 per hour",
    "comment": "6 per minute; 60 per hour",
    "edit": "20 per minute",
    "preview": "30 per minute",
    "vote": "60 per minute",
    "report": "20 per hour",
    "search": "60 per minute",  # each pause in typing is a search
    "names": "120 per minute",  # sent while somebody types a name after an @
    "draft": "60 per minute",
    "personal": "60 per minute",
    "seen": "60 per minute",
    "unsent": "10 per hour",  # texts of people who have yet to sign in, by network
}


def init_app(app: Flask) -> None:
    limiter.init_app(app)


def limited(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Limit the POSTs of a view by person, or by network for visitors; `name` is of LIMITS."""
    key = _get_site if name == "join" else _get_network
    return limiter.shared_limit(
        LIMITS[name], scope=name, key_func=key, methods=["POST"], on_breach=None
    )


def limited_search(name: str = "search") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Limit the searches of a view in the same way; a request without `?q=` does not count."""
    return limiter.shared_limit(
        LIMITS[name],
        scope=name,
        key_func=_get_network,
        exempt_when=lambda: not request.args.get("q"),
    )


def make_refusal(limit: RequestLimit | None) -> TooOften:
    """Return the refusal of a request that exceeded `limit`."""
    return make_too_often(limit.reset_at if limit else time.time() + 60)


def make_too_often(until: float) -> TooOften:
    """Return the refusal with the wait until the next try; `until` is Unix time."""
    wait = max(1, math.ceil(until - time.time()))
    return TooOften(f"Too many tries. Wait {format_duration(wait)}.", wait)


def _get_network() -> str:
    person = get_viewer()
    if person.is_authenticated:
        return f"user {person.id}"
    return f"network {networks.get_network(request.remote_addr)}"


def _get_site() -> str:
    return f"network {networks.get_site(request.remote_addr)}"
