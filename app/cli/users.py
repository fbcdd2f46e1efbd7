"""The commands about accounts."""

import sys

import click
from flask import current_app

from app.accounts import operations as accounts
from app.accounts.roles import Role
from app.cli.groups import Group

users_group = Group("users", help="Accounts: make them, change roles and passwords.")
ROLES = click.Choice([role.value for role in Role])


def _read_password() -> str:
    """Return a password from a prompt that shows nothing, or the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@users_group.command("create")
@click.argument("name")
@click.option("--role", type=ROLES, default=Role.READER.value, show_default=True)
def create_user(name: str, role: str) -> None:
    """Make an account; its password comes from a prompt or standard input."""
    user = accounts.create(name, _read_password(), Role(role), current_app.config["SITE_NAME"])
    click.echo(f"Made {user.name}, {user.role}.")


@users_group.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
def set_role(name: str, role: str) -> None:
    """Give an account another role; its sessions end."""
    user = accounts.set_role(name, Role(role))
    click.echo(f"{user.name} is {user.role} now.")


@users_group.command("password")
@click.argument("name")
def set_password(name: str) -> None:
    """Set an account's password, from a prompt or standard input; its sessions end."""
    user = accounts.set_password(name, _read_password(), current_app.config["SITE_NAME"])
    click.echo(f"{user.name} has a new password.")
