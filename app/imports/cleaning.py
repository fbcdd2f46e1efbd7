"""Cleaning the texts of an import, in several processes where there are enough of them.

The parser, bleach and nh3 read every text whole, which is most of what an import costs. Cleaning
asks no database and no clock, so it can be done anywhere.
"""

import os
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

from app import text
from app.comments.models import make_columns, make_columns_of_html
from app.errors import Conflict
from app.search.models import make_indexed

# With fewer comments the processes take longer to start than they save.
SHARED_FROM = 5_000
# Reading and storing takes a quarter of the time, so more would wait for their turn.
_PROCESSES_MAX = 4

_SPAWN = get_context("spawn")  # the others would copy this process with its connections
Batch = TypeVar("Batch")


class Source(NamedTuple):
    """A text as it stands in a file, with the article that it will stand below."""

    article_id: int
    text: str
    is_html: bool


class Cleaned(NamedTuple):
    """A cleaned text as it is stored: the columns of its comment, and its words for the index."""

    columns: dict[str, Any]
    words: str


def count_processes(texts: int) -> int:
    """Return in how many further processes so many texts are best cleaned; 0 is in this one."""
    cores = len(os.sched_getaffinity(0))
    return min(cores, _PROCESSES_MAX) if texts >= SHARED_FROM and cores > 1 else 0


def clean(sources: Sequence[Source]) -> list[Cleaned]:
    """Return each text cleaned."""
    return [_clean(source) for source in sources]


def _clean(source: Source) -> Cleaned:
    if source.is_html:
        columns = make_columns_of_html(source.text)
    else:
        columns = make_columns(source.text[: text.SOURCE_MAX])
    return Cleaned(columns, make_indexed(source.article_id, columns["plain"]))


def clean_batches(
    batches: Iterable[tuple[Batch, list[Source]]], processes: int
) -> Generator[tuple[Batch, list[Cleaned]]]:
    """Yield every batch with its texts cleaned, in order; close it to end the processes.

    Each of the `processes` has one batch, and no more are read ahead. Raises Conflict when one of
    them is ended by somebody else.
    """
    if not processes:
        for batch, sources in batches:
            yield batch, clean(sources)
        return
    pool = _start(processes)
    free, busy = deque(pool), deque[tuple[_Process, Batch]]()
    try:
        for batch, sources in batches:
            done = None
            if not free:
                process, earlier = busy.popleft()
                done = earlier, process.receive()
                free.append(process)
            process = free.popleft()
            process.send(sources)
            busy.append((process, batch))
            if done:  # stored only now, when the process has something to do meanwhile
                yield done
        for process, batch in busy:
            yield batch, process.receive()
    finally:
        for process in pool:
            process.end()


class _Process:
    """A process that cleans; it ends with this one, whatever ends this one."""

    def __init__(self) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()  # so that either side is told when the other one is gone

    def send(self, sources: list[Source]) -> None:
        with _explain_end():
            self._pipe.send(sources)

    def receive(self) -> list[Cleaned]:
        with _explain_end():
            cleaned: list[Cleaned] = self._pipe.recv()
        return cleaned

    def end(self) -> None:
        self._pipe.close()
        self._process.terminate()
        self._process.join()


def _start(number: int) -> list[_Process]:
    """Start processes that leave Ctrl-C to this one."""
    resource_tracker.ensure_running()  # it would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return [_Process() for _ in range(number)]
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    """Clean what comes in until the other side is gone."""
    with suppress(EOFError, OSError):
        while True:
            pipe.send(clean(pipe.recv()))


@contextmanager
def _explain_end() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError):
        raise Conflict(
            "A process that cleaned texts was ended. Import the file again: it goes on from here."
        ) from None
