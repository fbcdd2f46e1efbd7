"""S7 to S9: posting, voting, and all at once on one hot article.

A closed loop says what an act costs and whether all get their turn; how long people wait is told
by arrivals at a fixed rate.
"""

from __future__ import annotations

from bench.cases.model import (
    TIME,
    Arrivals,
    Floor,
    Result,
    Results,
    Target,
    Traffic,
    Verdict,
    at_most,
    tail,
)

WRITERS = (1, 16)
POSTS, VOTES = 60, 100  # a second, each alone
TOGETHER = {"read": 1_500, "post": 10, "vote": 50}  # a second, all at once

CASES: list[Traffic | Arrivals] = [
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
    Arrivals("posts", "S7", f"{POSTS} posts a second", {"post": POSTS}, "post", "writing"),
    Arrivals("votes", "S8", f"{VOTES} votes a second", {"vote": VOTES}, "vote", "writing"),
    Traffic(
        *("mixed", "S9", "95 % read, 4 % poll, 1 % write"),
        article="hot",
        mix={"read": 190, "poll": 8, "post": 1, "vote": 1},
        floor=Floor.NONE,
    ),
    Arrivals(
        *("together", "S9", "readers, at a fixed rate of all"), TOGETHER, "read", article="hot"
    ),
]


def _late(result: Result) -> float | None:
    return result.of("p99")


def _even(results: Results) -> Verdict | None:
    """Judge how much longer than most the slowest wait, in every closed loop."""
    loops = {key: r for key, r in results.items() if isinstance(r.case, Traffic)}
    verdict = at_most(3, "times", tail, "")(loops)
    if verdict is None:
        return None
    over = sorted(key for key, r in loops.items() if (tail(r) or 0) > 3)
    return Verdict(verdict.found + (f"; over it: {', '.join(over)}" if over else ""), verdict.met)


def list_targets(engine: str) -> list[Target]:
    """Return the goals of writing, and the one of all closed loops."""
    time = TIME[engine]
    targets = [
        Target(
            "S9",
            f"readers' p99 at most {30 * time} ms",
            at_most(30 * time, "ms", _late, "together"),
        ),
        Target("all", "p99 at most 3 times p50 in every closed loop", _even),
    ]
    for row, kind, units, rate, most in (
        ("S7", "post", 5, POSTS, 80 * time),
        ("S8", "vote", 2.5, VOTES, 25 * time),
    ):
        targets += [
            Target(
                row, f"a {kind} at most {units} T", at_most(units, "T", Result.units, f"{kind}-")
            ),
            Target(
                *(row, f"p99 at most {most} ms at {rate} a second"),
                at_most(most, "ms", _late, f"{kind}s"),
            ),
            Target(
                *(row, "p99 at most twice p50 with 16 writers"),
                at_most(2, "times", tail, f"{kind}-16"),
            ),
        ]
    return targets
