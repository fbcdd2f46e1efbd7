"""Values of this process by key, bounded in bytes."""

from collections.abc import Hashable
from threading import Lock
from typing import Any

from cachetools import LRUCache


class Store:
    """Values of this process by key; those not asked for longest make room for new ones.

    `most` bounds the sum of the sizes given to `put`.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pairs: LRUCache[Hashable, tuple[Any, int]] = LRUCache(most, lambda pair: pair[1])
        self._turn = Lock()

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

    def clear(self) -> None:
        """Forget all values."""
        with self._turn:
            self._pairs.clear()


_stores: list[Store] = []


def make_store(most: int) -> Store:
    """Return a new store of this process of `most` bytes."""
    _stores.append(Store(most))
    return _stores[-1]


def clear_all() -> None:
    """Empty every store, as in a process that has just started."""
    for store in _stores:
        store.clear()
