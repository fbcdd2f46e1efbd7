"""Requests that come at a fixed rate, whatever becomes of those before them.

`python -m bench.arrivals FILE` is a process of its own, so that it takes no turn of the
benchmark's; FILE is a plan (see `Order`), and the figures go to standard output as JSON.

wrk asks again when it has its answer, so a server that stops for a moment is asked less in it
and looks better than its readers find it. Here requests come by chance, as they do to a site (a
Poisson process: the gaps are exponential), from a seed; and the time of each counts from when it
was due, not from when a connection was free to send it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

LINES = 400  # connections at most; who comes when all are taken waits, and that counts
PATIENCE = 20  # seconds after which a request has failed
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Order:
    """What to send: `plan` holds the fields of `wrk.Plan`, `rates` each kind's a second."""

    port: int
    rates: dict[str, float]
    seconds: float
    seed: int
    plan: dict[str, Any]


@dataclass
class Answers:
    """The answers to one kind of request: their times in ms, and how many failed."""

    times: list[float] = field(default_factory=list)
    errors: int = 0

    def summarise(self) -> dict[str, float]:
        """Return what the table shows; a failed one has a time as well."""
        return {
            "requests": len(self.times), "errors": self.errors,
            "p50": percentile(self.times, 0.5), "p99": percentile(self.times, 0.99),
            "longest": max(self.times, default=0.0),
        }  # fmt: skip


# -- arithmetic ----------------------------------------------------------------------------------


def percentile(values: Iterable[float], share: float) -> float:
    """Return the least value that at least `share` of all do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(1, ceil(share * len(ordered))) - 1] if ordered else 0.0


def draw_times(rate: float, seconds: float, chance: Random) -> list[float]:
    """Return the moments within `seconds` at which `rate` requests a second are due."""
    times: list[float] = []
    moment = chance.expovariate(rate)
    while moment < seconds:
        times.append(moment)
        moment += chance.expovariate(rate)
    return times


def schedule(rates: Mapping[str, float], seconds: float, seed: int) -> list[tuple[float, str]]:
    """Return when a request of each kind is due, in order.

    A kind's moments are the same whatever else is asked for.
    """
    return sorted(
        (moment, kind)
        for kind, rate in rates.items()
        for moment in draw_times(rate, seconds, Random(f"{seed} {kind}"))
    )


# -- requests ------------------------------------------------------------------------------------


def write_request(plan: Mapping[str, Any], kind: str, count: int) -> bytes:
    """Return the request of that count, as lua/load.lua writes it."""
    number = plan["offset"] + count
    if kind in ("read", "poll"):
        paths, readers = plan[kind], plan["readers"]
        headers = dict(plan["headers"])
        if kind == "read" and readers:
            headers["Cookie"] = readers[number % len(readers)]["cookie"]
        return _join("GET", paths[number % len(paths)], headers, "")
    writers = plan["writers"]
    if kind == "post":
        who, path = number % len(writers), plan["post"]
        text = plan["texts"][number % len(plan["texts"])]
        body = f"nudged=1&submission={plan['seed']}-{number}&body={text}%20{plan['seed']}{number}"
        if number % 3:
            body += f"&parent_id={plan['parents'][number % len(plan['parents'])]}"
    else:
        place = number % len(plan["comments"])
        who = (number // len(plan["comments"]) + place) % len(writers)
        if who + 1 == plan["authors"][place]:  # nobody votes on their own
            who = (who + 1) % len(writers)
        path = plan["vote"].replace("ID", str(plan["comments"][place]))
        body = f"value={-1 if number % 4 == 0 else 1}"
    headers = plan["headers"] | {
        "Cookie": writers[who]["cookie"], "HX-Request": "true",
        "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    return _join("POST", path, headers, f"csrf_token={writers[who]['token']}&{body}")


def _join(method: str, path: str, headers: Mapping[str, str], body: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body.encode())}")
    return "\r\n".join([*lines, "", body]).encode()


# -- sending -------------------------------------------------------------------------------------


class Line(asyncio.Protocol):
    """A connection that is kept, with one request on its way at most."""

    def __init__(self) -> None:
        self.used = self.lost = False
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def ask(self, request: bytes) -> asyncio.Future[int]:
        """Send a request; the status comes when all of the answer is there."""
        self._answer = asyncio.get_running_loop().create_future()
        self._head, self._left, self._status, self._closes = b"", -1, 0, False
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            head, end, body = self._head.partition(HEAD_END)
            if not end:
                return
            first, *lines = head.decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in lines)
            told = {name.lower(): value.strip() for name, _, value in pairs}
            self._status = int(first.split()[1])
            self._left = int(told.get("content-length", 0))
            self._closes = told.get("connection", "").lower() == "close"
            data = body
        self._left -= len(data)
        if self._left <= 0 and self._answer and not self._answer.done():
            self.used, self.lost = True, self._closes
            self._answer.set_result(self._status)

    def connection_lost(self, reason: Exception | None) -> None:
        self.lost = True
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    @property
    def is_untouched(self) -> bool:
        """Return whether the server closed it before it answered anything to this request."""
        return self.used and self.lost and not self._head


class Client:
    """Sends each request when it is due, on a connection that is free or a new one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[Line] = []
        self._room = asyncio.Semaphore(LINES)
        self.answers: dict[str, Answers] = {}
        self.delays: list[float] = []  # ms by which this process itself was late

    async def run(self, requests: Sequence[tuple[float, str, bytes]]) -> None:
        """Send all of `requests`: when each is due, its kind, its bytes."""
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), []
        for moment, kind, request in requests:
            due = began + moment
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.delays.append((loop.time() - due) * 1000)
            sent.append(asyncio.create_task(self._send(due, kind, request)))
        await asyncio.gather(*sent)

    def close(self) -> None:
        """Close the connections that are left."""
        for line in self._free:
            line.transport.close()

    async def _send(self, due: float, kind: str, request: bytes) -> None:
        answers = self.answers.setdefault(kind, Answers())
        try:
            async with asyncio.timeout(PATIENCE), self._room:
                status = await self._ask(request)
        except (OSError, TimeoutError):
            status = 0
        answers.times.append((asyncio.get_running_loop().time() - due) * 1000)
        answers.errors += status != 200

    async def _ask(self, request: bytes) -> int:
        while True:
            line = self._take() or await self._open()
            try:
                status = await line.ask(request)
            except ConnectionResetError:
                if line.is_untouched:  # closed for its idleness just now: nobody read the request
                    continue
                raise
            except asyncio.CancelledError:  # an answer that comes now would be taken for the next
                line.transport.abort()
                raise
            if line.lost:
                line.transport.close()
            else:
                self._free.append(line)
            return status

    def _take(self) -> Line | None:
        while self._free:
            line = self._free.pop()
            if not line.lost:
                return line
        return None

    async def _open(self) -> Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(Line, "127.0.0.1", self._port)
        return line


async def send(order: Order) -> dict[str, Any]:
    """Carry out an order; return the figures of each kind, and how late this process was."""
    requests = [
        (moment, kind, write_request(order.plan, kind, count))
        for count, (moment, kind) in enumerate(schedule(order.rates, order.seconds, order.seed))
    ]
    client = Client(order.port)
    await client.run(requests)
    client.close()
    kinds = {kind: answers.summarise() for kind, answers in client.answers.items()}
    return {"kinds": kinds, "late": percentile(client.delays, 0.99)}


def main(file: str) -> None:
    """Carry out the order of a file, without a collector of garbage that would make it late."""
    order = Order(**json.loads(Path(file).read_text()))
    gc.disable()
    print(json.dumps(asyncio.run(send(order))))


if __name__ == "__main__":
    main(sys.argv[1])
