"""An index by which a posted comment finds the unsent text that it came from."""

from alembic import op

revision = "2026_11_28_unsent_by_form"
down_revision = "2026_11_28_long_comments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_kept_texts_submission"), "kept_texts", ["submission"])


def downgrade() -> None:
    op.drop_index(op.f("ix_kept_texts_submission"), "kept_texts")
