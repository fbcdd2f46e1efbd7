"""What somebody can do to the audit log who owns the database, but does not know the key."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, delete, insert, inspect, select, text

from app.audit import anchor, verification
from app.audit import log as audit
from app.audit.actions import Action
from app.db.base import Base, db
from tests.conftest import person

LOG: Table = Base.metadata.tables["audit_log"]
TRIGGERS = ("update", "delete", "insert")  # of SQLite

Entry = dict[str, Any]
Attack = Callable[[], None]
Attacks = dict[str, tuple[Attack, list[str]]]  # with what verify says of each

CHANGED, MISSING = "Changed since they were written: ", "so one is missing: "
UNSEALED, UNKNOWN = "Without a key, and no entry seals them: ", "Not checked, because their key ("
CUT, ANEW = "the end was cut off.", "the log was written anew, or cut off and continued."


def fill(number: int) -> None:
    for entry in range(1, number + 1):
        audit.record(Action.ROLE, person("ada"), subject=f"subject {entry}")
        db.session.commit()


def columns() -> list[str]:
    return [column["name"] for column in inspect(db.engine).get_columns("audit_log")]


@contextmanager
def unguarded() -> Iterator[None]:
    """Remove the triggers of the audit log within this context."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    if is_sqlite:
        named = (f"audit_log_{verb}" for verb in TRIGGERS)
        query = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
        made = {name: db.session.scalar(query, {"name": name}) for name in named}
        off = [f"DROP TRIGGER {name}" for name, sql in made.items() if sql]
        on = [sql for sql in made.values() if sql]
    else:
        off, on = ([f"ALTER TABLE audit_log {do} TRIGGER USER"] for do in ("DISABLE", "ENABLE"))
    _run(off)
    try:
        yield
    finally:
        db.session.rollback()
        _run(on)


def _run(statements: list[str]) -> None:
    for statement in statements:
        db.session.execute(text(statement))
    db.session.commit()


def entries() -> list[Entry]:
    """Return the log as it is stored."""
    found = [dict(row) for row in db.session.execute(select(LOG).order_by(LOG.c.id)).mappings()]
    db.session.rollback()
    return found


def replace_all(rows: list[Entry]) -> None:
    """Store `rows` in the place of the whole log."""
    db.session.execute(delete(LOG))
    if rows:
        db.session.execute(insert(LOG), rows)
    db.session.commit()


def unkeyed(rows: list[Entry]) -> list[Entry]:
    """Return the rows as a log without keys: a plain chain that everybody can make."""
    previous, made = "0" * 64, []
    for row in rows:
        row = row | {"previous_hash": previous, "key_fingerprint": None}
        row["hash"] = previous = _plain_hash(row)
        made.append(row)
    return made


def _plain_hash(row: Entry) -> str:
    first = [row["previous_hash"], row["at"].isoformat()]
    names = ("actor_id", "action", "comment_id", "subject", "before", "after", "reason", "note")
    values = first + [row[name] for name in names]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def old_rows(number: int) -> list[Entry]:
    """Entries as the code from before there were keys wrote them."""
    texts = dict.fromkeys(("before", "after", "reason", "note"), "")
    rows = [
        {"id": n, "at": datetime(2026, 11, 20, 8, n, tzinfo=UTC), "actor_id": None}
        | {"action": "role", "comment_id": None, "subject": f"subject {n}", **texts}
        for n in range(1, number + 1)
    ]
    return unkeyed(rows)


def run(*statements: str) -> Attack:
    def attack() -> None:
        for statement in statements:
            db.session.execute(text(statement))
        db.session.commit()

    return attack


def rows_changed(change: Callable[[list[Entry]], list[Entry]]) -> Attack:
    return lambda: replace_all(change(entries()))


def forged(rows: list[Entry]) -> list[Entry]:
    return [row | {"subject": "forged"} if row["id"] == 3 else row for row in rows]


def without_key(rows: list[Entry]) -> list[Entry]:
    return unkeyed(forged(rows))


def one_more(rows: list[Entry], **changes: object) -> list[Entry]:
    last = rows[-1]
    new = {"id": last["id"] + 1, "hash": "f" * 64, "previous_hash": last["hash"]}
    return [*rows, last | new | changes]


def unseen(attacks: Attacks) -> dict[str, list[str]]:
    """Return the attacks that were not reported as they should, each on the same log."""
    log, kept = entries(), anchor.get_path().read_bytes()
    assert verification.find_faults() == []
    missed: dict[str, list[str]] = {}
    with unguarded():
        for name, (attack, wanted) in attacks.items():
            attack()
            told = verification.find_faults()
            if not told or not all(any(part in each for each in told) for part in wanted):
                missed[name] = told
            replace_all(log)
            anchor.get_path().write_bytes(kept)
    assert verification.find_faults() == []
    return missed
