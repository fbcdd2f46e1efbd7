"""The versions by which the site tells whether a cached page is current."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_versions_of_pages"
down_revision = "2026_11_23_words_of_comments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    newsroom = op.create_table(
        "newsroom",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsroom")),
    )
    op.bulk_insert(newsroom, [{"id": 1, "version": 1, "talk": 1}])
    with op.batch_alter_table("articles") as table:
        table.add_column(sa.Column("voted_at", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("articles") as table:
        table.alter_column("voted_at", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("articles") as table:
        table.drop_column("voted_at")
    op.drop_table("newsroom")
