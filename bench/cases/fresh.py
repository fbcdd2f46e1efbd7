"""S5: the first rendering of a page after a change, and what is asked for inside a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.cases.model import (
    LARGEST,
    SIZES,
    Headers,
    Results,
    Single,
    Target,
    Verdict,
)

if TYPE_CHECKING:
    from bench.stage import Stage

HTMX = {"HX-Request": "true"}
MOST = 10.0  # ms of CPU
_SEARCHED = ("latency", "careful reader", "benchmark", "safety card", "appendix", "margin of error")


def _article(_stage: Stage, slug: str, _number: int) -> tuple[str, Headers]:
    return f"/articles/{slug}", {}


def _more_replies(stage: Stage, slug: str, number: int) -> tuple[str, Headers]:
    """Further replies below the comments that have most of them."""
    busiest = stage.busiest(slug)
    parent, replies = busiest[number % len(busiest)]
    after = 3 + 20 * (number // len(busiest))
    return f"/c/{parent}/replies?after={after % max(1, replies)}&level=1", HTMX


def _next_threads(stage: Stage, slug: str, number: int) -> tuple[str, Headers]:
    """Return the threads after a cursor somewhere in the middle, in the oldest order."""
    place = stage.spread(slug, roots=True, number=number)
    return f"/articles/{slug}/comments?sort=oldest&after={place}", HTMX


def _permalink(stage: Stage, slug: str, number: int) -> tuple[str, Headers]:
    return f"/articles/{slug}?c={stage.spread(slug, roots=False, number=number)}", {}


def _search(_stage: Stage, slug: str, number: int) -> tuple[str, Headers]:
    words = _SEARCHED[number % len(_SEARCHED)].replace(" ", "+")
    return f"/articles/{slug}/search?q={words}", {}


CASES = [
    *(Single(f"changed-{size}", "S5", "first after a comment", size, _article) for size in SIZES),
    Single("replies", "S5", "show more replies", LARGEST, _more_replies),
    Single("threads", "S5", "next threads", LARGEST, _next_threads),
    Single("permalink", "S5", "permalink", LARGEST, _permalink),
    Single("search", "S5", "search inside", LARGEST, _search),
]


def _judge(results: Results) -> Verdict | None:
    costs = {case.key: results[case.key].of("cpu") for case in CASES if case.key in results}
    known = {key: cost for key, cost in costs.items() if cost is not None}
    if not known:
        return None
    worst = max(known, key=lambda key: known[key])
    return Verdict(f"at most {known[worst]:.1f} ms ({worst})", known[worst] <= MOST)


TARGETS = [Target("S5", "10 ms of CPU or less", _judge)]
