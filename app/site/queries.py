"""What machines ask about the site."""

from sqlalchemy import text

from app.db.base import db


def ask_database() -> None:
    """Ask the database for nothing; raises what the driver raises when it does not answer."""
    db.session.execute(text("SELECT 1"))
