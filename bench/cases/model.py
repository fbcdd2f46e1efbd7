"""The words that cases and their targets are written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.stage import Stage

SIZES = (100, 1_000, 10_000, 100_000)
QUICK_SIZES = (100, 1_000)
LARGEST = 0  # the largest thread of the generated site, as the size of a case
CONNECTIONS = 16

Headers = dict[str, str]


class Floor(StrEnum):
    """The thing that a case is compared with."""

    NONE = ""
    PAGE = "bare view, same bytes"
    TRANSACTION = "bare transaction"


@dataclass(frozen=True)
class Traffic:
    """Many requests at once, for the seconds of a round.

    `mix` says how many of a hundred are readings, polls, posts and votes. `path` is made from
    the article's slug and id and its last publish_seq. `size` is that of its thread, or `article`
    names one of those that are written to. `status` is what the answer to a reading must be.
    """

    key: str
    row: str
    what: str
    size: int = 1_000
    article: str = ""
    path: str = "/articles/{slug}"
    mix: dict[str, int] = field(default_factory=lambda: {"read": 100})
    headers: Headers = field(default_factory=dict)
    signed_in: bool = False
    revalidated: bool = False
    status: int = 200
    connections: int = CONNECTIONS
    longer: int = 1  # times the seconds of a round
    floor: Floor = Floor.PAGE
    nginx: bool = False


@dataclass(frozen=True)
class Single:
    """Single requests, each the first of its page after a comment was posted below it.

    `address` gives the path and headers of the request of that number.
    """

    key: str
    row: str
    what: str
    size: int
    address: Callable[[Stage, str, int], tuple[str, Headers]]
    changed: bool = True


@dataclass(frozen=True)
class Once:
    """Something done once, after the rounds; `run` returns what the table shows of it."""

    key: str
    row: str
    what: str
    run: Callable[[Stage], Sample]
    size: int = LARGEST


@dataclass(frozen=True)
class Sample:
    """One measurement: rates a second, times in ms, sizes in bytes; None where it has none."""

    rate: float | None = None
    cpu: float | None = None  # ms a request, user and system, of all processes that serve it
    p50: float | None = None
    p99: float | None = None
    bytes: float | None = None
    errors: int = 0
    more: dict[str, Any] = field(default_factory=dict)  # what only this case has


@dataclass
class Result:
    """All samples of a case, by what was measured (site, floor, nginx, a peer)."""

    case: Traffic | Single | Once
    size: int
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def add(self, target: str, sample: Sample) -> None:
        self.samples.setdefault(target, []).append(sample)

    def of(self, name: str, target: str = "site") -> float | None:
        """Return the median of a figure over the rounds."""
        found = [getattr(sample, name) for sample in self.samples.get(target, [])]
        values = [value for value in found if value is not None]
        if not values:
            return None
        return float(median(values))

    def spread(self, target: str = "site") -> float | None:
        """Half of the range of the CPU figures, as a share of their median."""
        values = [s.cpu for s in self.samples.get(target, []) if s.cpu is not None]
        middle = self.of("cpu", target)
        if not middle or len(values) < 2:
            return None
        return (max(values) - min(values)) / 2 / middle

    def errors(self, target: str = "site") -> int:
        return sum(sample.errors for sample in self.samples.get(target, []))

    def more(self, name: str) -> Any:
        found = [s.more[name] for s in self.samples.get("site", []) if name in s.more]
        return found[-1] if found else None

    def ratio(self, name: str = "cpu") -> float | None:
        """Return how much of the floor's speed the site keeps: 1 is as fast as the floor."""
        ours, floor = self.of(name), self.of(name, "floor")
        if not ours or not floor:
            return None
        return floor / ours if name == "cpu" else ours / floor


Results = dict[str, Result]


@dataclass(frozen=True)
class Verdict:
    """The outcome of a row in words, and whether it is what the row asks for."""

    found: str
    met: bool


@dataclass(frozen=True)
class Target:
    """A row of what the site must show; `judge` answers None when its cases did not run."""

    row: str
    wanted: str
    judge: Callable[[Results], Verdict | None]


def compared(results: Results, first: str, second: str, name: str = "cpu") -> float | None:
    """Return a figure of one case divided by that of another."""
    if first not in results or second not in results:
        return None
    above, under = results[first].of(name), results[second].of(name)
    return above / under if above is not None and under else None
