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
# PostgreSQL is held to the same list, and to twice the time where no figure of its own is given.
TIME = {"sqlite": 1, "postgresql": 2}

Headers = dict[str, str]


class Floor(StrEnum):
    """The thing that a case is compared with."""

    NONE = ""
    PAGE = "bare view, same bytes"
    TRANSACTION = "bare transaction"
    ENGINE = "the engine's own part, by a bare query"


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

    `address` gives the path and headers of the request of that number. `bare` makes what the
    engine does for that request, to be called alone where it is the floor.
    """

    key: str
    row: str
    what: str
    size: int
    address: Callable[[Stage, str, int], tuple[str, Headers]]
    floor: Floor = Floor.PAGE
    bare: Callable[[Stage, str, int], Callable[[], object]] | None = None


@dataclass(frozen=True)
class Arrivals:
    """Requests at a fixed rate, due by chance; times count from when a request was due.

    `rates` says how many of each kind come a second, for `seconds`; the table shows `shown`.
    """

    key: str
    row: str
    what: str
    rates: dict[str, int]
    shown: str
    article: str
    size: int = 1_000
    seconds: int = 10


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

    case: Traffic | Single | Arrivals | Once
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

    def mean(self, name: str, target: str = "site") -> float | None:
        """Return the mean of what only this case has, over all of its samples."""
        found = [s.more[name] for s in self.samples.get(target, []) if name in s.more]
        return sum(found) / len(found) if found else None

    def units(self) -> float | None:
        """Return the CPU as a multiple of the floor's: of B, the bare view, or T."""
        ours, floor = self.of("cpu"), self.of("cpu", "floor")
        return ours / floor if ours and floor else None

    def each(self, target: str = "site") -> float | None:
        """Return the us of CPU for each comment that an answer shows."""
        spent, shown = self.of("cpu", target), self.mean("comments", target)
        return spent / shown * 1000 if spent and shown else None

    def ratio(self, name: str = "cpu") -> float | None:
        """Return how much of the floor's speed the site keeps: 1 is as fast as the floor."""
        ours, floor = self.of(name), self.of(name, "floor")
        if not ours or not floor:
            return None
        return floor / ours if name == "cpu" else ours / floor


Results = dict[str, Result]


@dataclass(frozen=True)
class Verdict:
    """The outcome of a goal in words, and whether it is met; None where there is no goal."""

    found: str
    met: bool | None


@dataclass(frozen=True)
class Target:
    """A goal of a row; `judge` answers None when its cases did not run."""

    row: str
    wanted: str
    judge: Callable[[Results], Verdict | None]


Judge = Callable[[Results], Verdict | None]


def at_most(
    most: float, unit: str, measure: Callable[[Result], float | None], *keys: str, least: int = 0
) -> Judge:
    """Judge the worst of the cases whose keys begin with one of `keys`, which may have no errors.

    Smaller threads than `least` do not count.
    """

    def judge(results: Results) -> Verdict | None:
        mine = {k: r for k, r in results.items() if k.startswith(keys) and r.size >= least}
        if not mine:
            return None
        figures = {key: figure for key, r in mine.items() if (figure := measure(r)) is not None}
        if silent := sorted(mine.keys() - figures.keys()):
            return Verdict(f"no figure of {', '.join(silent)}", False)
        worst = max(figures, key=lambda key: figures[key])
        errors = sum(result.errors() for result in mine.values())
        found = figures[worst]
        words = f"{found:,.0f}" if found >= 100 else f"{found:.3g}"
        words += f" {unit}" + f" ({worst})" * (len(figures) > 1)
        words += f"; {errors} errors" * bool(errors)
        return Verdict(words, found <= most and not errors)

    return judge


def tail(result: Result) -> float | None:
    """Return how many times the median the slowest hundredth waits."""
    middle, late = result.of("p50"), result.of("p99")
    return late / middle if middle and late else None
