"""What all groups of commands share: refusals that are sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from app.errors import DomainError, ImportRefused


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Refusals become sentences on standard error, with exit code 1."""
    try:
        yield
    except ImportRefused as error:
        places = "\n".join(f"  {problem}" for problem in error.places)
        raise click.ClickException(f"nothing was imported:\n{places}") from None
    except DomainError as error:
        raise click.ClickException(error.message) from None
    except OperationalError as error:
        raise click.ClickException(
            f"the database did not answer ({error.orig}). Is it there, and was "
            "`flask db upgrade` run?"
        ) from None


class Group(AppGroup):
    """Commands of one kind, whose refusals are sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        with refusals_in_words():
            return super().invoke(ctx)
