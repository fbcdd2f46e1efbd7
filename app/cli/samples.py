"""The commands about the sample site."""

import click
from flask import current_app

from app.cli.groups import Group
from app.samples import operations as samples_operations

samples_group = Group("samples", help="The sample site.")


@samples_group.command("load")
def load_samples() -> None:
    """Fill an empty site with sample articles, discussions and accounts; else do nothing."""
    if not samples_operations.is_wanted():
        return
    with click.progressbar(
        length=samples_operations.count_steps(), label="Loading the sample site"
    ) as bar:
        samples_operations.load_samples(bar.update)
    path = current_app.config["INSTANCE"] / "demo-accounts.txt"
    samples_operations.make_accounts(current_app.config["SITE_NAME"], path)
    samples_operations.add_reactions()
    click.echo(f"The sample accounts stand in {path}")
