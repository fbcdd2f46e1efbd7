"""Running the site's commands in a test."""

from click.testing import Result
from flask import Flask

from app.db.base import db


def run(app: Flask, *arguments: str, typed: str = "") -> Result:
    """Return what `flask ARGUMENTS` prints and returns with `typed` as its standard input."""
    db.session.remove()
    result = app.test_cli_runner().invoke(args=arguments, input=typed)
    db.session.remove()
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refused(result: Result, *sentences: str) -> None:
    """Assert that the command ended with exit code 1 and printed `sentences`."""
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    for sentence in sentences:
        assert sentence in result.output
    assert "Traceback" not in result.output
