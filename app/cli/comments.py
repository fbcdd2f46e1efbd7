"""The commands about discussions."""

import sys
from pathlib import Path

import click

from app.articles import queries as article_queries
from app.cli.groups import Group, explain_bad_json, make_bar
from app.imports import thread_file
from app.imports import threads as thread_import

comments_group = Group("comments", help="Discussions: import them.")


@comments_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--article", "slug", required=True, help="The slug of the article.")
def import_comments(file: str, slug: str) -> None:
    """Add the discussion of a JSON FILE (its form: app/imports/thread_file.py)."""
    article = article_queries.get_by_slug(slug)
    if article is None:
        raise click.ClickException(f"There is no article with the slug {slug!r}.")
    unread = Path(file).stat().st_size
    with (
        explain_bad_json(file),
        make_bar(unread, "Checking the file", hidden=not sys.stderr.isatty()) as bar,
    ):
        thread = thread_file.read_thread_file(Path(file), bar.update)
    source = str(thread.about.get("url") or thread.about.get("source") or Path(file).name)
    with make_bar(len(thread), "Importing comments") as bar:
        new = thread_import.add_thread(article, thread, source, bar.update)
    click.echo(f"{new:,} new, {len(thread) - new:,} were there already.")
