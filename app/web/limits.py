"""How often a person or an address may do what costs or can be abused.

Asked on writing, signing in and searching only: a reader is never counted.
"""

import math
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import RequestLimit
from flask_limiter.util import get_remote_address

from app.accounts.queries import name_key
from app.errors import Invalid, TooOften
from app.extensions import limiter
from app.web.viewer import viewer

LIMITS = {
    "sign-in": "20 per 15 minutes",
    # Failures only: whoever knows the password is not locked out by those who guess.
    "sign-in-name": "100 per hour",
    "join": "5 per hour",
    "comment": "6 per minute; 60 per hour",
    "edit": "20 per minute",
    "preview": "30 per minute",
    "vote": "60 per minute",
    "report": "20 per hour",
    "search": "60 per minute",  # also asked while somebody types
    "names": "120 per minute",  # asked while somebody types one after an @
    "draft": "60 per minute",
    "personal": "60 per minute",
    "seen": "60 per minute",
    "keep": "10 per hour",  # texts of people who have yet to sign in, by address
}


def init_app(app: Flask) -> None:
    limiter.init_app(app)


def limited(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Count the calls of a view by person, or by address for visitors (names: LIMITS)."""
    return limiter.shared_limit(
        LIMITS[name], scope=name, key_func=_who, methods=["POST"], on_breach=None
    )


def limited_search(name: str = "search") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Count what looks for something, the same way; a page without a question costs nothing."""
    return limiter.shared_limit(
        LIMITS[name],
        scope=name,
        key_func=_who,
        exempt_when=lambda: not request.args.get("q"),
    )


def limited_by_name() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Count sign-ins of one account from everywhere: guessing does not help from many hosts."""
    return limiter.shared_limit(
        LIMITS["sign-in-name"],
        scope="sign-in-name",
        key_func=_named,
        methods=["POST"],
        deduct_when=lambda answer: answer.status_code == Invalid.status,
    )


def as_refusal(limit: RequestLimit | None) -> TooOften:
    """The refusal in words, with the seconds until the next try."""
    wait = max(1, math.ceil((limit.reset_at if limit else time.time() + 60) - time.time()))
    return TooOften(f"Too many tries. Wait {_spoken(wait)}.", wait)


def _spoken(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} second" + "s" * (seconds != 1)
    return f"{math.ceil(seconds / 60)} minutes"


def _who() -> str:
    person = viewer()
    return f"user {person.id}" if person.is_authenticated else f"address {get_remote_address()}"


def _named() -> str:
    return "name " + name_key(request.form.get("name", ""))[:60]
