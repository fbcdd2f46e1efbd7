"""The command that prints who may do what."""

import textwrap
from collections.abc import Iterator

import click

from app.policy import Permission, Predicate, list_rules

WIDTH = 100  # columns of a terminal that the table fits into


@click.command("policy")
def show_policy() -> None:
    """Print every permission with what it asks, in order, and the words of each refusal."""
    click.echo("\n".join(make_table(list_rules())))


def make_table(rules: dict[Permission, tuple[Predicate, ...]]) -> Iterator[str]:
    """Yield the lines of the table: permission, predicate, refusal; long refusals are wrapped."""
    first = max(map(len, rules)) + 2
    second = max(len(asked.name) for row in rules.values() for asked in row) + 2
    yield f"{'permission':{first}}{'asks':{second}}refusal"
    for permission, row in rules.items():
        name: str = permission
        if not row:
            yield f"{name:{first}}(nothing)"
        for asked in row:
            label = asked.name
            for words in textwrap.wrap(asked.message, WIDTH - first - second):
                yield f"{name:{first}}{label:{second}}{words}"
                name = label = ""
