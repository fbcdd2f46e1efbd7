"""A site with readers' words goes to an earlier schema and back, and loses nothing of them."""

from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import ReportReason
from app.reactions import operations as reactions
from tests.comments.threads import crowd, plant
from tests.conftest import person

pytestmark = pytest.mark.both_engines  # migrations

KEPT = "id, article_id, author_id, parent_id, root_id, publish_seq, thread_count"
KEPT += ", body, plain, is_long, status, up"
COUNTED = ("users", "articles", "comments", "votes", "reports", "user_sessions", "audit_log")


def rows(query: str) -> list[tuple[Any, ...]]:
    found = [tuple(row) for row in db.session.execute(text(query))]
    db.session.rollback()
    return found


def test_comments_votes_and_reports_survive_a_migration_down_and_up(site: Flask) -> None:
    ids = plant([None, 0, 1, 0, None, 2], crowd(3), states={3: S.PENDING})
    reactions.vote(person("ravi"), db.session.get_one(Comment, ids[1]), 1)
    moderation.report(person("rhea"), db.session.get_one(Comment, ids[4]), ReportReason.SPAM)
    db.session.get_one(Comment, ids[5]).write("A line.\n\n" * 20)
    db.session.commit()
    db.session.remove()
    comments = rows(f"SELECT {KEPT} FROM comments ORDER BY id")
    counts = {table: rows(f"SELECT count(*) FROM {table}") for table in COUNTED}
    numbers = rows("SELECT last_publish_seq FROM articles")
    db.engine.dispose()

    downgrade(revision="2026_11_23_foundation")
    assert {table: rows(f"SELECT count(*) FROM {table}") for table in COUNTED} == counts
    db.engine.dispose()
    upgrade()

    assert rows(f"SELECT {KEPT} FROM comments ORDER BY id") == comments
    assert {table: rows(f"SELECT count(*) FROM {table}") for table in COUNTED} == counts
    assert rows("SELECT last_publish_seq FROM articles") == numbers


def test_a_connection_that_migrated_still_keeps_rows_together(site: Flask) -> None:
    """SQLite's foreign keys are off while its tables are made anew, and on again afterwards."""
    db.session.remove()
    downgrade(revision="2026_11_23_foundation")
    upgrade()
    if db.engine.dialect.name == "sqlite":
        assert rows("PRAGMA foreign_keys") == [(1,)]
