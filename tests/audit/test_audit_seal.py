"""Entries from before there were keys: they stay as they are, and one keyed entry seals them."""

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import insert

from app.audit import verification
from app.db.base import db
from tests.audit.tampering import (
    ANEW,
    CHANGED,
    CUT,
    LOG,
    MISSING,
    UNSEALED,
    Attacks,
    Entry,
    entries,
    fill,
    forged,
    old_rows,
    one_more,
    rows_changed,
    run,
    unguarded,
    unkeyed,
    unseen,
    without_key,
)

pytestmark = pytest.mark.both_engines  # triggers

BEFORE_KEYS = "2026_11_23_versions_of_pages"


@pytest.fixture
def old_log(site: Flask) -> int:
    """Make a log of five entries from before the keys, brought to the present schema."""
    db.session.remove()
    db.engine.dispose()
    downgrade(revision=BEFORE_KEYS)
    rows = [{k: v for k, v in row.items() if k != "key_fingerprint"} for row in old_rows(5)]
    db.session.execute(insert(LOG), rows)
    db.session.commit()
    db.engine.dispose()
    upgrade()
    return len(rows)


def test_old_entries_stay_and_are_sealed_by_one(old_log: int) -> None:
    found = entries()
    names = old_rows(1)[0].keys()
    assert [{name: row[name] for name in names} for row in found[:-1]] == old_rows(old_log)
    seal = found[-1]
    assert (seal["id"], seal["action"], seal["previous_hash"]) == (6, "sealed", found[-2]["hash"])
    assert seal["note"] == f"5 earlier entries, the last one {found[-2]['hash']}"
    (fault,) = verification.find_faults()
    assert fault.startswith("There is no anchor in ")
    fill(1)
    assert verification.find_faults() == []


def resealed(rows: list[Entry]) -> list[Entry]:
    """One old entry fewer, the seal made as well as it can be made without the key."""
    old = unkeyed([row | {"id": n} for n, row in enumerate(rows[1:5], 1)])
    note = f"4 earlier entries, the last one {old[-1]['hash']}"
    seal = rows[5] | {"id": 5, "note": note, "previous_hash": old[-1]["hash"]}
    return [*old, seal, *(row | {"id": row["id"] - 1} for row in rows[6:])]


OLD_ATTACKS: Attacks = {
    "changed": (run("UPDATE audit_log SET note = 'no' WHERE id = 3"), [CHANGED + "3."]),
    "removed": (run("DELETE FROM audit_log WHERE id = 3"), [MISSING + "4.", "there are 4 up to"]),
    "the first removed": (run("DELETE FROM audit_log WHERE id = 1"), [MISSING + "2."]),
    "all old ones removed": (
        run("DELETE FROM audit_log WHERE id < 6"),
        [MISSING + "6.", "Entry 6 seals 5 earlier entries", "there are 0 up to"],
    ),
    "changed and chained anew": (
        rows_changed(lambda rows: [*unkeyed(forged(rows[:5])), *rows[5:]]),
        [MISSING + "6.", "Entry 6 seals 5 earlier entries"],
    ),
    "one added before the seal": (
        rows_changed(lambda rows: [*unkeyed([rows[0] | {"id": 0}, *rows[:5]]), *rows[5:]]),
        [MISSING + "6.", "there are 6 up to"],
    ),
    "one added after the seal": (
        rows_changed(lambda rows: one_more(rows, key_fingerprint=None)),
        [UNSEALED + "9."],
    ),
    "the seal removed": (
        run("DELETE FROM audit_log WHERE id = 6"),
        [MISSING + "7.", UNSEALED + "1 to 5."],
    ),
    "another seal": (rows_changed(resealed), [CHANGED + "5 to 7.", CUT]),
    "all as from before the keys": (rows_changed(without_key), [UNSEALED + "1 to 8.", ANEW]),
    "cut to the old ones": (
        run("DELETE FROM audit_log WHERE id > 5"),
        [UNSEALED + "1 to 5.", CUT],
    ),
}


def test_what_is_done_to_old_entries_after_their_sealing_is_told(old_log: int) -> None:
    fill(2)
    assert unseen(OLD_ATTACKS) == {}


def test_a_log_goes_down_and_up_and_is_whole(site: Flask) -> None:
    """The earlier schema has no place for the key's name: the entries are sealed as old ones."""
    fill(3)
    db.session.remove()
    for _ in range(2):
        db.engine.dispose()
        downgrade(revision=BEFORE_KEYS)
        db.engine.dispose()
        upgrade()
    assert [row["action"] for row in entries()] == ["role"] * 3 + ["sealed"] * 2
    assert verification.find_faults() == []
    with unguarded():
        run("UPDATE audit_log SET subject = 'forged' WHERE id = 2")()
    assert verification.find_faults() == [CHANGED + "2."]
