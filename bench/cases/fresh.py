"""S5: the first rendering of a page after a change, and what is asked for inside a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.cases.model import (
    LARGEST,
    SIZES,
    Floor,
    Headers,
    Result,
    Single,
    Target,
    at_most,
)

if TYPE_CHECKING:
    from bench.stage import Stage

HTMX = {"HX-Request": "true"}
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


def _ranking(stage: Stage, slug: str, number: int) -> Callable[[], object]:
    """Make the search's own statements, to be asked of the engine through its bare driver."""
    return stage.record_search(slug, _SEARCHED[number % len(_SEARCHED)])


CASES = [
    *(Single(f"changed-{size}", "S5", "first after a comment", size, _article) for size in SIZES),
    Single("replies", "S5", "show more replies", LARGEST, _more_replies),
    Single("threads", "S5", "next threads", LARGEST, _next_threads),
    Single("permalink", "S5", "permalink", LARGEST, _permalink),
    Single("search", "S5", "search inside", LARGEST, _search, Floor.ENGINE, _ranking),
]


def _share(result: Result) -> float | None:
    """Return the multiple of B that each comment shown costs."""
    units, shown = result.units(), result.mean("comments")
    return units / shown if units and shown else None


def list_targets(_engine: str) -> list[Target]:
    """Return the goals of what is drawn for the first time, or for one reader."""
    return [
        Target("S5", "first page at most 20 B", at_most(20, "B", Result.units, "changed-")),
        Target(
            *("S5", "further replies and next threads at most 0.25 B a comment"),
            at_most(0.25, "B a comment", _share, "replies", "threads"),
        ),
        Target("S5", "permalink at most 14 B", at_most(14, "B", Result.units, "permalink")),
        Target(
            *("S5", "search at most twice the engine's own ranking"),
            at_most(2, "times", Result.units, "search"),
        ),
    ]
