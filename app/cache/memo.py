"""What several requests read, kept while the numbers that it depends on stay the same."""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, request
from sqlalchemy.orm import Session

from app.cache.http import _uncommon
from app.cache.store import make_store
from app.cache.versions import Scope, select_versions
from app.db.base import db

LIFE = 60.0  # seconds after which all is made again: it says `2 min ago`, and hides new scores
_READ = "botbeat.numbers"  # there too: what this request has read of them


def memoise(
    shows: Scope,
    article_id: int,
    name: Hashable,
    size: int,
    make: Callable[[], Any],
    common: bool = True,
) -> Any:
    """What `make` returned under `name`, while what it `shows` (of that article) is the same.

    It takes about `size` bytes at most, and is asked anew after LIFE seconds. Rows that it
    reads belong to no session afterwards, for other requests will read them: what was loaded of
    them stays, whatever becomes of them.
    What `make` uses of an earlier reading in a request that writes must be part of `name`.
    `common` says that there are few such names for each thing that is published; others, which
    readers choose, share a room of their own and push out only each other.
    """
    values = _common if common else _uncommon
    asked = (shows, article_id)
    now, row = _read_versions(article_id)
    figures = select_versions(asked, row)
    known = values.get((asked, name))
    if known is not None and known[0] == figures and time.time() < known[1]:
        return known[2]
    with _open_own_session():
        value = make()
    if figures is not None:
        values.put((asked, name), (figures, now + LIFE, value), size)
    return value


def _read_versions(article_id: int) -> tuple[float, Any]:
    """When the numbers were read (Unix time), and they. A request that changes nothing reads them
    once, before all that it shows, which is then at least as new as they are."""
    numbers = current_app.extensions["pagestore"].numbers
    if request.method not in ("GET", "HEAD"):
        return time.time(), numbers.row(article_id)
    read: dict[int, tuple[float, Any]] = request.environ.setdefault(_READ, {})
    if article_id not in read:
        read[article_id] = time.time(), numbers.row(article_id)
    return read[article_id]


@contextmanager
def _open_own_session() -> Iterator[None]:
    """Read on the same connection, but into a session that lets go of all its rows at the end."""
    outer = db.session()
    inner = Session(outer.connection(), autoflush=False)
    db.session.registry.set(inner)  # type: ignore[arg-type]
    try:
        yield
    finally:
        db.session.registry.set(outer)
        inner.close()


# What `memoise` keeps.
_common = make_store(44 * 1024 * 1024)
