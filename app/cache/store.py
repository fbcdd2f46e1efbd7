"""Values of this process by key, bounded in bytes."""

from collections.abc import Hashable
from operator import itemgetter
from threading import Lock
from typing import Any
from weakref import WeakSet

from cachetools import LRUCache


class Store:
    """Values of this process by key; those not asked for longest make room for new ones.

    `most` bounds the sum of the sizes given to `put`.
    """

    _all: WeakSet["Store"] = WeakSet()

    def __init__(self, most: int) -> None:
        self._most = most
        self._pairs: LRUCache[Hashable, tuple[Any, int]] = LRUCache(most, itemgetter(1))
        self._turn = Lock()
        self._all.add(self)

    def __len__(self) -> int:
        return len(self._pairs)

    def get(self, key: Hashable) -> Any:
        """Return the value of `key`, or None."""
        with self._turn:
            pair = self._pairs.get(key)
        return pair[0] if pair else None

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Hold `value`, which takes about `size` bytes, in place of what `key` had."""
        if size <= self._most:
            with self._turn:
                self._pairs[key] = value, size

    def drop(self, key: Hashable) -> None:
        """Forget the value of `key`, if there is one."""
        with self._turn:
            self._pairs.pop(key, None)

    @classmethod
    def clear_all(cls) -> None:
        """Empty every store, as in a process that has just started."""
        for store in list(cls._all):
            with store._turn:
                store._pairs.clear()
