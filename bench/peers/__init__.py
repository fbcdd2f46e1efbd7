"""Other comment systems with the same thread, one module each (see isso.py).

A module has `VERSION` and a context manager `serve(cache, folder, thread)`, which installs
the program below `cache` once, loads `thread` into a fresh instance below `folder`, and yields
the running server with the path that brings the whole thread.
"""

from __future__ import annotations

from collections.abc import Sequence
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


class Peer(Protocol):
    """The interface of a peer's module."""

    VERSION: str

    def serve(
        self, cache: Path, folder: Path, thread: Sequence[Said]
    ) -> AbstractContextManager[tuple[Server, str]]: ...
