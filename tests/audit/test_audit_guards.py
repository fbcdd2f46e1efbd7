"""The audit log's triggers: the database takes the next entry and refuses every other change."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.audit import log, verification
from app.audit.actions import Action
from app.db.base import db
from tests.audit.tampering import columns, entries, fill
from tests.conftest import person

pytestmark = pytest.mark.both_engines  # triggers

ON_BOTH = {
    "update": "UPDATE audit_log SET note = 'forged'",
    "update of a number": "UPDATE audit_log SET id = 9 WHERE id = 4",
    "delete": "DELETE FROM audit_log WHERE id = 4",
    "delete all": "DELETE FROM audit_log",
    "a gap": "INSERT INTO audit_log {copy, id: 6, hash: 'new'}",
    "before the first": "INSERT INTO audit_log {copy, id: 0, hash: 'new'}",
    "far before the first": "INSERT INTO audit_log {copy, id: -7, hash: 'new'}",
    "without a key": "INSERT INTO audit_log {copy, id: 5, hash: 'new', key: NULL}",
    "upsert by number": "INSERT INTO audit_log {copy, id: 2, hash: 'new'} "
    "ON CONFLICT (id) DO UPDATE SET note = 'forged'",
    "upsert by hash": "INSERT INTO audit_log {copy, id: 5, hash: hash} "
    "ON CONFLICT (hash) DO UPDATE SET note = 'forged'",
}
ON_ONE = {
    "sqlite": {
        "replace by number": "INSERT OR REPLACE INTO audit_log {copy, id: 2, hash: 'new'}",
        "replace the last": "REPLACE INTO audit_log {copy, id: 4, hash: 'new'}",
        "replace by hash": "INSERT OR REPLACE INTO audit_log {copy, id: 5, hash: hash}",
        "replace by an unsaid number": "REPLACE INTO audit_log {copy, id: NULL, hash: hash}",
        "update or replace": "UPDATE OR REPLACE audit_log SET id = 3 WHERE id = 2",
        "update or ignore": "UPDATE OR IGNORE audit_log SET note = 'forged'",
    },
    "postgresql": {
        "truncate": "TRUNCATE audit_log CASCADE",
        "truncate what it refers to": "TRUNCATE users CASCADE",
        "merge": "MERGE INTO audit_log USING (SELECT 2 AS n) AS s ON audit_log.id = s.n "
        "WHEN MATCHED THEN UPDATE SET note = 'forged'",
        "merge that deletes": "MERGE INTO audit_log USING (SELECT 2 AS n) AS s "
        "ON audit_log.id = s.n WHEN MATCHED THEN DELETE",
    },
}


def written_out(statement: str) -> str:
    """Return the statement with `{copy, id: …, hash: …}` as a forged copy of entry 2."""
    head, brace, rest = statement.partition("{copy, ")
    if not brace:
        return statement
    inner, _, tail = rest.partition("}")
    given = dict(part.split(": ") for part in inner.split(", "))
    given = {"note": "'forged'", "id": given["id"], "hash": given["hash"]} | (
        {"key_fingerprint": given["key"]} if "key" in given else {}
    )
    names = ", ".join(f'"{name}"' for name in columns())
    values = ", ".join(given.get(name, f'"{name}"') for name in columns())
    return f"{head}({names}) SELECT {values} FROM audit_log WHERE id = 2{tail}"


def passes(act: Callable[[], Any]) -> str:
    """How an act got through that should not have; "" when it was refused as it should."""
    try:
        act()
        db.session.commit()
    except (DBAPIError, psycopg.Error) as error:
        return "" if "append-only" in str(error) else str(error)
    finally:
        db.session.rollback()
    return "done"


def test_the_database_refuses_each_way_to_change_the_log(site: Flask) -> None:
    fill(4)
    before, got_through = entries(), {}
    attacks = ON_BOTH | ON_ONE[db.engine.dialect.name]
    for name, statement in attacks.items():
        sql = text(written_out(statement).replace(":", r"\:"))
        if told := passes(lambda sql=sql: db.session.execute(sql)):  # type: ignore[misc]
            got_through[name] = told
    assert got_through == {}
    assert entries() == before


def test_a_copy_into_the_log_is_refused(site: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        return  # SQLite has no such way
    fill(2)
    row = list(entries()[0].values())

    def copy() -> None:
        driver: Any = db.session.connection().connection.driver_connection
        with driver.cursor().copy("COPY audit_log FROM STDIN") as rows:
            rows.write_row([7, *row[1:]])

    assert passes(copy) == ""
    assert len(entries()) == 2


def test_the_next_entry_is_taken_also_several_in_one_statement(site: Flask) -> None:
    fill(2)
    for subject in ("one", "two"):
        log.record(Action.ROLE, person("ada"), subject=subject)
    db.session.commit()
    assert [entry["id"] for entry in entries()] == [1, 2, 3, 4]
    assert verification.find_faults() == []
