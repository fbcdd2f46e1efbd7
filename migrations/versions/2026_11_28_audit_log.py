"""The audit log: keyed entries, a seal on the old ones, and guards for each way of change."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "2026_11_28_audit_log"
down_revision = "2026_11_23_versions_of_pages"
branch_labels = None
depends_on = None

# An entry comes at the end and with a key, or not at all. On SQLite, REPLACE removes the row that
# is in its way and fires no trigger for that one: so a hash that is there already is refused too.
SQLITE_GUARD = """
CREATE TRIGGER audit_log_insert BEFORE INSERT ON audit_log
WHEN NEW.key_fingerprint IS NULL
    OR NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit_log)
    OR EXISTS (SELECT 1 FROM audit_log WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""
POSTGRESQL_GUARD = """
CREATE FUNCTION audit_log_check() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.key_fingerprint IS NULL
        OR NEW.id IS DISTINCT FROM (SELECT coalesce(max(id), 0) + 1 FROM audit_log)
    THEN RAISE EXCEPTION 'the audit log is append-only'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_log_insert BEFORE INSERT ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_check();
CREATE TRIGGER audit_log_truncate BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse();
"""
LOG = sa.table(
    "audit_log",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in ("action", "subject", "before", "after", "reason", "note")),
    *(sa.column(name) for name in ("previous_hash", "hash", "key_fingerprint")),
)


def upgrade() -> None:
    op.add_column("audit_log", sa.Column("key_fingerprint", sa.String(length=16), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_GUARD)
    else:
        op.execute("ALTER TABLE audit_log ALTER COLUMN id DROP DEFAULT")
        op.execute("DROP SEQUENCE audit_log_id_seq")
        op.execute(POSTGRESQL_GUARD)
    _seal_what_is_there()


def _seal_what_is_there() -> None:
    """Bind the unkeyed entries, as they are, into the keyed chain by one entry.

    It is signed as app/audit/chain.py signs. An empty log needs none: its first entry is
    bound to there being nothing before it.
    """
    connection = op.get_bind()
    count = connection.scalar(sa.select(sa.func.count()).select_from(LOG))
    if not count:
        return
    last = connection.execute(
        sa.select(LOG.c.id, LOG.c.hash).order_by(LOG.c.id.desc()).limit(1)
    ).one()
    secret = hmac.digest(current_app.config["SECRET_KEY"].encode(), b"botbeat audit log", "sha256")
    fingerprint = sha256(b"fingerprint" + secret).hexdigest()[:16]
    now, number = datetime.now(UTC), last.id + 1
    note = f"{count} earlier entries, the last one {last.hash}"
    values = [last.hash, now.isoformat(), None, "sealed", None, "", "", "", "", note]
    signed = json.dumps([number, fingerprint, *values], ensure_ascii=True).encode()
    connection.execute(
        sa.insert(LOG).values(
            id=number,
            at=now,
            action="sealed",
            subject="",
            before="",
            after="",
            reason="",
            note=note,
            previous_hash=last.hash,
            hash=hmac.digest(secret, signed, "sha256").hex(),
            key_fingerprint=fingerprint,
        )
    )


def downgrade() -> None:
    """Remove the keys and guards but no entry; earlier code cannot check keyed entries."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_log_insert")
    else:
        op.execute("DROP TRIGGER audit_log_truncate ON audit_log")
        op.execute("DROP TRIGGER audit_log_insert ON audit_log")
        op.execute("DROP FUNCTION audit_log_check()")
        op.execute("CREATE SEQUENCE audit_log_id_seq AS integer OWNED BY audit_log.id")
        op.execute(
            "SELECT setval('audit_log_id_seq', coalesce(max(id), 0) + 1, false) FROM audit_log"
        )
        op.execute("ALTER TABLE audit_log ALTER COLUMN id SET DEFAULT nextval('audit_log_id_seq')")
    op.drop_column("audit_log", "key_fingerprint")
