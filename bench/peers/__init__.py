"""Other comment systems with the same thread, one module each (see isso.py).

A module has `VERSION` and a context manager `serve(cache, folder, thread)`, which installs
the program below `cache` once, loads `thread` into a fresh instance below `folder`, and yields
what is asked of the running server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bench.servers import Server


@dataclass(frozen=True)
class Said:
    """One comment of the thread that a peer is loaded with; `root` begins its thread."""

    id: int
    parent: int | None
    root: int | None
    author: str
    at: datetime
    source: str  # Markdown


@dataclass(frozen=True)
class Serving:
    """A running peer: the path of the whole thread, and how to post below it.

    `count` tells how many comments an answer holds, `write` makes the headers and body of a post.
    """

    server: Server
    path: str
    count: Callable[[bytes], int]
    post: str
    write: Callable[[str], tuple[dict[str, str], bytes]]


class Peer(Protocol):
    """The interface of a peer's module."""

    VERSION: str

    def serve(
        self, cache: Path, folder: Path, thread: Sequence[Said]
    ) -> AbstractContextManager[Serving]: ...
