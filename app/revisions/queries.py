"""Queries for the edits of a comment, the latest first, each with its word diff."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select

from app import text
from app.comments.models import Comment, Revision
from app.db.base import db

STEPS_A_PAGE = 5  # edits; comparing texts costs, and readers rarely ask for more


@dataclass
class Step:
    """One edit.

    `number` is the version that it replaced. `diff` is None when a moderator has removed the
    words before or after it.
    """

    number: int
    at: datetime
    diff: Markup | None
    redacted: bool  # whether the words of the replaced version were removed


def list_steps(comment: Comment, before: int | None = None) -> tuple[list[Step], bool]:
    """Return the latest edits of `comment`, and whether earlier ones follow.

    `before` is the version that the last edit of the page before replaced, or None for the first
    page.
    """
    query = (
        select(Revision)
        .where(Revision.comment_id == comment.id)
        .order_by(Revision.number.desc())
        .limit(STEPS_A_PAGE + (1 if before is None else 2))
    )
    if before is not None:  # includes the version that the first edit of this page made
        query = query.where(Revision.number <= before)
    rows = list(db.session.scalars(query))
    newer: str | None = comment.words
    if before is not None and rows:
        newer = _get_words(rows.pop(0))
    steps = []
    for row in rows[:STEPS_A_PAGE]:
        older = _get_words(row)
        diff = (
            text.render_word_diff(older, newer) if older is not None and newer is not None else None
        )
        steps.append(Step(row.number, row.replaced_at, diff, row.redacted_at is not None))
        newer = older
    return steps, len(rows) > STEPS_A_PAGE


def _get_words(revision: Revision) -> str | None:
    return revision.body if revision.redacted_at is None else None


def lock_revision(comment: Comment, number: int) -> Revision | None:
    """Return the earlier version with this number, refreshed and locked until the commit."""
    return db.session.scalar(
        select(Revision)
        .where(Revision.comment_id == comment.id, Revision.number == number)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
