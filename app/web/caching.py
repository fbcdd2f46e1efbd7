"""Who may keep an answer, and what is kept here: pages that are the same bytes for everybody.

A view says with `keep` that its page may be kept, and what it shows. `app.web.pagestore` stands
before the app and answers from what it holds as long as the numbers of `app.articles.versions`
are those of the moment in which the page was made. Nothing is ever thrown out for being wrong.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, request, session
from sqlalchemy.orm import Session

from app.cache.versions import Shows, of
from app.discussion import visitor_marks
from app.extensions import db
from app.web.htmx import is_htmx
from app.web.viewer import viewer

NO_STORE = "private, no-store"
# A browser asks again each time and mostly hears 304; what stands between may spare us the rest.
SHARED = "public, max-age=0, s-maxage=1, must-revalidate"
LIFE = 60.0  # seconds after which all is made again: it says `2 min ago`, and hides new scores
MARK = "botbeat.keep"  # where a view tells the layer before it, in the WSGI environment
COMMON = "botbeat.common"  # there too: whether many readers are given this address
_READ = "botbeat.numbers"  # there too: what this request has read of them


def init_app(app: Flask) -> None:
    app.after_request(_cache)


def keep(shows: Shows, article_id: int = 0, queries: Collection[str] = ()) -> None:
    """Let the store keep this answer while what it `shows` (of that article) stays the same.

    `queries` are the query strings, besides none, under which many readers are given this page.
    There are few of them for each thing that is published. All other addresses (anybody can
    make up as many as they like) share a room of their own and push out only each other.
    """
    request.environ[MARK] = (shows, article_id)
    query = request.query_string.decode("latin-1")
    request.environ[COMMON] = not query or query in queries


def unchanged(
    shows: Shows,
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
    values = _values if common else _rare
    asked = (shows, article_id)
    now, row = _numbers(article_id)
    figures = of(asked, row)
    known = values.get((asked, name))
    if known is not None and known[0] == figures and time.time() < known[1]:
        return known[2]
    with _session_of_its_own():
        value = make()
    if figures is not None:
        values.put((asked, name), (figures, now + LIFE, value), size)
    return value


def _numbers(article_id: int) -> tuple[float, Any]:
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
def _session_of_its_own() -> Iterator[None]:
    """Read on the same connection, but into a session that lets go of all its rows at the end."""
    outer = db.session()
    inner = Session(outer.connection(), autoflush=False)
    db.session.registry.set(inner)  # type: ignore[arg-type]
    try:
        yield
    finally:
        db.session.registry.set(outer)
        inner.close()


def forget() -> None:
    """Hold nothing in any `store`, as a process does that has just started."""
    for held in _stores:
        held.clear()


def _cache(response: Response) -> Response:
    """An anonymous page is the same bytes for all and carries their ETag. All else is for one
    person and is stored nowhere."""
    if "Cache-Control" in response.headers:
        return response
    response.vary.update(("Cookie", "HX-Request"))
    if _is_for_everybody(response):
        response.headers["Cache-Control"] = SHARED
        response.vary.add("Accept-Encoding")
        response.add_etag()
        return response.make_conditional(request)  # type: ignore[return-value]
    response.headers["Cache-Control"] = NO_STORE
    return response


def _is_for_everybody(response: Response) -> bool:
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or is_htmx():
        return False
    return not session and not visitor_marks.is_asked() and not viewer().is_authenticated


class Store:
    """Values of this process by key, those asked for longest ago making room for new ones.

    `most` bounds the sum of the sizes given to `put`.
    """

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._turn = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Any:
        """The value of `key`, or None."""
        with self._turn:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep `value`, which takes about `size` bytes, instead of what `key` had."""
        with self._turn:
            if size > self._most:
                return
            self._size -= self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (value, size)
            self._size += size
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1][1]

    def drop(self, key: Hashable) -> None:
        with self._turn:
            self._size -= self._kept.pop(key, (None, 0))[1]

    def clear(self) -> None:
        with self._turn:
            self._kept.clear()
            self._size = 0


_stores: list[Store] = []


def store(most: int) -> Store:
    """A store of this process of `most` bytes."""
    _stores.append(Store(most))
    return _stores[-1]


# What `unchanged` keeps.
_values = store(44 * 1024 * 1024)
_rare = store(20 * 1024 * 1024)
