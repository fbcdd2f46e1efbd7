"""Finished pages in Redis, for all processes and machines of one site and release.

Everything here may fail and nothing is lost: without Redis each process makes its own pages.
The pages of a release take at most SLOTS times LARGEST bytes, for Redis counts the rate limits as
well, and must never have to drop those to make room.
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

# A page has one slot, by its key; two that have the same one take turns in it.
SLOTS = 2_048
LARGEST = 64 * 1024  # bytes of a page that is shared, compressed: 128 MB for all
_ANSWERS = 0.25  # seconds that Redis may take
_REST = 5.0  # seconds for which it is left alone when it did not
_CONNECTIONS = 16
_MAKING = 3.0  # seconds after which a process that makes a page is thought dead
_PATIENCE = 1.0  # seconds that others wait for it
_STEP = 0.005
# What pages show besides the database's rows.
_SHOWN = ("SITE_NAME", "SITE_URL", "CONTACT_EMAIL", "VOTES", "SQLALCHEMY_DATABASE_URI")


class RedisPages:
    """Pages by key in the Redis at `url`; without an address it keeps nothing."""

    def __init__(self, app: Flask, url: str) -> None:
        self._app = app
        self._prefix = f"botbeat:page:{_release(app)}:" if url else ""
        self._client: Any = redis.Redis(connection_pool=_make_pool(url)) if url else None
        self._rests_until = 0.0

    def get(self, key: Any) -> Page | None:
        """The page that a process kept under `key` (anything that `repr` tells apart)."""
        digest = _digest_key(key)
        kept = self._try(lambda client: client.get(self._slot(digest)))
        if not kept or not kept.startswith(digest):
            return None
        try:
            return Page.thawed(kept[len(digest) :], time.time())
        except (
            brotli.error,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
        ):  # not what `frozen` wrote
            return None

    def put(self, key: Any, page: Page, seconds: float) -> None:
        """Keep a page for so long in its slot, unless it is larger than LARGEST."""
        if self._client is None:
            return
        digest, life = _digest_key(key), int(seconds * 1_000)
        kept = digest + page.frozen()
        if life > 0 and len(kept) <= LARGEST:
            self._try(lambda client: client.set(self._slot(digest), kept, px=life))

    @contextmanager
    def turn(self, key: Any) -> Iterator[None]:
        """Wait while another process makes what `key` names, then keep the others waiting.

        Each turn has a token, so that one who took too long does not end the turn of the next.
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

    def _try(self, ask: Callable[[Any], Any]) -> Any:
        """The answer, or None from a Redis that is not there or does not keep up."""
        if self._client is None or time.monotonic() < self._rests_until:
            return None
        try:
            return ask(self._client)
        except redis.RedisError as error:
            self._rests_until = time.monotonic() + _REST
            self._app.logger.warning("pages are not shared, Redis does not answer: %s", error)
            return None


def _digest_key(key: Any) -> bytes:
    return hashlib.sha256(repr(key).encode()).digest()


def _release_lock(lock: Lock) -> None:
    with suppress(LockNotOwnedError):  # it lasted too long, and others went on
        lock.release()


def _make_pool(url: str) -> redis.ConnectionPool:
    return redis.BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_ANSWERS,
        socket_timeout=_ANSWERS,
        socket_connect_timeout=_ANSWERS,
        retry=Retry(NoBackoff(), 1),  # a connection may be of before Redis was started again
    )


def _release(app: Flask) -> str:
    """What tells apart processes that would draw the same rows otherwise, in 16 letters."""
    drawn = hashlib.sha256(repr([app.config[name] for name in _SHOWN]).encode())
    for folder, pattern in (
        ("app", "*.py"),
        ("templates", "*.*"),
        ("static/css", "*.css"),
        ("static/js", "*.js"),
    ):
        for path in sorted((ROOT / folder).rglob(pattern)):
            drawn.update(path.name.encode() + path.read_bytes())
    return drawn.hexdigest()[:16]
