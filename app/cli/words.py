"""The commands about the lists of words."""

import click

from app import text
from app.cli.groups import Group
from app.screening import operations, word_lists
from app.screening.models import WordKind

words_group = Group("words", help="Lists of banned and suspect words.")
KINDS = click.Choice([kind.value for kind in WordKind])


@words_group.command("add")
@click.argument("kind", type=KINDS)
@click.argument("pattern")
def add_word(kind: str, pattern: str) -> None:
    """List a word or phrase; a * at its end matches any ending."""
    word = operations.add_word(None, WordKind(kind), pattern)
    click.echo(f"Added to the {kind} list: {word.pattern}")


@words_group.command("remove")
@click.argument("kind", type=KINDS)
@click.argument("pattern")
def remove_word(kind: str, pattern: str) -> None:
    """Take a word or phrase off a list."""
    operations.remove_word(None, WordKind(kind), pattern)
    click.echo(f"Removed from the {kind} list: {pattern}")


@words_group.command("list")
def list_words() -> None:
    """Show both lists."""
    for kind in WordKind:
        for pattern in word_lists.list_words()[kind]:
            is_long = text.count_tokens(pattern) > text.TOKENS_MAX  # of an earlier rule
            note = f"\tnever found: more than {text.TOKENS_MAX} words and signs" if is_long else ""
            click.echo(f"{kind}\t{pattern}{note}")
