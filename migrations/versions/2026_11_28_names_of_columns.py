"""New names of columns: publish_seq for serial, publicly_listed for listed."""

from alembic import op

revision = "2026_11_28_names_of_columns"
down_revision = "2026_11_28_word_list_revision"
branch_labels = None
depends_on = None

RENAMED = (
    ("articles", "last_serial", "last_publish_seq"),
    ("comments", "serial", "publish_seq"),
    ("comments", "listed", "publicly_listed"),
    ("read_marks", "serial", "publish_seq"),
)


def upgrade() -> None:
    # Both engines rename in place, with the indexes and triggers that name the column.
    for table, before, after in RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {before} TO {after}")


def downgrade() -> None:
    for table, before, after in RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {after} TO {before}")
