"""The layer before the app that answers from pages made before, for readers without cookies.

It sends what the view would: the very headers and bytes of its answer, compressed once for all
readers that take it so. A page is made by one request while the others for it wait, and is kept
from the second time that somebody asks for it, so that addresses nobody shares fill no memory.
"""

import gzip
import re
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

import brotli
from flask import Flask
from sqlalchemy import Engine
from werkzeug.http import is_entity_header

from app.articles.versions import Asked, Figures, Numbers, is_settled
from app.extensions import db
from app.web import caching, logs
from app.web.caching import LIFE, MARK, Store

_ROOM = 64 * 1024 * 1024  # bytes of pages that one process keeps
_ADDRESSES = 4 * 1024 * 1024  # bytes of addresses asked for once, kept with what they show
_ENTRY = 4_000  # bytes that a page takes besides its body, so that empty answers count as well
_OF_THIS_REQUEST = ("X-Request-ID", "Date")
_SMALL = 256  # bytes that are not worth compressing
_THEMES = frozenset({"theme=light", "theme=dark"})
# What advertising and mailing tools add to an address; it means nothing to a page.
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|mc_[ce]id)=[^&]*")

Environ = dict[str, Any]
Start = Callable[..., Any]
Headers = list[tuple[str, str]]


class Page:
    """An answer of the app: kept while `numbers` hold, and not past `until` (Unix time)."""

    def __init__(self, status: str, headers: Headers, body: bytes, asked: Asked | None) -> None:
        told = {name.lower(): value for name, value in headers}
        self.status_line, self.body, self.asked = status, body, asked
        self.headers = [pair for pair in headers if pair[0] not in _OF_THIS_REQUEST]
        self.etag = told.get("etag", "")
        self.is_public = (
            status[:3] in ("200", "204")
            and bool(self.etag)
            and told.get("cache-control", "").startswith("public")
            and "set-cookie" not in told
        )
        self.varies = len(body) >= _SMALL and "Accept-Encoding" in told.get("vary", "")
        self.numbers: Figures | None = None
        self.until = 0.0
        self._forms: dict[str, tuple[Headers, bytes]] = {"": (self.headers, body)}

    def form(self, encoding: str) -> tuple[Headers, bytes]:
        """Headers and body in an encoding; compressed once, by the first who takes it."""
        if encoding not in self._forms:
            body = _COMPRESS[encoding](self.body)
            own = ("ETag", "Content-Length")
            headers = [pair for pair in self.headers if pair[0] not in own]
            headers += [
                ("ETag", f'{self.etag[:-1]}-{encoding}"'),
                ("Content-Encoding", encoding),
                ("Content-Length", str(len(body))),
            ]
            self._forms[encoding] = (headers, body)
        return self._forms[encoding]


_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


class PageStore:
    """WSGI middleware around `inner`, the app's own `wsgi_app`; keeps `room` bytes of pages."""

    def __init__(
        self, app: Flask, inner: Callable[..., Iterable[bytes]], room: int = _ROOM
    ) -> None:
        self.inner = inner
        self._pages, self._asked = Store(room), Store(_ADDRESSES)
        self._turns: dict[Any, Lock] = {}

        def engine() -> Engine:
            with app.app_context():
                return db.engine

        self.numbers = Numbers(engine)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return self.inner(environ, start)
        began = time.perf_counter()
        page: Page | None = self._pages.get(key)
        if page is not None and self._holds(page):
            return _send(page, environ, start, began)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self.inner(environ, start)
        asked: Asked | None = page.asked if page else self._asked.get(key)
        if asked is None:
            return self._answer(key, None, environ, start)
        with self._turns.setdefault(key, Lock()):
            try:
                page = self._pages.get(key)  # another request may have made it meanwhile
                if page is not None and self._holds(page):
                    return _send(page, environ, start, began)
                return self._answer(key, asked, environ, start)
            finally:
                self._turns.pop(key, None)

    def __len__(self) -> int:
        return len(self._pages)

    def forget(self) -> None:
        """Hold nothing, as a process does that has just started."""
        self._pages.clear()
        self._asked.clear()
        caching.forget()
        self.numbers.close()

    def _holds(self, page: Page) -> bool:
        if time.time() >= page.until or page.asked is None:
            return False
        return self.numbers.read(page.asked) == page.numbers

    def _answer(
        self, key: Any, asked: Asked | None, environ: Environ, start: Start
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
            settled = is_settled(page.asked, numbers, now)
            page.numbers, page.until = numbers, now + LIFE if settled else int(now) + 1.0
            self._pages.put(key, page, _ENTRY + 2 * len(page.body))
        return _send(page, environ, start, None, headers)

    def _make(self, environ: Environ) -> tuple[Page, Headers]:
        """The app's answer, with the headers of this request. What the reader has already is
        compared by `_send`, and not by the app, which knows one encoding only."""
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
        return Page(told[0], told[1], body, environ.get(MARK)), told[1]


def _key(environ: Environ) -> Any:
    """What the bytes of an answer depend on besides numbers; None where they are somebody's own."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    cookies = environ.get("HTTP_COOKIE", "")
    if (cookies and cookies not in _THEMES) or "HTTP_HX_REQUEST" in environ:
        return None
    query = environ.get("QUERY_STRING", "")
    if query and _TRACKING.search(query):
        query = environ["QUERY_STRING"] = _TRACKING.sub("", f"&{query}").lstrip("&")
    host = environ.get("HTTP_HOST")
    return environ["wsgi.url_scheme"], host, environ["PATH_INFO"], query, cookies


def _encoding(page: Page, environ: Environ) -> str:
    """The best that the reader takes: `br`, `gzip`, or an empty string for neither."""
    taken = environ.get("HTTP_ACCEPT_ENCODING")
    if not taken or not page.varies:
        return ""
    words = {part.split(";")[0].strip() for part in taken.split(",") if ";q=0" not in part}
    return "br" if "br" in words else "gzip" if "gzip" in words else ""


def _has(page: Page, told: str) -> bool:
    """Whether If-None-Match names the page, in whichever encoding it was sent."""
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in told.split(","))
    own = page.etag[1:-1]
    return any(tag == "*" or tag in (own, f"{own}-br", f"{own}-gzip") for tag in tags)


def _send(
    page: Page, environ: Environ, start: Start, began: float | None, made: Headers | None = None
) -> Iterable[bytes]:
    """The page as this reader takes it, or 304 where they have it already.

    `began` is when the request came, for the log, which the app has written of those that it
    answered itself; `made` are the headers of that answer.
    """
    headers, body = page.form(_encoding(page, environ))
    status, has = page.status_line, environ.get("HTTP_IF_NONE_MATCH")
    if has is not None and _has(page, has):
        status, body = "304 NOT MODIFIED", b""
        headers = [pair for pair in headers if not is_entity_header(pair[0])]
    ident = next((v for name, v in made if name == "X-Request-ID"), "-") if made else ""
    if began is not None:
        ident = logs.answered(environ, status, began)
    start(status, [*headers, ("X-Request-ID", ident)])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
