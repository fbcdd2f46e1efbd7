"""The discussion: order of arrival, picks, what members keep, drafts."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_the_discussion"
down_revision = "2026_11_23_foundation"
branch_labels = None
depends_on = None

ZERO = sa.text("0")
NO = sa.false()
INDEXES = {
    "ix_comments_discussed": ["article_id", "depth", "listed", "thread_count", "id"],
    "ix_comments_controversial": ["article_id", "depth", "listed", "controversy", "id"],
    "ix_comments_arrivals": ["article_id", "serial"],
    "ix_comments_picks": ["article_id", "picked_at"],
    "ix_comments_person": ["article_id", "author_id", "status", "id"],
}
# Columns that may not be empty, with what the rows of today get.
FILLED = {
    "comments": {
        "serial": (sa.Integer(), ZERO),
        "controversy": (sa.Double(), ZERO),
        "disagree_count": (sa.Integer(), ZERO),
        "thread_count": (sa.Integer(), ZERO),
        "question": (sa.Boolean(), NO),
        "pick_why": (sa.String(length=140), sa.text("''")),
    },
    "articles": {
        "slow_seconds": (sa.Integer(), ZERO),
        "pick_count": (sa.Integer(), ZERO),
        "last_serial": (sa.Integer(), ZERO),
    },
    "users": {
        "pick_count": (sa.Integer(), ZERO),
        "sort": (sa.String(length=20), sa.text("''")),
        "shortcuts": (sa.Boolean(), sa.true()),
    },
}
REFERS = {"root_id": "comments", "disowned_by": "users"}
OPEN = {
    "comments": {
        "root_id": sa.Integer(),
        "disowned_by": sa.Integer(),
        "deleted_at": sa.DateTime(timezone=True),
        "picked_at": sa.DateTime(timezone=True),
    },
    "revisions": {"redacted_at": sa.DateTime(timezone=True)},
}
# Comments of before: their threads, their order of arrival, and what the counters say.
BACKFILL = (
    """
    WITH RECURSIVE below (id, root) AS (
        SELECT id, id FROM comments WHERE parent_id IS NULL
        UNION ALL
        SELECT comments.id, below.root FROM comments JOIN below ON comments.parent_id = below.id
    )
    UPDATE comments SET root_id = below.root FROM below
    WHERE below.id = comments.id AND comments.parent_id IS NOT NULL
    """,
    """
    WITH arrived AS (
        SELECT id, row_number() OVER (PARTITION BY article_id ORDER BY published_at, id) AS place
        FROM comments WHERE published_at IS NOT NULL
    )
    UPDATE comments SET serial = arrived.place FROM arrived WHERE arrived.id = comments.id
    """,
    """
    WITH sizes AS (
        SELECT root_id AS root, count(*) AS size FROM comments
        WHERE listed AND root_id IS NOT NULL GROUP BY root_id
    )
    UPDATE comments SET thread_count = sizes.size FROM sizes WHERE sizes.root = comments.id
    """,
    """
    UPDATE articles SET last_serial = coalesce(
        (SELECT max(serial) FROM comments WHERE comments.article_id = articles.id), 0)
    """,
)


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.Constraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def _key(table: str, *columns: str) -> sa.Constraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _number(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    for table in ("comments", "articles", "users", "revisions"):
        with op.batch_alter_table(table) as batch:
            for name, (kind, value) in FILLED.get(table, {}).items():
                batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
            for name, kind in OPEN.get(table, {}).items():
                batch.add_column(sa.Column(name, kind, nullable=True))
        with op.batch_alter_table(table) as batch:
            for name in FILLED.get(table, {}):
                batch.alter_column(name, server_default=None)
            if table == "comments":
                for name, other in REFERS.items():
                    batch.create_foreign_key(f"fk_comments_{name}_{other}", other, [name], ["id"])
    for name, columns in INDEXES.items():
        op.create_index(name, "comments", columns)
    for statement in BACKFILL:
        op.execute(statement)
    _make_tables()


def _make_tables() -> None:
    op.create_table(
        "disagreements",
        _number("user_id"),
        _number("comment_id"),
        _moment("created_at"),
        _refers("disagreements", "user_id", "users"),
        _refers("disagreements", "comment_id", "comments", ondelete="CASCADE"),
        _key("disagreements", "user_id", "comment_id"),
    )
    op.create_index("ix_disagreements_comment_id", "disagreements", ["comment_id"])
    op.create_table(
        "mutes",
        _number("user_id"),
        _number("muted_id"),
        _moment("created_at"),
        _refers("mutes", "user_id", "users"),
        _refers("mutes", "muted_id", "users"),
        _key("mutes", "user_id", "muted_id"),
    )
    op.create_table(
        "muted_words",
        _number("id"),
        _number("user_id"),
        sa.Column("pattern", sa.String(length=100), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        _moment("created_at"),
        _refers("muted_words", "user_id", "users"),
        _key("muted_words", "id"),
        sa.UniqueConstraint("user_id", "pattern", name=op.f("uq_muted_words_user_id_pattern")),
    )
    op.create_table(
        "follows",
        _number("user_id"),
        _number("article_id"),
        sa.Column("state", sa.String(length=20), nullable=False),
        _moment("created_at"),
        _refers("follows", "user_id", "users"),
        _refers("follows", "article_id", "articles", ondelete="CASCADE"),
        _key("follows", "user_id", "article_id"),
    )
    op.create_table(
        "bookmarks",
        _number("user_id"),
        _number("comment_id"),
        _moment("created_at"),
        _refers("bookmarks", "user_id", "users"),
        _refers("bookmarks", "comment_id", "comments", ondelete="CASCADE"),
        _key("bookmarks", "user_id", "comment_id"),
    )
    op.create_index("ix_bookmarks_latest", "bookmarks", ["user_id", "created_at", "comment_id"])
    op.create_table(
        "read_marks",
        _number("user_id"),
        _number("article_id"),
        _number("serial"),
        _moment("updated_at"),
        _refers("read_marks", "user_id", "users"),
        _refers("read_marks", "article_id", "articles", ondelete="CASCADE"),
        _key("read_marks", "user_id", "article_id"),
    )
    op.create_table(
        "notices",
        _number("id"),
        _number("user_id"),
        _number("comment_id"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        _moment("created_at"),
        _refers("notices", "user_id", "users"),
        _refers("notices", "comment_id", "comments", ondelete="CASCADE"),
        _key("notices", "id"),
        sa.UniqueConstraint("user_id", "comment_id", name=op.f("uq_notices_user_id_comment_id")),
    )
    op.create_index("ix_notices_latest", "notices", ["user_id", "id"])
    op.create_table(
        "drafts",
        _number("user_id"),
        sa.Column("place", sa.String(length=60), nullable=False),
        _number("article_id"),
        sa.Column("body", sa.Text(), nullable=False),
        _moment("updated_at"),
        _refers("drafts", "user_id", "users"),
        _refers("drafts", "article_id", "articles", ondelete="CASCADE"),
        _key("drafts", "user_id", "place"),
    )
    op.create_index("ix_drafts_updated_at", "drafts", ["updated_at"])
    op.create_table(
        "kept_texts",
        _number("id"),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        _number("article_id"),
        _number("parent_id", nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=False),
        _moment("created_at"),
        _refers("kept_texts", "article_id", "articles", ondelete="CASCADE"),
        _refers("kept_texts", "parent_id", "comments", ondelete="CASCADE"),
        _key("kept_texts", "id"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kept_texts_token_hash")),
    )
    op.create_index("ix_kept_texts_created_at", "kept_texts", ["created_at"])


def downgrade() -> None:
    for table in (
        *("kept_texts", "drafts", "notices", "read_marks", "bookmarks", "follows"),
        *("muted_words", "mutes", "disagreements"),
    ):
        op.drop_table(table)
    for name in INDEXES:
        op.drop_index(name, "comments")
    for table in ("comments", "articles", "users", "revisions"):
        with op.batch_alter_table(table) as batch:
            if table == "comments":
                for name, other in REFERS.items():
                    batch.drop_constraint(f"fk_comments_{name}_{other}", type_="foreignkey")
            for name in (*FILLED.get(table, {}), *OPEN.get(table, {})):
                batch.drop_column(name)
