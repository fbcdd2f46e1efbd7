"""What a request asks for that carries nothing personal: those with the same key get one page."""

import re
from typing import Any

from app.web.finished import Environ

_THEMES = frozenset({"theme=light", "theme=dark"})
_PORT = re.compile(r":[0-9]*$")
# Arguments that advertising and mailing tools add to an address; no page reads them.
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|mc_[ce]id)=[^&]*")


def make_key(environ: Environ) -> Any:
    """Return what the bytes of an answer depend on, or None if it may be personal.

    Arguments that no page reads are taken out of the address.
    """
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    cookies = environ.get("HTTP_COOKIE", "")
    if (cookies and cookies not in _THEMES) or "HTTP_HX_REQUEST" in environ:
        return None
    query = environ.get("QUERY_STRING", "")
    if query and _TRACKING.search(query):
        query = environ["QUERY_STRING"] = _TRACKING.sub("", f"&{query}").lstrip("&")
    return environ["wsgi.url_scheme"], get_host(environ), environ["PATH_INFO"], query, cookies


def get_host(environ: Environ) -> str:
    """Return the requested host without its port, which no page shows and the app ignores."""
    name: str = environ.get("HTTP_HOST", "")
    return _PORT.sub("", name).lower()
