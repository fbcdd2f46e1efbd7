"""Parts of an article's page that are the same for everybody."""

from collections.abc import Callable

from flask import Flask, request

from app.cache import memo
from app.cache.versions import Scope

_PART = 60_000  # bytes of a part of a page


def init_app(app: Flask) -> None:
    app.jinja_env.globals["part"] = render_part


def render_part(name: str, article_id: int, caller: Callable[[], str]) -> str:
    """Return a part of an article's page that is the same for everybody, whatever the comments."""
    if request.method not in ("GET", "HEAD"):
        return caller()
    html: str = memo.memoise(Scope.NEWSROOM, article_id, name, _PART, caller)
    return html
