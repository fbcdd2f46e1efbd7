"""The revision by which a process tells whether its cached word lists are current."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_word_list_revision"
down_revision = "2026_11_28_notices_by_kind"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.Column("words_revision", sa.BigInteger(), nullable=False, server_default="0")
    with op.batch_alter_table("newsroom") as table:
        table.add_column(number)
    with op.batch_alter_table("newsroom") as table:
        table.alter_column("words_revision", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("newsroom") as table:
        table.drop_column("words_revision")
