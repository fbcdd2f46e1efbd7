"""Finished pages in Redis, for all processes and machines of one site and release.

Redis may fail at any time: then each process makes its own pages. The pages of a release take at
most SLOTS times LARGEST bytes, for Redis also counts the rate limits and must never evict those.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import brotli
import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.exceptions import LockNotOwnedError
from redis.lock import Lock
from redis.retry import Retry

from app.cache.page import Page
from app.config import ROOT

# The key of a page decides its slot; two pages with the same slot replace each other.
SLOTS = 2_048
LARGEST = 64 * 1024  # bytes of a page that is shared, compressed: 128 MB for all
_TIMEOUT = 0.25  # seconds that Redis may take
_REST = 5.0  # seconds for which Redis is not used after a failure
_CONNECTIONS = 16
_MAKING = 3.0  # seconds after which a process that makes a page counts as dead
_PATIENCE = 1.0  # seconds that others wait for it
_STEP = 0.005  # seconds between two looks at the lock
# The settings that pages depend on.
_SETTINGS = ("SITE_NAME", "SITE_URL", "CONTACT_EMAIL", "VOTES", "SQLALCHEMY_DATABASE_URI")


class RedisPages:
    """Pages by key in the Redis at `url`; without a URL it stores nothing."""

    def __init__(self, app: Flask, url: str) -> None:
        self._app = app
        self._prefix = f"botbeat:page:{_release(app)}:" if url else ""
        self._client: Any = redis.Redis(connection_pool=_make_pool(url)) if url else None
        self._rests_until = 0.0

    def get(self, key: Any) -> Page | None:
        """Return the page that a process stored under `key` (anything with a unique `repr`)."""
        digest = _digest_key(key)
        stored = self._try(lambda client: client.get(self._slot(digest)))
        if not stored or not stored.startswith(digest):
            return None
        try:
            return Page.thaw(stored[len(digest) :], time.time())
        except (
            brotli.error,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
        ):  # not what `freeze` wrote
            return None

    def put(self, key: Any, page: Page, seconds: float) -> None:
        """Store a page for so many seconds, unless it is larger than LARGEST."""
        if self._client is None:
            return
        digest, life = _digest_key(key), int(seconds * 1_000)
        stored = digest + page.freeze()
        if life > 0 and len(stored) <= LARGEST:
            self._try(lambda client: client.set(self._slot(digest), stored, px=life))

    @contextmanager
    def turn(self, key: Any) -> Iterator[None]:
        """Wait while another process makes the page of `key`, then let the others wait.

        The lock has a token, so that a process that took too long does not end the next one's turn.
        """
        lock = self._client and self._client.lock(
            f"{self._prefix}turn:{_digest_key(key).hex()}",
            timeout=_MAKING,
            sleep=_STEP,
            blocking_timeout=_PATIENCE,
        )
        is_ours = self._try(lambda _: lock.acquire())
        try:
            yield
        finally:
            if is_ours:
                self._try(lambda _: _release_lock(lock))

    def _slot(self, digest: bytes) -> str:
        return f"{self._prefix}{int.from_bytes(digest) % SLOTS}"

    def _try(self, command: Callable[[Any], Any]) -> Any:
        """Return what `command` returns, or None when Redis is absent, fails or is too slow."""
        if self._client is None or time.monotonic() < self._rests_until:
            return None
        try:
            return command(self._client)
        except redis.RedisError as error:
            self._rests_until = time.monotonic() + _REST
            self._app.logger.warning("pages are not shared, Redis does not answer: %s", error)
            return None


def _digest_key(key: Any) -> bytes:
    return hashlib.sha256(repr(key).encode()).digest()


def _release_lock(lock: Lock) -> None:
    with suppress(LockNotOwnedError):  # it took too long, and the lock has expired
        lock.release()


def _make_pool(url: str) -> redis.ConnectionPool:
    return redis.BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_TIMEOUT,
        socket_timeout=_TIMEOUT,
        socket_connect_timeout=_TIMEOUT,
        retry=Retry(NoBackoff(), 1),  # a pooled connection may be older than a restart of Redis
    )


def _release(app: Flask) -> str:
    """Return a digest of the code, templates and settings, so that releases share no pages."""
    digest = hashlib.sha256(repr([app.config[name] for name in _SETTINGS]).encode())
    for folder, pattern in (
        ("app", "*.py"),
        ("templates", "*.*"),
        ("static/css", "*.css"),
        ("static/js", "*.js"),
    ):
        for path in sorted((ROOT / folder).rglob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
