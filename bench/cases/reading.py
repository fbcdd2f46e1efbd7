"""S1 to S4 and S6: reading, signed out and in, at every size of thread."""

from __future__ import annotations

from bench.cases.model import (
    SIZES,
    TIME,
    Judge,
    Result,
    Results,
    Target,
    Traffic,
    Verdict,
    at_most,
)

CASES = [
    *(
        Traffic(
            *(f"anonymous-{size}", "S1" if size == 1_000 else "S3", "signed out", size),
            nginx=True,
        )
        for size in SIZES
    ),
    Traffic("brotli", "S2", "signed out, brotli", headers={"Accept-Encoding": "br, gzip"}),
    Traffic("revalidated", "S2", "signed out, revalidated (304)", revalidated=True, status=304),
    *(Traffic(f"member-{size}", "S4", "signed in", size, signed_in=True) for size in SIZES),
    Traffic(
        *("poll", "S6", "poll, nothing new"),
        path="/articles/{id}/new?since={publish_seq}",
        revalidated=True,
        status=304,
    ),
]


def keeps(least: float, *keys: str) -> Judge:
    """Judge cases by the share of the bare view's speed that they keep, in CPU a request.

    By requests a second the same is told beside it: with other work on the machine that is
    too noisy to decide anything.
    """

    def judge(results: Results) -> Verdict | None:
        words, shares, errors = [], [], 0
        for key in keys:
            share = results[key].ratio() if key in results else None
            if share is None:
                return None
            words.append(f"{key} {share:.2f} ({results[key].ratio('rate') or 0:.2f} by req/s)")
            shares.append(share)
            errors += results[key].errors()
        words += [f"{errors} errors"] * bool(errors)
        return Verdict("; ".join(words), min(shares) >= least and not errors)

    return judge


def _brotli(results: Results) -> Verdict | None:
    verdict = keeps(0.8, "brotli", "revalidated")(results)
    if verdict is None or results["brotli"].more("encoding") == "br":
        return verdict
    return Verdict(f"{verdict.found}; brotli is not offered", False)


def ends(results: Results, kind: str) -> tuple[Result, Result] | None:
    """Return the results of a kind at the smallest and at the largest size that ran."""
    found = sorted(
        (result for key, result in results.items() if key.startswith(f"{kind}-")),
        key=lambda result: result.size,
    )
    found = [result for result in found if result.of("cpu")]
    return (found[0], found[-1]) if len(found) > 1 else None


def _growth(results: Results, kind: str, smallest: int) -> float | None:
    """Return the CPU at the largest size and at `smallest`, the greater by the less."""
    among = {key: r for key, r in results.items() if r.size >= smallest}
    found = ends(among, kind)
    if found is None:
        return None
    first, last = (result.of("cpu") or 0.0 for result in found)
    return max(first, last) / min(first, last)


def _flat(results: Results) -> Verdict | None:
    growth, found = _growth(results, "anonymous", 0), ends(results, "anonymous")
    if growth is None or found is None:
        return None
    return Verdict(f"{growth:.2f} between {found[0].size:,} and {found[1].size:,}", growth <= 1.1)


def _weigh(result: Result) -> float | None:
    """Return the KB of a page with 71 comments."""
    size, shown = result.of("bytes"), result.mean("comments")
    return size / shown * 71 / 1000 if size and shown else None


def list_targets(engine: str) -> list[Target]:
    """Return the goals of reading."""
    units, cost = 9 if engine == "sqlite" else 14, 45 * TIME[engine]
    return [
        Target("S1", "1.0 of the bare view with the same bytes", keeps(1.0, "anonymous-1000")),
        Target("S2", "0.8 of the bare view doing the same", _brotli),
        Target("S3", "100 and 100,000 within 1.1 of each other", _flat),
        Target(
            *("S4", f"a member's page at most {units} B"),
            at_most(units, "B", Result.units, "member-", least=1_000),
        ),
        Target(
            *("S4", f"at most {cost} us of CPU a comment shown"),
            at_most(cost, "us", Result.each, "member-", least=1_000),
        ),
        Target(
            *("S4", "at most 220 KB for 71 comments"),
            at_most(220, "KB", _weigh, "member-", least=1_000),
        ),
        Target("S6", "0.8 of the bare view that answers 304", keeps(0.8, "poll")),
    ]
