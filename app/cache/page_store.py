"""The layer before the app that answers readers without cookies from cached pages.

It sends the headers and bytes that the view would send, compressed once for each encoding. One
request makes a page while the others for it wait. A page is cached from the second request for
it. Addresses that our pages do not give to many readers (see `app.cache.http.cache_response`)
share a quarter of the room: made-up addresses evict only each other.
"""

import re
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from flask import Flask
from sqlalchemy import Engine
from werkzeug.http import is_entity_header

from app.cache import store
from app.cache.http import CACHED_SCOPE, IS_COMMON
from app.cache.memo import LIFE
from app.cache.page import Headers, Page
from app.cache.store import Store
from app.cache.versions import ScopeKey, VersionReader, select_versions
from app.db.base import db
from app.web import request_log

_ROOM = 64 * 1024 * 1024  # bytes of pages that one process caches
_ADDRESSES = 4 * 1024 * 1024  # bytes of addresses requested once, each with its ScopeKey
_ENTRY = 4_000  # bytes that a page takes besides its body, so that empty answers count as well
_THEMES = frozenset({"theme=light", "theme=dark"})
_PORT = re.compile(r":[0-9]*$")
# Arguments that advertising and mailing tools add to an address; no page reads them.
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|mc_[ce]id)=[^&]*")

Environ = dict[str, Any]
Start = Callable[..., Any]


class PageStore:
    """WSGI middleware around `inner`, the app's own `wsgi_app`; caches `room` bytes of pages."""

    def __init__(
        self, app: Flask, inner: Callable[..., Iterable[bytes]], room: int = _ROOM
    ) -> None:
        self.inner = inner
        self._pages, self._rare = Store(room * 3 // 4), Store(room // 4)
        self._scope_keys = Store(_ADDRESSES)
        self._hosts = frozenset(app.config["TRUSTED_HOSTS"])
        self._turns: dict[Any, Lock] = {}

        def engine() -> Engine:
            with app.app_context():
                return db.engine

        self.version_reader = VersionReader(engine)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        key = _make_key(environ)
        if key is None:
            return self.inner(environ, start)
        began = time.perf_counter()
        if page := self._find_current(key):
            return _send_page(page, environ, start, began)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self.inner(environ, start)
        former = self._find_cached(key)
        scope_key: ScopeKey | None = former.key if former else self._scope_keys.get(key)
        if scope_key is None:
            return self._answer(key, None, environ, start)
        with self._turns.setdefault(key, Lock()):
            try:
                if page := self._find_current(key):  # another request may have made it meanwhile
                    return _send_page(page, environ, start, began)
                return self._answer(key, scope_key, environ, start)
            finally:
                self._turns.pop(key, None)

    def __len__(self) -> int:
        return len(self._pages) + len(self._rare)

    def forget(self) -> None:
        """Empty all caches, as in a process that has just started."""
        self._pages.clear()
        self._rare.clear()
        self._scope_keys.clear()
        store.clear_all()
        self.version_reader.close()

    def _find_current(self, key: Any) -> Page | None:
        page = self._find_cached(key)
        return page if page is not None and self._is_current(page) else None

    def _find_cached(self, key: Any) -> Page | None:
        page: Page | None = self._pages.get(key) or self._rare.get(key)
        return page

    def _put(self, key: Any, page: Page) -> None:
        room, other = self._pages, self._rare
        if not page.is_common:
            room, other = other, room
        room.put(key, page, _ENTRY + 2 * len(page.body))
        other.drop(key)

    def _is_current(self, page: Page) -> bool:
        if time.time() >= page.until or page.key is None:
            return False
        row = self.version_reader.read_recent(page.key[1])
        return row is not None and page.versions == select_versions(page.key, row)

    def _answer(
        self, key: Any, scope_key: ScopeKey | None, environ: Environ, start: Start
    ) -> Iterable[bytes]:
        """Let the app answer, and cache the page if it may be cached.

        `scope_key` is that of an earlier request for this address. Without it the versions
        cannot be read before the page is made, so the page is not cached yet.
        """
        now, versions = time.time(), None
        if scope_key is not None:
            versions = select_versions(scope_key, self.version_reader.read(scope_key[1]))
        page, headers = self._make(environ)
        if not page.is_public:
            start(page.status_line, headers)
            return [page.body]
        if page.key is not None and page.key != scope_key:
            self._scope_keys.put(key, page.key, 200 + sum(map(len, filter(None, key))))
        elif page.key is not None and versions is not None:
            page.versions, page.until = versions, now + LIFE
            self._put(key, page)
            page.form(page.encoding(environ.get("HTTP_ACCEPT_ENCODING")))
        return _send_page(page, environ, start, None, headers)

    def _make(self, environ: Environ) -> tuple[Page, Headers]:
        """Return the app's answer, and its headers for this request.

        `_send_page` compares If-None-Match, and not the app, which knows one encoding only.
        """
        started: list[Any] = []
        if_none_match = environ.pop("HTTP_IF_NONE_MATCH", None)

        def start(status: str, headers: Headers, error: Any = None) -> Callable[[bytes], Any]:
            started[:] = [status, headers]
            return started.append

        chunks = self.inner(environ, start)
        try:
            body = b"".join(chunks)
        finally:
            if close := getattr(chunks, "close", None):
                close()
        if if_none_match is not None:
            environ["HTTP_IF_NONE_MATCH"] = if_none_match
        status, headers = started[0], started[1]
        page = Page(status, headers, body, environ.get(CACHED_SCOPE))
        # TRUSTED_HOSTS may allow any subdomain, so anybody could make up host names.
        page.is_common = environ.get(IS_COMMON, False) and _get_host(environ) in self._hosts
        return page, headers


def _make_key(environ: Environ) -> Any:
    """Return what the bytes of an answer depend on besides versions, None if it may be personal."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    cookies = environ.get("HTTP_COOKIE", "")
    if (cookies and cookies not in _THEMES) or "HTTP_HX_REQUEST" in environ:
        return None
    query = environ.get("QUERY_STRING", "")
    if query and _TRACKING.search(query):
        query = environ["QUERY_STRING"] = _TRACKING.sub("", f"&{query}").lstrip("&")
    return environ["wsgi.url_scheme"], _get_host(environ), environ["PATH_INFO"], query, cookies


def _get_host(environ: Environ) -> str:
    """Return the requested host without its port, which no page shows and the app ignores."""
    name: str = environ.get("HTTP_HOST", "")
    return _PORT.sub("", name).lower()


def _send_page(
    page: Page, environ: Environ, start: Start, began: float | None, answered: Headers | None = None
) -> Iterable[bytes]:
    """Send the page in an encoding of this reader, or 304 if they have it already.

    `began` is when the request came, for the log; it is None where the app has answered and
    logged the request itself, and `answered` are the headers of that answer.
    """
    headers, body = page.form(page.encoding(environ.get("HTTP_ACCEPT_ENCODING")))
    status, if_none_match = page.status_line, environ.get("HTTP_IF_NONE_MATCH")
    if if_none_match is not None and page.is_named_by(if_none_match):
        status, body = "304 NOT MODIFIED", b""
        headers = [pair for pair in headers if not is_entity_header(pair[0])]
    ident = next((v for name, v in answered if name == "X-Request-ID"), "-") if answered else ""
    if began is not None:
        ident = request_log.log_answered(environ, status, began)
    start(status, [*headers, ("X-Request-ID", ident)])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
