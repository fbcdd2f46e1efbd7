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
from app.web.urls import make_sign_in_url, make_url
from app.web.viewer import get_viewer

THEMES = ("light", "dark")


def init_app(app: Flask) -> None:
    env = app.jinja_env
    env.undefined = StrictUndefined  # a partial without one of its inputs fails loudly
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(
        url_for=make_url,
        asset=make_asset_url,
        may=may,
        why_not=explain_refusal,
        get_viewer=get_viewer,
        theme=get_theme,
        sign_in_url=make_sign_in_url,
        csrf_token=generate_csrf,
        request_id=lambda: g.get("request_id", "-"),
        here=lambda: request.full_path.rstrip("?"),
        is_fragment=is_htmx,
        max_comment=text.COMMENT_MAX,
        year=lambda: clock.now().year,
    )
    env.filters.update(
        stored=text.mark_stored,
        ago=format_ago,
        day=lambda moment: moment.strftime("%Y-%m-%d"),
        minute=lambda moment: moment.strftime("%Y-%m-%d %H:%M UTC"),
        iso=lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        monogram=make_monogram,
        ahead=format_ahead,
        spoken=format_duration,
        clock=lambda moment: moment.strftime("%H:%M UTC"),
        counted=format_count,
        excerpt=text.make_excerpt,
        cut=text.cut_plain,
        marked=text.mark_words,
        place=pagination.format_cursor,
    )


@cache
def _fingerprint(path: str) -> str:
    try:
        return hashlib.sha256((ROOT / "static" / path).read_bytes()).hexdigest()[:10]
    except OSError:  # the page about a failure must not fail for a picture
        return "missing"


def make_asset_url(path: str) -> str:
    """The address of a file below static/; it changes with the file, so it is kept for ever."""
    return f"/static/{path}?v={_fingerprint(path)}"


def may(permission: str, subject: Any) -> bool:
    return policy.allows(get_viewer(), Permission(permission), subject)


def explain_refusal(permission: str, subject: Any) -> str:
    """The sentence of the refusal, or an empty one when the act is allowed."""
    refusal = policy.refusal(get_viewer(), Permission(permission), subject)
    return refusal.message if refusal else ""


def get_theme() -> str:
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else ""


def format_ago(moment: datetime) -> str:
    """`2 h ago`: never negative, whatever the clocks say."""
    seconds = max(0, int((clock.now() - moment).total_seconds()))
    if seconds < 60:
        return "just now"
    for size, unit in ((86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


def format_ahead(moment: datetime) -> str:
    """`in 6 days`, of a time that has not come."""
    seconds = max(0, int((moment - clock.now()).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour")):
        if seconds >= size:
            return f"in {format_count(seconds // size, unit)}"
    return f"in {format_count(max(1, seconds // 60), 'minute')}"


def format_duration(seconds: int) -> str:
    """A length of time in words: `40 seconds`, `2 minutes`."""
    if seconds < 120:
        return format_count(seconds, "second")
    return format_count(-(-seconds // 60), "minute")


def make_monogram(name: str) -> str:
    """Two letters for a name without a picture: of its first words, else its first two."""
    words = [word for word in name.replace("-", " ").replace("_", " ").split() if word[0].isalnum()]
    letters = words[0][0] + words[1][0] if len(words) > 1 else (words or [name])[0][:2]
    return letters.upper()


def format_count(number: int, one: str, many: str = "") -> str:
    """`1 comment`, `1,428 comments`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
