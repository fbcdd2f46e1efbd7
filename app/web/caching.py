"""Who may keep an answer: anonymous pages everybody, the rest nobody. And what we keep."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

from flask import Flask, Response, request, session

from app.web import remembered
from app.web.htmx import is_htmx
from app.web.viewer import viewer

NO_STORE = "private, no-store"


def init_app(app: Flask) -> None:
    app.after_request(_cache)


def _cache(response: Response) -> Response:
    """An anonymous page is the same bytes for all and carries their ETag; a browser asks again
    each time and mostly hears 304. All else is for one person and is stored nowhere."""
    if "Cache-Control" in response.headers:
        return response
    response.vary.update(("Cookie", "HX-Request"))
    if _is_for_everybody(response):
        response.headers["Cache-Control"] = "public, no-cache"
        response.add_etag()
        return response.make_conditional(request)  # type: ignore[return-value]
    response.headers["Cache-Control"] = NO_STORE
    return response


def _is_for_everybody(response: Response) -> bool:
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or is_htmx():
        return False
    return not session and not remembered.is_asked() and not viewer().is_authenticated


class Store:
    """Values of this process by key, those asked for longest ago making room for new ones.

    A key says all that its value depends on, so nothing is ever thrown out for being old: what
    changed has another key. `most` bounds the sum of the sizes given to `put`.
    """

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._turn = Lock()

    def get(self, key: Hashable) -> Any:
        """The value of `key`, or None."""
        with self._turn:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep `value`, which takes about `size` bytes."""
        with self._turn:
            if key in self._kept or size > self._most:
                return
            self._kept[key] = (value, size)
            self._size += size
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        with self._turn:
            self._kept.clear()
            self._size = 0
