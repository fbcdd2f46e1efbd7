"""Values of this process by key, bounded in bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any


def clear_all() -> None:
    """Hold nothing in any `make_store`, as a process does that has just started."""
    for held in _stores:
        held.clear()


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


def make_store(most: int) -> Store:
    """A store of this process of `most` bytes."""
    _stores.append(Store(most))
    return _stores[-1]
