"""URLs of views, and the check of paths that come from outside."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, url_for
from werkzeug.routing import IntegerConverter, Map
from werkzeug.urls import iri_to_uri

from app.db.types import LARGEST_ID
from app.extensions import login_manager


class IdConverter(IntegerConverter):
    """The converter `<int:...>`, for numbers that can be ids; a larger one is a 404."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = IdConverter


def make_url(endpoint: str, **values: Any) -> str:
    """Return the path of a view as `flask.url_for` does, but cached."""
    return _make_url(request.script_root, endpoint, tuple(values.items()))


@lru_cache(10_000)
def _make_url(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


def get_own_path(target: str | None, default: str = "/") -> str:
    """Return `target` if it is a path of this site, else `default`.

    It must hold nothing that a browser could read as another host: schemes, `//`, backslashes,
    control characters. Letters other than ASCII are escaped, so that look-alikes deceive nobody.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if "\\" in target or any(ord(letter) < 33 or ord(letter) == 127 for letter in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else iri_to_uri(target)


def make_sign_in_url(next_path: str | None = None) -> str:
    if next_path is None:
        next_path = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/"
    return url_for(login_manager.login_view, next=next_path)


def get_view_arg(name: str) -> Any:
    """Return what the address of this request says for `name`, for answers to a refusal."""
    return (request.view_args or {})[name]
