"""The commands that make stored values anew."""

import click
from flask.cli import with_appcontext

from app.cli.groups import Group, refusals_in_words
from app.maintenance import recount as recounting
from app.maintenance import reindex as search
from app.maintenance import rerender

text_group = Group("text", help="The HTML of what was written.")
search_group = Group("search", help="The index of what comments say.")


@text_group.command("rerender")
def rerender_text() -> None:
    """Make HTML anew that older rules for text made; stopped, it goes on when run again."""
    with click.progressbar(length=rerender.count_waiting(), label="Making HTML anew") as bar:
        done = rerender.rerender_texts(bar.update)
    click.echo(f"Made anew: {done:,} {'text' if done == 1 else 'texts'}.")


@search_group.command("reindex")
def reindex_comments() -> None:
    """Index the words of every comment anew."""
    with click.progressbar(length=search.count_rows(), label="Indexing comments") as bar:
        done = search.reindex_comments(bar.update)
    click.echo(f"Indexed: {done:,} {'comment' if done == 1 else 'comments'}.")


@click.command("recount")
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 when one differs.")
@with_appcontext
def recount(check: bool) -> None:
    """Count comments, replies, votes, reports and picks anew, and mend what differs."""
    with (
        refusals_in_words(),
        click.progressbar(length=recounting.count_rows(), label="Counting") as bar,
    ):
        found = recounting.recount_counters(mend=not check, progress=bar.update)
    for kind, rows in found.wrong.items():
        click.echo(f"{kind}: {rows:,} {'differs' if rows == 1 else 'differ'}")
    mended = "" if check or not found.differ else "; they are mended"
    click.echo(f"{found.differ:,} of {found.counters:,} counters differ{mended}")
    if check and found.differ:
        raise SystemExit(1)
