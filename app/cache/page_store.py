"""The layer before the app that answers readers without cookies from cached pages.

It sends the headers and bytes that the view would send. Of a page that was cached before, one
request makes the new version while the others wait for it. Addresses that our pages do not give
to many readers (see `app.cache.http.cache_response`) share a quarter of the room: made-up addresses
evict only each other.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

from flask import Flask
from sqlalchemy import Engine

from app.cache.http import CACHED_SCOPE, IS_COMMON
from app.cache.memo import LIFE, READ
from app.cache.store import Store
from app.cache.versions import Scope, VersionReader, Versions, select_versions
from app.db.base import db
from app.web import request_log, visitors
from app.web.finished import App, Environ, FinishedAnswer, Start

_ROOM = 64 * 1024 * 1024  # bytes of pages that one process caches
_ENTRY = 4_000  # bytes that a page takes besides its body, so that empty answers count as well


@dataclass(frozen=True)
class _Page:
    """An answer that is right while `versions` are those of its scope, and until `until` (Unix)."""

    answer: FinishedAnswer
    scope: Scope
    article_id: int
    versions: Versions
    until: float


class PageStore:
    """WSGI middleware around `inner`, the app's own `wsgi_app`; caches `room` bytes of pages."""

    def __init__(self, app: Flask, inner: App, room: int = _ROOM) -> None:
        self.inner = inner
        self._pages, self._rare = Store(room * 3 // 4), Store(room // 4)
        self._hosts = frozenset(app.config["TRUSTED_HOSTS"])
        self._turns: dict[Any, Lock] = {}

        def engine() -> Engine:
            with app.app_context():
                return db.engine

        self.version_reader = VersionReader(engine)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        key = visitors.make_key(environ)
        if key is None:
            return self.inner(environ, start)
        began = time.perf_counter()
        if page := self._find_current(key):
            return _send(page, environ, start, began)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self.inner(environ, start)
        if self._find(key) is None:
            return self._make(key, environ, start)
        with self._turns.setdefault(key, Lock()):
            try:
                if page := self._find_current(key):  # another request may have made it meanwhile
                    return _send(page, environ, start, began)
                return self._make(key, environ, start)
            finally:
                self._turns.pop(key, None)

    def __len__(self) -> int:
        return len(self._pages) + len(self._rare)

    def forget(self) -> None:
        """Empty all caches, as in a process that has just started."""
        Store.clear_all()
        self.version_reader.close()

    def _find(self, key: Any) -> _Page | None:
        page: _Page | None = self._pages.get(key) or self._rare.get(key)
        return page

    def _find_current(self, key: Any) -> _Page | None:
        page = self._find(key)
        if page is None or time.time() >= page.until:
            return None
        row = self.version_reader.read_recent(page.article_id)
        return page if page.versions == select_versions(page.scope, row) else None

    def _make(self, key: Any, environ: Environ, start: Start) -> Iterable[bytes]:
        """Let the app answer, and cache the page if its view says what it depends on.

        The versions of all articles are read here, those of one by the first `memoise` or
        `read_versions` of its view: in either case before anything that the page shows.
        """
        environ[READ] = {0: (time.time(), self.version_reader.read(0))}
        answer, headers = FinishedAnswer.of(self.inner, environ)
        if not answer.is_public:
            start(answer.status_line, headers)
            return [answer.body]
        scope, article_id = environ.get(CACHED_SCOPE, (None, 0))
        at, row = environ[READ].get(article_id, (0.0, None))
        if scope is not None and row is not None:
            page = _Page(answer, scope, article_id, select_versions(scope, row) or (), at + LIFE)
            self._put(key, page, environ[IS_COMMON] and visitors.get_host(environ) in self._hosts)
        ident = next((value for name, value in headers if name == "X-Request-ID"), "-")
        return answer.send(environ, start, lambda _: ident)

    def _put(self, key: Any, page: _Page, is_common: bool) -> None:
        """Cache a page; TRUSTED_HOSTS may allow any subdomain, so host names can be made up too."""
        room, other = (self._pages, self._rare) if is_common else (self._rare, self._pages)
        room.put(key, page, _ENTRY + 2 * len(page.answer.body))
        other.drop(key)


def _send(page: _Page, environ: Environ, start: Start, began: float) -> Iterable[bytes]:
    """Send a page that the app did not see, and log the request."""
    log = partial(request_log.log_answered, environ, began=began)
    return page.answer.send(environ, start, log)
