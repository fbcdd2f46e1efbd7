"""Globals and filters of all templates: addresses, times, permissions, stored HTML.

Those of one feature are registered by its views.
"""

import hashlib
import re
from functools import cache
from typing import Any

from flask import Flask, g, request
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from jinja2.ext import Extension

from app import clock, policy, text
from app.config import ROOT
from app.policy import Permission
from app.text import quantities
from app.web import pagination
from app.web.urls import make_sign_in_url, make_url
from app.web.viewer import get_viewer

THEMES = ("light", "dark")

_BETWEEN_TAGS = re.compile(r"(?<=[>}])\s*\n\s*(?=[<{])")


ID = "\x00id\x00"  # no text that is stored has a NUL


class Tight(Extension):
    """Send no white space between the tags of a template that begins with `{# Tight:`.

    It is for what a page holds a hundred times. A space that is seen stands within a line there.
    The hole `{{ id }}` becomes ID, for which `fill_id` puts a number: it is there so often that to
    fill each hole by itself took a third of the template's time.
    """

    def preprocess(self, source: str, _name: str | None, _filename: str | None = None) -> str:
        """Put each line break between two tags into a comment, so that lines keep their number."""
        if not source.startswith("{# Tight:"):
            return source
        tight = _BETWEEN_TAGS.sub(lambda found: "{#" + "\n" * found[0].count("\n") + "#}", source)
        return tight.replace("{{ id }}", ID)


def fill_id(html: str, ident: int) -> str:
    """Put a number in all holes `{{ id }}` of what was drawn from a tight template."""
    return html.replace(ID, str(ident))


def init_app(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension(Tight)
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
        max_comment=text.COMMENT_MAX,
        year=lambda: clock.now().year,
    )
    env.filters.update(
        stored=text.mark_stored,
        ago=quantities.format_ago,
        day=quantities.format_day,
        minute=quantities.format_minute,
        iso=quantities.format_iso,
        monogram=make_monogram,
        ahead=quantities.format_ahead,
        spoken=quantities.format_duration,
        clock=quantities.format_clock,
        counted=quantities.format_count,
        excerpt=text.make_excerpt,
        cut=text.cut_plain,
        marked=text.mark_words,
        cursor=pagination.format_cursor,
    )


@cache
def _fingerprint(path: str) -> str:
    try:
        return hashlib.sha256((ROOT / "static" / path).read_bytes()).hexdigest()[:10]
    except OSError:  # the page about a failure must not fail because a file is missing
        return "missing"


def make_asset_url(path: str) -> str:
    """Return the address of a file below static/, which browsers cache for ever.

    The address changes with the content of the file.
    """
    return f"/static/{path}?v={_fingerprint(path)}"


def may(permission: str, subject: Any) -> bool:
    return policy.allows(get_viewer(), Permission(permission), subject)


def explain_refusal(permission: str, subject: Any) -> str:
    """Return the sentence of the refusal, or an empty text when the act is allowed."""
    refusal = policy.refusal(get_viewer(), Permission(permission), subject)
    return refusal.message if refusal else ""


def get_theme() -> str:
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else ""


def make_monogram(name: str) -> str:
    """Return two letters for a name without a picture: of two words, else of one."""
    words = [word for word in name.replace("-", " ").replace("_", " ").split() if word[0].isalnum()]
    letters = words[0][0] + words[1][0] if len(words) > 1 else (words or [name])[0][:2]
    return letters.upper()
