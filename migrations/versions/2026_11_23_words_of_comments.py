"""The full-text index of comments, with the existing comments in it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.search.models import make_entry, store_entry
from app.text import make_plain

revision = "2026_11_23_words_of_comments"
down_revision = "2026_11_23_the_discussion"
branch_labels = None
depends_on = None

BATCH = 500
COMMENTS = sa.table("comments", sa.column("id"), sa.column("article_id"), sa.column("html"))


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # The words come folded from Python; this tokenizer only parts them at their spaces.
        op.execute(
            "CREATE VIRTUAL TABLE comment_words USING fts5"
            """(words, tokenize = "ascii tokenchars '_'")"""
        )
    else:
        op.create_table(
            "comment_words",
            sa.Column("rowid", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("words", postgresql.TSVECTOR(), nullable=False),
            sa.ForeignKeyConstraint(
                ["rowid"],
                ["comments.id"],
                name=op.f("fk_comment_words_rowid_comments"),
                ondelete="CASCADE",
            ),
            sa.PrimaryKeyConstraint("rowid", name=op.f("pk_comment_words")),
        )
        op.create_index(
            "ix_comment_words_words", "comment_words", ["words"], postgresql_using="gin"
        )
    _index_what_is_there()


def _index_what_is_there() -> None:
    """Index the existing comments in batches, which fit in memory also on a large site."""
    connection, last = op.get_bind(), 0
    while True:
        batch = sa.select(COMMENTS).where(COMMENTS.c.id > last).order_by(COMMENTS.c.id).limit(BATCH)
        rows = connection.execute(batch).all()
        if not rows:
            return
        store_entry(
            connection, [make_entry(row.id, row.article_id, make_plain(row.html)) for row in rows]
        )
        last = rows[-1].id


def downgrade() -> None:
    op.drop_table("comment_words")
