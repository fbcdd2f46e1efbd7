"""S7 to S9: posting, voting, and all at once on one hot article."""

from __future__ import annotations

from collections.abc import Callable

from bench.cases.model import Floor, Results, Target, Traffic, Verdict, compared

WRITERS = (1, 16)
P99 = 250.0  # ms
TIMES = 4.0  # the CPU of the bare transaction
READS = 0.95

CASES = [
    *(
        Traffic(
            *(f"{kind}-{writers}", row, f"{kind}, {writers} at a time"),
            article="writing",
            mix={kind: 100},
            connections=writers,
            longer=2,
            floor=Floor.TRANSACTION,
        )
        for kind, row in (("post", "S7"), ("vote", "S8"))
        for writers in WRITERS
    ),
    Traffic(
        *("mixed", "S9", "95 % read, 4 % poll, 1 % write"),
        article="hot",
        mix={"read": 190, "poll": 8, "post": 1, "vote": 1},
        floor=Floor.NONE,
    ),
]


def _writes(kind: str) -> Callable[[Results], Verdict | None]:
    def judge(results: Results) -> Verdict | None:
        if any(f"{kind}-{writers}" not in results for writers in WRITERS):
            return None
        mine = [results[f"{kind}-{writers}"] for writers in WRITERS]
        errors, late = sum(result.errors() for result in mine), mine[-1].of("p99") or 0.0
        kept = [share for result in mine if (share := result.ratio())]
        if not kept:
            return None
        times = 1 / min(kept)
        words = f"{errors} errors; p99 {late:.0f} ms; {times:.1f} times the bare transaction"
        return Verdict(words, errors == 0 and late < P99 and times <= TIMES)

    return judge


def _mixed(results: Results) -> Verdict | None:
    """Compare reads a second within the mixture with reads alone: a matter of throughput."""
    share = compared(results, "mixed", "anonymous-1000", "rate")
    if share is None:
        return None
    errors = results["mixed"].errors()
    cost = compared(results, "anonymous-1000", "mixed") or 0.0
    words = f"{share * READS:.2f} by req/s; {cost:.2f} by CPU a request; {errors} errors"
    return Verdict(words, share * READS >= 0.6 and errors == 0)


_WANTED = "0 errors, p99 under 250 ms at 16, at most 4 times the bare transaction's CPU"
TARGETS = [
    Target("S7", _WANTED, _writes("post")),
    Target("S8", _WANTED, _writes("vote")),
    Target("S9", "reads keep 0.6 of S1", _mixed),
]
