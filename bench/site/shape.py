"""The shape of a thread: who replies to whom, which states and votes; plain lists, seeded."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

ROOTS = 0.37  # share of comments that begin a thread
LEVELS = 8
HOT = 4  # threads that draw a good part of the replies


@dataclass
class Shape:
    """Parallel lists by the place of a comment in the order of writing.

    `parents` and `roots` are places (None and the own place for the first of a thread);
    `gone` holds "deleted" or "rejected" for those that are not published any more, `listed`
    says that everybody sees the comment or its tombstone; `ranks`, `replies` and `below`
    (of a thread's first comment) are counted as the site counts them.
    """

    parents: list[int | None] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    gone: dict[int, str] = field(default_factory=dict)
    listed: list[bool] = field(default_factory=list)
    replies: Counter[int] = field(default_factory=Counter)
    below: Counter[int] = field(default_factory=Counter)


def _parent(chance: Random, shape: Shape, first: list[int], hot: list[int], place: int) -> int:
    """Choose a parent: a hot thread's first comment or any of it, something recent, anything."""
    draw = chance.random()
    if draw < 0.05:
        found = chance.choice(first)
    elif draw < 0.3:
        found = chance.choice(hot)
    elif draw < 0.75:
        found = chance.randrange(max(0, place - 60), place)
    else:
        found = chance.randrange(place)
    above = shape.parents[found]
    return above if shape.depths[found] >= LEVELS and above is not None else found


def thread(size: int, seed: int) -> Shape:
    """Return a discussion of `size` comments."""
    chance, shape, ranks = Random(seed), Shape(), Counter[int]()
    hot: list[int] = []
    first: list[int] = []
    for place in range(size):
        reply = place > 0 and chance.random() > ROOTS
        above = _parent(chance, shape, first, hot, place) if reply else None
        shape.parents.append(above)
        shape.roots.append(place if above is None else shape.roots[above])
        shape.depths.append(1 if above is None else shape.depths[above] + 1)
        if above is None and len(first) < HOT:
            first.append(place)
        if shape.roots[place] in first:
            hot.append(place)
        if above is not None:
            ranks[above] += 1
        shape.ranks.append(0 if above is None else ranks[above])
        if (draw := chance.random()) < 0.02:
            shape.gone[place] = "deleted" if draw < 0.012 else "rejected"
    _count(shape)
    return shape


def _count(shape: Shape) -> None:
    """Count all replies on one way back, as they come later than what they answer."""
    size = len(shape.parents)
    shape.listed = [True] * size
    for place in reversed(range(size)):
        if shape.gone.get(place) == "deleted":
            shape.listed[place] = shape.replies[place] > 0
        above = shape.parents[place]
        if above is not None and shape.listed[place]:
            shape.replies[above] += 1
            shape.below[shape.roots[place]] += 1


def votes(chance: Random, members: int, author: int, below: int) -> dict[int, int]:
    """Return who voted how on one comment; its author never does.

    Mostly a few people. What begins a thread with a few replies (`below`) is often liked by
    many, so that the first page, the best threads, holds about sixty comments at every size.
    """
    number = min(members // 2, int(chance.expovariate(1 / 2.5)))
    kind = chance.choice((0.95, 0.9, 0.8, 0.5))
    if 2 <= below <= 4 and chance.random() < 0.5:
        number, kind = number + chance.randrange(25, 60), 0.93
    voters = chance.sample(range(members), number)
    return {voter: 1 if chance.random() < kind else -1 for voter in voters if voter != author}
