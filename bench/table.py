"""The outcome in words: one table of figures, one of targets, and the run as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.cases.model import Results, Target

HEAD = (
    *("row", "case", "comments", "req/s", "CPU ms", "p50 ms", "p99 ms", "KB", "errors"),
    *("spread", "floor req/s", "floor CPU", "ratio", "units", "nginx CPU"),
)
OUTCOMES = {True: "met", False: "MISSED", None: "told"}


def number(value: float | None) -> str:
    """Three digits that count, or a dash."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def place(row: str) -> int:
    """Return where a row stands in the tables; those that are no single row stand last."""
    return int(row[1:]) if row[1:].isdigit() else 100


def figures(results: Results) -> list[list[str]]:
    """Return a line for each case, and one for each peer below it."""
    lines = []
    for result in sorted(results.values(), key=lambda r: (place(r.case.row), r.case.key)):
        spread, weight = result.spread(), result.of("bytes")
        lines.append([
            result.case.row, result.case.what, f"{result.size:,}",
            number(result.of("rate")), number(result.of("cpu")),
            number(result.of("p50")), number(result.of("p99")),
            number(weight / 1000 if weight is not None else None), str(result.errors()),
            "-" if spread is None else f"±{spread:.0%}",
            number(result.of("rate", "floor")), number(result.of("cpu", "floor")),
            number(result.ratio()), number(result.units()), number(result.of("cpu", "nginx")),
        ])  # fmt: skip
        for peer in result.samples.keys() - {"site", "floor", "nginx"}:
            shown = [result.of(name, peer) for name in ("rate", "cpu", "p50", "p99", "bytes")]
            shown[-1] = shown[-1] / 1000 if shown[-1] is not None else None
            lines.append([
                "", f"  {peer}", f"{result.size:,}", *map(number, shown),
                str(result.errors(peer)), *["-"] * 6,
            ])  # fmt: skip
    return lines


def verdicts(results: Results, targets: Sequence[Target]) -> list[list[str]]:
    """Return a line for each target: the target, the figure, met or missed."""
    lines = []
    for target in sorted(targets, key=lambda target: place(target.row)):
        verdict = target.judge(results)
        found = verdict.found if verdict else "-"
        outcome = OUTCOMES[verdict.met] if verdict else "not run"
        lines.append([target.row, outcome, target.wanted, found])
    return lines


def drawn(head: Sequence[str], lines: Sequence[Sequence[str]], right_from: int) -> str:
    """Return a table in columns; those from `right_from` on hold numbers."""
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    rows = []
    for line in (head, ["-" * width for width in widths], *lines):
        cells = [
            cell.rjust(width) if place >= right_from else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        rows.append("  ".join(cells).rstrip())
    return "\n".join(rows)


def as_json(results: Results, targets: Sequence[Target], facts: dict[str, Any]) -> dict[str, Any]:
    """Return the whole run: every sample, and the verdicts."""
    return {
        **facts,
        "cases": [
            {
                "key": key,
                "row": result.case.row,
                "what": result.case.what,
                "comments": result.size,
                "ratio": result.ratio(),
                "samples": {
                    target: [asdict(sample) for sample in samples]
                    for target, samples in result.samples.items()
                },
            }
            for key, result in results.items()
        ],
        "targets": [
            dict(zip(("row", "outcome", "wanted", "found"), line, strict=True))
            for line in verdicts(results, targets)
        ],
    }
