"""A drawing of CPU a request against the size of the thread, both by powers of ten."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

from bench.cases.model import Results

WIDTH, HEIGHT = 860, 480
LEFT, RIGHT, TOP, BOTTOM = 80, 250, 60, 60
LABEL = 17  # pixels between two labels
# What is drawn: the words, the beginning of the cases' keys, the target, the colour.
SERIES = (
    ("first after a comment", "changed-", "site", "#7a3e9d"),
    ("signed in", "member-", "site", "#0b6bcb"),
    ("signed out", "anonymous-", "site", "#0f7b4f"),
    ("bare view, same bytes", "anonymous-", "floor", "#555555"),
    ("nginx, same bytes", "anonymous-", "nginx", "#767676"),
)
PEER = "#b3261e"

Line = tuple[str, str, list[tuple[int, float]]]


def _lines(results: Results) -> list[Line]:
    """Each series with a colour and its points."""
    peers = {
        target
        for result in results.values()
        for target in result.samples
        if target not in ("site", "floor", "nginx")
    }
    wanted = (*SERIES, *((peer, "anonymous-", peer, PEER) for peer in sorted(peers)))
    lines = []
    for words, beginning, target, colour in wanted:
        points = [
            (result.size, cpu)
            for key, result in results.items()
            if key.startswith(beginning) and (cpu := result.of("cpu", target))
        ]
        if points:
            lines.append((words, colour, sorted(points)))
    return lines


def _apart(places: list[float]) -> list[float]:
    """Return the same places, moved down where two labels would lie on each other."""
    moved: dict[int, float] = {}
    last = float("-inf")
    for index in sorted(range(len(places)), key=lambda index: places[index]):
        last = moved[index] = max(places[index], last + LABEL)
    return [moved[index] for index in range(len(places))]


def svg(results: Results, title: str) -> str:
    """Return the drawing, or an empty text when there is nothing to draw."""
    lines = _lines(results)
    if not lines:
        return ""
    sizes = [size for _, _, points in lines for size, _ in points]
    costs = [cost for _, _, points in lines for _, cost in points]
    first = floor(log10(min(sizes)))
    last = max(ceil(log10(max(sizes))), first + 1)
    low, high = floor(log10(min(costs))), ceil(log10(max(costs)) + 1e-9)

    def x(size: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (log10(size) - first) / (last - first)

    def y(cost: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (log10(cost) - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="28" font-size="16">{escape(title)}</text>',
        f'<text x="{LEFT}" y="47" fill="#555">CPU ms a request</text>',
        f'<text x="{x(10 ** ((first + last) / 2)):.0f}" y="{HEIGHT - 14}" fill="#555" '
        'text-anchor="middle">comments of the thread</text>',
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        words = f"{10**power:g}"
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{words}</text>')
    for power in range(first, last + 1):
        at = x(10**power)
        place = f'x="{at:.1f}" y="{HEIGHT - BOTTOM + 22}"'
        parts.append(f'<text {place} text-anchor="middle">{10**power:,}</text>')
    labels = _apart([y(points[-1][1]) for _, _, points in lines])
    for (words, colour, points), label in zip(lines, labels, strict=True):
        way = " ".join(f"{x(size):.1f},{y(cost):.1f}" for size, cost in points)
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(size):.1f}" cy="{y(cost):.1f}" r="3.5" fill="{colour}"/>'
            for size, cost in points
        ]
        told = f"{words}: {points[-1][1]:.2g} ms"
        parts.append(
            f'<text x="{x(points[-1][0]) + 10:.1f}" y="{label + 4:.1f}" fill="{colour}">'
            f"{escape(told)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])
