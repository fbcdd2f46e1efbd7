"""The check of the database for monitoring."""

from sqlalchemy import text

from app.db.base import db


def ping_database() -> None:
    """Run an empty query; raises the driver's error when the database does not answer."""
    db.session.execute(text("SELECT 1"))
