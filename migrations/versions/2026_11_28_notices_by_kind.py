"""An index that finds a member's latest mentions without reading all replies to them."""

from alembic import op

revision = "2026_11_28_notices_by_kind"
down_revision = "2026_11_28_audit_log"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_notices_latest", table_name="notices")
    op.create_index("ix_notices_latest", "notices", ["user_id", "kind", "id"])


def downgrade() -> None:
    op.drop_index("ix_notices_latest", table_name="notices")
    op.create_index("ix_notices_latest", "notices", ["user_id", "id"])
