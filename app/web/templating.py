"""What every template may call: addresses, times, permissions, stored HTML.

What belongs to one feature is registered by the views of that feature.
"""

import hashlib
from datetime import datetime
from functools import cache
from typing import Any

from flask import Flask, g, request
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined

from app import clock, policy, text
from app.config import ROOT
from app.policy import Permission
from app.web import pagination
from app.web.htmx import is_htmx
from app.web.urls import address, sign_in_url
from app.web.viewer import viewer

THEMES = ("light", "dark")


def init_app(app: Flask) -> None:
    env = app.jinja_env
    env.undefined = StrictUndefined  # a partial without one of its inputs fails loudly
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(
        url_for=address,
        asset=asset,
        may=may,
        why_not=why_not,
        viewer=viewer,
        theme=theme,
        sign_in_url=sign_in_url,
        csrf_token=generate_csrf,
        request_id=lambda: g.get("request_id", "-"),
        here=lambda: request.full_path.rstrip("?"),
        is_fragment=is_htmx,
        max_comment=text.COMMENT_MAX,
        year=lambda: clock.now().year,
    )
    env.filters.update(
        stored=text.stored,
        ago=ago,
        day=lambda moment: moment.strftime("%Y-%m-%d"),
        minute=lambda moment: moment.strftime("%Y-%m-%d %H:%M UTC"),
        iso=lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        monogram=monogram,
        ahead=ahead,
        spoken=spoken,
        clock=lambda moment: moment.strftime("%H:%M UTC"),
        counted=counted,
        excerpt=text.excerpt,
        marked=text.mark_words,
        place=pagination.spelled,
    )


@cache
def _fingerprint(path: str) -> str:
    try:
        return hashlib.sha256((ROOT / "static" / path).read_bytes()).hexdigest()[:10]
    except OSError:  # the page about a failure must not fail for a picture
        return "missing"


def asset(path: str) -> str:
    """The address of a file below static/; it changes with the file, so it is kept for ever."""
    return f"/static/{path}?v={_fingerprint(path)}"


def may(permission: str, subject: Any) -> bool:
    return policy.allows(viewer(), Permission(permission), subject)


def why_not(permission: str, subject: Any) -> str:
    """The sentence of the refusal, or an empty one when the act is allowed."""
    refusal = policy.refusal(viewer(), Permission(permission), subject)
    return refusal.message if refusal else ""


def theme() -> str:
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else ""


def ago(moment: datetime) -> str:
    """`2 h ago`: never negative, whatever the clocks say."""
    seconds = max(0, int((clock.now() - moment).total_seconds()))
    if seconds < 60:
        return "just now"
    for size, unit in ((86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


def ahead(moment: datetime) -> str:
    """`in 6 days`, of a time that has not come."""
    seconds = max(0, int((moment - clock.now()).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour")):
        if seconds >= size:
            return f"in {counted(seconds // size, unit)}"
    return f"in {counted(max(1, seconds // 60), 'minute')}"


def spoken(seconds: int) -> str:
    """A length of time in words: `40 seconds`, `2 minutes`."""
    if seconds < 120:
        return counted(seconds, "second")
    return counted(-(-seconds // 60), "minute")


def monogram(name: str) -> str:
    """Two letters for a name without a picture: of its first words, else its first two."""
    words = [word for word in name.replace("-", " ").replace("_", " ").split() if word[0].isalnum()]
    letters = words[0][0] + words[1][0] if len(words) > 1 else (words or [name])[0][:2]
    return letters.upper()


def counted(number: int, one: str, many: str = "") -> str:
    """`1 comment`, `1,428 comments`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
