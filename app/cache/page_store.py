"""The layer before the app that answers from pages made before, for readers without cookies.

It sends what the view would: the very headers and bytes of its answer, compressed once for all
readers that take it so. A page is made by one request while the others for it wait, and is kept
from the second time that somebody asks for it. Addresses that our pages do not give to many
readers (see `caching.keep`) share a quarter of the room, and never get to Redis: whoever makes up
addresses pushes out what others made up.
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
from app.cache.redis_pages import RedisPages
from app.cache.store import Store
from app.cache.versions import ScopeKey, VersionReader, is_current
from app.db.base import db
from app.web import request_log

_ROOM = 64 * 1024 * 1024  # bytes of pages that one process keeps
_ADDRESSES = 4 * 1024 * 1024  # bytes of addresses asked for once, kept with what they show
_ENTRY = 4_000  # bytes that a page takes besides its body, so that empty answers count as well
_THEMES = frozenset({"theme=light", "theme=dark"})
_PORT = re.compile(r":[0-9]*$")
# What advertising and mailing tools add to an address; it means nothing to a page.
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|mc_[ce]id)=[^&]*")

Environ = dict[str, Any]
Start = Callable[..., Any]


class PageStore:
    """WSGI middleware around `inner`, the app's own `wsgi_app`; keeps `room` bytes of pages.

    Where Redis is set, what one process made is sent by the others as well.
    """

    def __init__(
        self, app: Flask, inner: Callable[..., Iterable[bytes]], room: int = _ROOM
    ) -> None:
        self.inner = inner
        self._pages, self._rare = Store(room * 3 // 4), Store(room // 4)
        self._asked = Store(_ADDRESSES)
        self._hosts = frozenset(app.config["TRUSTED_HOSTS"])
        self._turns: dict[Any, Lock] = {}
        self._shared = RedisPages(app, app.config["REDIS_URL"])

        def engine() -> Engine:
            with app.app_context():
                return db.engine

        self.numbers = VersionReader(engine)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        key = _make_key(environ)
        if key is None:
            return self.inner(environ, start)
        began = time.perf_counter()
        if page := self._current(key):
            return _send_page(page, environ, start, began)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self.inner(environ, start)
        former = self._kept(key)
        asked: ScopeKey | None = former.asked if former else self._asked.get(key)
        if asked is None:
            return self._answer(key, None, environ, start)
        with self._turns.setdefault(key, Lock()):
            try:
                if page := self._current(key):  # another request may have made it meanwhile
                    return _send_page(page, environ, start, began)
                with self._shared.turn(key):
                    if page := self._current(key):  # or another process
                        return _send_page(page, environ, start, began)
                    return self._answer(key, asked, environ, start)
            finally:
                self._turns.pop(key, None)

    def __len__(self) -> int:
        return len(self._pages) + len(self._rare)

    def forget(self) -> None:
        """Hold nothing, as a process does that has just started."""
        self._pages.clear()
        self._rare.clear()
        self._asked.clear()
        store.clear_all()
        self.numbers.close()

    def _current(self, key: Any) -> Page | None:
        """The page as it would be made now, from this process or another one."""
        page = self._kept(key)
        if page is not None and self._holds(page):
            return page
        if made := self._shared.get(key):
            self._keep(key, made)
        return made if made is not None and self._holds(made) else None

    def _kept(self, key: Any) -> Page | None:
        page: Page | None = self._pages.get(key) or self._rare.get(key)
        return page

    def _keep(self, key: Any, page: Page) -> None:
        room, other = self._pages, self._rare
        if not page.is_common:
            room, other = other, room
        room.put(key, page, _ENTRY + 2 * len(page.body))
        other.drop(key)

    def _holds(self, page: Page) -> bool:
        if time.time() >= page.until or page.asked is None:
            return False
        return is_current(
            page.asked, page.numbers, self.numbers.read(page.asked), page.until - LIFE
        )

    def _answer(
        self, key: Any, asked: ScopeKey | None, environ: Environ, start: Start
    ) -> Iterable[bytes]:
        """Let the app answer. `asked` is what the page showed when it was asked for before:
        only then can its numbers be read before it is made, and the page be kept."""
        numbers, now = self.numbers.read(asked) if asked else None, time.time()
        page, headers = self._make(environ)
        if not page.is_public:
            start(page.status_line, headers)
            return [page.body]
        if page.asked is not None and page.asked != asked:
            self._asked.put(key, page.asked, 200 + sum(map(len, filter(None, key))))
        elif page.asked is not None and numbers is not None:
            page.numbers, page.until = numbers, now + LIFE
            self._keep(key, page)
            page.form(page.encoding(environ.get("HTTP_ACCEPT_ENCODING")))
            if page.is_common:
                self._shared.put(key, page, page.until - now)
        return _send_page(page, environ, start, None, headers)

    def _make(self, environ: Environ) -> tuple[Page, Headers]:
        """The app's answer, with the headers of this request. What the reader has already is
        compared by `_send_page`, and not by the app, which knows one encoding only."""
        told: list[Any] = []
        has = environ.pop("HTTP_IF_NONE_MATCH", None)

        def tell(status: str, headers: Headers, error: Any = None) -> Callable[[bytes], Any]:
            told[:] = [status, headers]
            return told.append

        chunks = self.inner(environ, tell)
        try:
            body = b"".join(chunks)
        finally:
            if close := getattr(chunks, "close", None):
                close()
        if has is not None:
            environ["HTTP_IF_NONE_MATCH"] = has
        page = Page(told[0], told[1], body, environ.get(CACHED_SCOPE))
        # A name ending in any subdomain is as good as made up.
        page.is_common = environ.get(IS_COMMON, False) and _get_host(environ) in self._hosts
        return page, told[1]


def _make_key(environ: Environ) -> Any:
    """What the bytes of an answer depend on besides numbers; None where they are somebody's own."""
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
    """The name that was asked for; its port is not checked by the app, and shown by no page."""
    name: str = environ.get("HTTP_HOST", "")
    return _PORT.sub("", name).lower()


def _send_page(
    page: Page, environ: Environ, start: Start, began: float | None, made: Headers | None = None
) -> Iterable[bytes]:
    """The page as this reader takes it, or 304 where they have it already.

    `began` is when the request came, for the log, which the app has written of those that it
    answered itself; `made` are the headers of that answer.
    """
    headers, body = page.form(page.encoding(environ.get("HTTP_ACCEPT_ENCODING")))
    status, has = page.status_line, environ.get("HTTP_IF_NONE_MATCH")
    if has is not None and page.is_named_by(has):
        status, body = "304 NOT MODIFIED", b""
        headers = [pair for pair in headers if not is_entity_header(pair[0])]
    ident = next((v for name, v in made if name == "X-Request-ID"), "-") if made else ""
    if began is not None:
        ident = request_log.log_answered(environ, status, began)
    start(status, [*headers, ("X-Request-ID", ident)])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
