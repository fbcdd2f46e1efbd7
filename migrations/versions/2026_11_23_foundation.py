"""The foundation: people, articles, comments, moderation."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_foundation"
down_revision = None
branch_labels = None
depends_on = None

# The audit log may only grow: both engines refuse to change or delete a row of it.
SQLITE_GUARD = """
CREATE TRIGGER audit_log_{verb} BEFORE {verb} ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""
POSTGRESQL_GUARD = """
CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_log_guard BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_refuse();
"""


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.Constraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def _unique(table: str, *columns: str) -> sa.Constraint:
    return sa.UniqueConstraint(*columns, name=op.f("_".join(("uq", table, *columns))))


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=90), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        _unique("categories", "name"),
        _unique("categories", "slug"),
    )
    op.create_table(
        "listed_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("pattern", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_words")),
        _unique("listed_words", "kind", "pattern"),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("slug", sa.String(length=90), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("website", sa.String(length=500), nullable=False),
        sa.Column("logo", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        _unique("organisations", "name"),
        _unique("organisations", "slug"),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=90), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        _unique("topics", "name"),
        _unique("topics", "slug"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_comments", sa.Integer(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        _unique("users", "name_key"),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("headline", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=300), nullable=False),
        sa.Column("featured", sa.Boolean(), nullable=False),
        sa.Column("takeaways", sa.JSON(), nullable=False),
        sa.Column("source_name", sa.String(length=120), nullable=False),
        sa.Column("source_url", sa.String(length=1000), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summary_html", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("opinion_html", sa.Text(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.Column("comments_mode", sa.String(length=20), nullable=False),
        sa.Column("close_after_days", sa.Integer(), nullable=True),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _refers("articles", "category_id", "categories"),
        _refers("articles", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        _unique("articles", "slug"),
    )
    op.create_index("ix_articles_category", "articles", ["category_id", "published_at", "id"])
    op.create_index("ix_articles_newest", "articles", ["status", "published_at", "id"])
    op.create_index(
        "ix_articles_organisation", "articles", ["organisation_id", "published_at", "id"]
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("before", sa.String(length=30), nullable=False),
        sa.Column("after", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        _refers("audit_log", "actor_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        _unique("audit_log", "hash"),
    )
    op.create_index("ix_audit_log_comment_id", "audit_log", ["comment_id"])
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        _refers("user_sessions", "user_id", "users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        _unique("user_sessions", "token_hash"),
    )
    op.create_index("ix_user_sessions_user_id", "user_sessions", ["user_id"])
    op.create_table(
        "article_slugs",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        _refers("article_slugs", "article_id", "articles", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_article_slugs")),
    )
    op.create_index("ix_article_slugs_article_id", "article_slugs", ["article_id"])
    op.create_table(
        "article_topics",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        _refers("article_topics", "article_id", "articles", ondelete="CASCADE"),
        _refers("article_topics", "topic_id", "topics"),
        sa.PrimaryKeyConstraint("article_id", "topic_id", name=op.f("pk_article_topics")),
    )
    op.create_index("ix_article_topics_topic_id", "article_topics", ["topic_id"])
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("body_format", sa.String(length=10), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.Column("best", sa.Double(), nullable=False),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("removal", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=False),
        _refers("comments", "article_id", "articles"),
        _refers("comments", "author_id", "users"),
        _refers("comments", "parent_id", "comments"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        _unique("comments", "author_id", "submission"),
    )
    op.create_index("ix_comments_best", "comments", ["article_id", "depth", "listed", "best", "id"])
    op.create_index("ix_comments_by_author", "comments", ["author_id", "status", "id"])
    op.create_index("ix_comments_newest", "comments", ["article_id", "status", "id"])
    op.create_index("ix_comments_oldest", "comments", ["article_id", "depth", "listed", "id"])
    op.create_index("ix_comments_queue", "comments", ["status", "report_count", "id"])
    op.create_index("ix_comments_replies", "comments", ["parent_id", "listed", "rank"])
    op.create_table(
        "imported_comments",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        _refers("imported_comments", "article_id", "articles", ondelete="CASCADE"),
        _refers("imported_comments", "comment_id", "comments", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_imported_comments")),
        _unique("imported_comments", "article_id", "external_id"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("details", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        _refers("reports", "comment_id", "comments", ondelete="CASCADE"),
        _refers("reports", "decided_by", "audit_log"),
        _refers("reports", "reporter_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        _unique("reports", "comment_id", "reporter_id"),
    )
    op.create_index("ix_reports_open", "reports", ["comment_id", "decided_by"])
    op.create_index("ix_reports_reporter_id", "reports", ["reporter_id"])
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        _refers("revisions", "comment_id", "comments", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        _unique("revisions", "comment_id", "number"),
    )
    op.create_table(
        "votes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value IN (-1, 1)", name=op.f("ck_votes_value")),
        _refers("votes", "comment_id", "comments", ondelete="CASCADE"),
        _refers("votes", "user_id", "users"),
        sa.PrimaryKeyConstraint("user_id", "comment_id", name=op.f("pk_votes")),
    )
    op.create_index("ix_votes_comment_id", "votes", ["comment_id"])

    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(SQLITE_GUARD.format(verb=verb))
    else:
        op.execute(POSTGRESQL_GUARD)


def downgrade() -> None:
    for table in (
        "votes",
        "revisions",
        "reports",
        "imported_comments",
        "comments",
        "article_topics",
        "article_slugs",
        "user_sessions",
        "audit_log",
        "articles",
        "users",
        "topics",
        "organisations",
        "listed_words",
        "categories",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_log_refuse()")
