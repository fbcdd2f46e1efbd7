"""Whether a comment is long, a column that is written together with its HTML."""

import sqlalchemy as sa
from alembic import op

from app.comments.enums import LONG_LINES
from app.text import count_lines

revision = "2026_11_28_long_comments"
down_revision = "2026_11_28_plain_text"
branch_labels = None
depends_on = None

BATCH = 500
COMMENTS = sa.table("comments", sa.column("id"), sa.column("body"), sa.column("is_long"))


def upgrade() -> None:
    with op.batch_alter_table("comments") as table:
        table.add_column(
            sa.Column("is_long", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    connection, last = op.get_bind(), 0
    # In batches, so that a large site's comments are never in memory all at once.
    while True:
        batch = sa.select(COMMENTS.c.id, COMMENTS.c.body).where(COMMENTS.c.id > last)
        rows = connection.execute(batch.order_by(COMMENTS.c.id).limit(BATCH)).all()
        if not rows:
            break
        long = [row.id for row in rows if count_lines(row.body) > LONG_LINES]
        if long:
            connection.execute(
                sa.update(COMMENTS).where(COMMENTS.c.id.in_(long)).values(is_long=sa.true())
            )
        last = rows[-1].id
    with op.batch_alter_table("comments") as table:
        table.alter_column("is_long", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("comments") as table:
        table.drop_column("is_long")
