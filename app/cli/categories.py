"""The commands about categories: a site needs one before its first article."""

import click

from app.articles import operations, queries
from app.cli.groups import Group

categories_group = Group("categories", help="Categories, which articles are filed under.")


@categories_group.command("add")
@click.argument("name")
@click.option("--description", default="", help="One sentence for its page.")
@click.option("--position", type=int, help="Its place among the others; last when left out.")
def add_category(name: str, description: str, position: int | None) -> None:
    """Make a category for articles to be filed under."""
    category = operations.add_category(name, description, position)
    click.echo(f"Made {category.name}: /categories/{category.slug}")


@categories_group.command("rename")
@click.argument("old_name")
@click.argument("new_name")
def rename_category(old_name: str, new_name: str) -> None:
    """Give a category another name; its articles and its address stay."""
    category = operations.rename_category(old_name, new_name)
    click.echo(f"It is {category.name} now: /categories/{category.slug}")


@categories_group.command("list")
def list_categories() -> None:
    """Show position, name, slug and number of articles of each category."""
    for category, count in queries.count_filed():
        click.echo(f"{category.position}\t{category.name}\t{category.slug}\t{count:,}")
