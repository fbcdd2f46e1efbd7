"""Values that several requests read, cached while the versions that they depend on are current."""

import time
from collections.abc import Callable, Hashable
from typing import Any

from flask import current_app, request

from app.cache.store import Store
from app.cache.versions import Scope, select_versions

LIFE = 60.0  # seconds that a value or page lasts: it says "2 min ago", and hides new scores
READ = "botbeat.numbers"  # the key of the WSGI environment for versions that were read already


def memoise(
    scope: Scope,
    article_id: int,
    name: Hashable,
    size: int,
    make: Callable[[], Any],
    common: bool = True,
) -> Any:
    """Return what `make` returned under `name` while the versions of `scope` stay the same.

    The value takes about `size` bytes and lasts LIFE seconds. Other requests read it too, so it has
    rows and no entities. In a request that writes, whatever `make` uses of earlier reads is part of
    `name`. Names that are not `common`, as readers choose them, evict only each other.
    """
    values, key = _common if common else _uncommon, (scope, article_id, name)
    now, row = read_versions(article_id)
    versions = select_versions(scope, row)
    cached = values.get(key)
    if cached is not None and cached[0] == versions and time.time() < cached[1]:
        return cached[2]
    value = make()
    if versions is not None:
        values.put(key, (versions, now + LIFE, value), size)
    return value


def read_versions(article_id: int) -> tuple[float, Any]:
    """Return the time (Unix) of reading the versions, and their row.

    A request that changes nothing reads them once, before all that it shows, so what it shows is
    at least as new as they are.
    """
    reader = current_app.extensions["pagestore"].version_reader
    if request.method not in ("GET", "HEAD"):
        return time.time(), reader.read(article_id)
    rows: dict[int, tuple[float, Any]] = request.environ.setdefault(READ, {})
    if article_id not in rows:
        rows[article_id] = time.time(), reader.read(article_id)
    return rows[article_id]


_common = Store(44 * 1024 * 1024)
_uncommon = Store(20 * 1024 * 1024)  # of names that readers make up
