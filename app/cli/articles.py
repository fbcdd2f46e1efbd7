"""The commands about articles."""

import click

from app.articles import operations as articles
from app.articles.enums import CommentsMode
from app.cli.groups import Group, read_json
from app.imports import articles as imports_articles
from app.text.quantities import format_day, format_minute

articles_group = Group("articles", help="Articles: import them, change an address.")
MODES = click.Choice([mode.value for mode in CommentsMode])


@articles_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--update", is_flag=True, help="Change the article that has the file's slug.")
def import_article(file: str, update: bool) -> None:
    """Store the article of a JSON FILE (its form: app/imports/article_file.py)."""
    article = imports_articles.import_article(read_json(file), update)
    public = (
        ""
        if article.is_public or article.published_at is None
        else (f", public from {format_minute(article.published_at)}")
    )
    click.echo(f"Imported as {article.status}{public}: /articles/{article.slug}")


@articles_group.command("rename")
@click.argument("old_slug")
@click.argument("new_slug")
def rename_article(old_slug: str, new_slug: str) -> None:
    """Give an article another address; the old one redirects."""
    article = articles.change_slug(old_slug, new_slug)
    click.echo(f"/articles/{old_slug} leads to /articles/{article.slug} now.")


@articles_group.command("discussion")
@click.argument("slug")
@click.option("--mode", type=MODES, help="Open it or close it.")
@click.option("--close-after", type=int, help="Days from publication; 0 for never.")
@click.option("--slow", type=int, help="Seconds between two comments of one person; 0 for none.")
def set_discussion(slug: str, mode: str | None, close_after: int | None, slow: int | None) -> None:
    """Open, close or slow down the discussion of an article."""
    article = articles.set_discussion(slug, CommentsMode(mode) if mode else None, close_after, slow)
    pace = f", one comment every {article.slow_seconds} s" if article.slow_seconds else ""
    ends = article.comments_close_at
    until = f", closes on {format_day(ends)}" if ends else ""
    click.echo(f"The discussion of {article.slug} is {article.comments_mode}{pace}{until}.")
