"""The plain text of a comment, a column that is written together with its HTML."""

import sqlalchemy as sa
from alembic import op

from app.text import make_plain

revision = "2026_11_28_plain_text"
down_revision = "2026_11_28_names_of_columns"
branch_labels = None
depends_on = None

BATCH = 500
COMMENTS = sa.table("comments", sa.column("id"), sa.column("html"), sa.column("plain"))


def upgrade() -> None:
    with op.batch_alter_table("comments") as table:
        table.add_column(sa.Column("plain", sa.Text(), nullable=False, server_default=""))
    connection, last = op.get_bind(), 0
    change = (
        sa.update(COMMENTS)
        .where(COMMENTS.c.id == sa.bindparam("comment"))
        .values(plain=sa.bindparam("words"))
    )
    # In batches, so that a large site's comments are never in memory all at once.
    while True:
        batch = sa.select(COMMENTS.c.id, COMMENTS.c.html).where(COMMENTS.c.id > last)
        rows = connection.execute(batch.order_by(COMMENTS.c.id).limit(BATCH)).all()
        if not rows:
            break
        connection.execute(
            change, [{"comment": row.id, "words": make_plain(row.html)} for row in rows]
        )
        last = rows[-1].id
    with op.batch_alter_table("comments") as table:
        table.alter_column("plain", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("comments") as table:
        table.drop_column("plain")
