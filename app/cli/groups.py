"""Shared by all commands: groups, refusals as sentences, JSON files and progress bars."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from app.errors import DomainError, ImportRefused


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Print a refusal as a sentence on standard error, and exit with code 1."""
    try:
        yield
    except ImportRefused as error:
        places = "\n".join(f"  {problem}" for problem in error.sentences)
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


def read_json(path: str) -> Any:
    """Return what a JSON file holds; explain in a sentence why it cannot be read."""
    with explain_bad_json(path):
        return json.loads(Path(path).read_bytes())


@contextmanager
def explain_bad_json(path: str) -> Iterator[None]:
    """Print what is wrong with a file as a sentence on standard error, and exit with code 1."""
    try:
        yield
    except (OSError, ValueError, RecursionError) as error:
        raise click.ClickException(f"{path} is not readable as JSON: {error}") from None


def make_bar(length: int, label: str, hidden: bool = False) -> Any:
    """Return a progress bar on standard error, or the label alone if that is no terminal."""
    return click.progressbar(length=length, label=label, hidden=hidden, file=sys.stderr)
