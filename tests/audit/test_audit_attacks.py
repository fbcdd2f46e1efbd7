"""Attacks on the audit log by who owns the database: `flask audit verify` sees each of them."""

import json
from unittest import mock

import pytest
from flask import Flask, current_app

from app.audit import anchor, chain, log, verification
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.db.base import db
from tests.audit.tampering import (
    ANEW,
    CHANGED,
    CUT,
    MISSING,
    UNKNOWN,
    UNSEALED,
    Attack,
    Attacks,
    Entry,
    entries,
    fill,
    forged,
    one_more,
    replace_all,
    rows_changed,
    run,
    unguarded,
    unkeyed,
    unseen,
    without_key,
)
from tests.conftest import person

pytestmark = pytest.mark.both_engines  # each engine has its own ways to tamper


def signed_anew(rows: list[Entry]) -> list[Entry]:
    """Return the rows changed, and signed as a site with another secret would."""
    made, previous = [], chain.START
    secret = {"SECRET_KEY": "a secret that the attacker made", "SECRET_KEY_FALLBACKS": []}
    with mock.patch.dict(current_app.config, secret):
        for row in forged(rows):
            entry = AuditEntry(**row | {"previous_hash": previous})
            chain.sign(entry)
            previous = entry.hash
            made.append({name: getattr(entry, name) for name in row})
    return made


def named_as_ours(rows: list[Entry]) -> list[Entry]:
    ours = {"key_fingerprint": rows[0]["key_fingerprint"]}
    return [row | ours for row in signed_anew(rows)]


def cut_and_continued(cut: int, added: int) -> Attack:
    def attack() -> None:
        replace_all(entries()[:-cut] if cut < len(entries()) else [])
        fill(added)

    return attack


ATTACKS: Attacks = {
    "changed": (run("UPDATE audit_log SET note = 'no' WHERE id = 3"), [CHANGED + "3."]),
    "another actor": (run("UPDATE audit_log SET actor_id = NULL WHERE id = 5"), [CHANGED + "5."]),
    "several": (
        run("UPDATE audit_log SET reason = 'spam', after = 'x' WHERE id IN (1, 4, 5, 6)"),
        [CHANGED + "1, 4 to 6."],
    ),
    "removed": (run("DELETE FROM audit_log WHERE id = 3"), [MISSING + "4."]),
    "the first removed": (run("DELETE FROM audit_log WHERE id = 1"), [MISSING + "2."]),
    "removed and the gap closed": (
        run(
            "DELETE FROM audit_log WHERE id = 7",
            "UPDATE audit_log SET id = 7 WHERE id = 8",
        ),
        [CHANGED + "7.", MISSING + "7.", CUT],
    ),
    "swapped": (
        run(
            "UPDATE audit_log SET id = 99 WHERE id = 2",
            "UPDATE audit_log SET id = 2 WHERE id = 4",
            "UPDATE audit_log SET id = 4 WHERE id = 99",
        ),
        [CHANGED + "2, 4.", MISSING + "2 to 5."],
    ),
    "all without a key": (rows_changed(without_key), [UNSEALED + "1 to 8.", ANEW]),
    "all with another key": (
        rows_changed(signed_anew),
        [UNKNOWN, ": 1 to 8.", ANEW],
    ),
    "all with another key, named as ours": (
        rows_changed(named_as_ours),
        [CHANGED + "1 to 8.", ANEW],
    ),
    "the last one cut": (run("DELETE FROM audit_log WHERE id = 8"), ["entry 7", CUT]),
    "the end cut": (run("DELETE FROM audit_log WHERE id > 5"), ["entry 5", CUT]),
    "all cut": (run("DELETE FROM audit_log"), ["The log is empty", CUT]),
    "the end cut, fewer added": (cut_and_continued(4, 2), ["entry 6", CUT]),
    "the end cut, as many added": (cut_and_continued(4, 4), [ANEW]),
    "the end cut, more added": (cut_and_continued(4, 7), [ANEW]),
    "all cut, more added": (cut_and_continued(8, 9), [ANEW]),
    "one added without a key": (
        rows_changed(lambda rows: [*rows, unkeyed(one_more(rows))[-1] | {"hash": "e" * 64}]),
        [CHANGED + "9."],
    ),
    "one added as from before the keys": (
        rows_changed(lambda rows: one_more(rows, key_fingerprint=None)),
        [UNSEALED + "9."],
    ),
    "one added with our key's name": (rows_changed(one_more), [CHANGED + "9."]),
    "one added before all": (
        rows_changed(lambda rows: [rows[0] | {"id": -5, "hash": "d" * 64}, *rows]),
        [CHANGED + "-5."],
    ),
    "a key's name taken away": (
        run("UPDATE audit_log SET key_fingerprint = NULL WHERE id = 3"),
        [UNSEALED + "3."],
    ),
    "the first key's name taken away": (
        run("UPDATE audit_log SET key_fingerprint = NULL WHERE id = 1"),
        [UNSEALED + "1."],
    ),
    "a key's name changed": (
        run("UPDATE audit_log SET key_fingerprint = 'feed' WHERE id = 3"),
        [UNKNOWN + "feed) ", ": 3."],
    ),
}
OF_ONE_ENGINE: dict[str, Attacks] = {
    "sqlite": {
        "no time": (run("UPDATE audit_log SET at = 'never' WHERE id = 3"), [CHANGED + "3."]),
        "bytes": (run("UPDATE audit_log SET note = x'ff00' WHERE id = 3"), [CHANGED + "3."]),
    },
    "postgresql": {
        "no time": (run("UPDATE audit_log SET at = 'infinity' WHERE id = 3"), [CHANGED + "3."]),
    },
}


def test_what_got_round_the_triggers_is_told(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "BATCH", 3)  # the ends of batches are looked across
    fill(8)
    assert unseen(ATTACKS | OF_ONE_ENGINE[db.engine.dialect.name]) == {}


def test_the_command_tells_it_and_ends_with_1(site: Flask) -> None:
    fill(5)
    with unguarded():
        run("DELETE FROM audit_log WHERE id = 5", "UPDATE audit_log SET note = 'no'")()
    result = site.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: Changed since they were written: 1 to 4.\n")
    assert CUT in result.output


def test_a_long_list_of_what_is_wrong_is_told_in_short() -> None:
    numbers = verification.Numbers()
    for number in range(1, 10_001, 2):
        numbers.add(number)
    assert len(str(numbers)) < 200
    assert str(numbers).endswith("39 and 4,980 more")


# -- keys ---------------------------------------------------------------------------------------


def test_a_changed_secret_verifies_with_the_earlier_one_and_says_so_without(site: Flask) -> None:
    fill(3)
    earlier = site.config["SECRET_KEY"]
    new = {"SECRET_KEY": "a new secret of the site, and long", "SECRET_KEY_FALLBACKS": [earlier]}
    with mock.patch.dict(site.config, new):
        assert verification.find_faults() == []
        fill(2)
        assert verification.find_faults() == []
    with mock.patch.dict(site.config, new | {"SECRET_KEY_FALLBACKS": []}):
        (told,) = verification.find_faults()
        assert told.startswith(UNKNOWN)
        assert told.endswith(": 1 to 3.")
    assert len({row["key_fingerprint"] for row in entries()}) == 2


def test_a_key_tells_nothing_of_the_secret(site: Flask) -> None:
    fill(1)
    stored = json.dumps([*entries(), anchor.get_path().read_text()], default=str)
    for key in (
        site.config["SECRET_KEY"],
        *(key.secret.hex() for key in chain.get_keys().values()),
    ):
        assert key not in stored


def test_an_entry_of_the_site_itself_follows_a_forged_one_and_seals_nothing(site: Flask) -> None:
    fill(2)
    with unguarded():
        replace_all(one_more(entries(), key_fingerprint=None))
    log.record(Action.ROLE, person("ada"), subject="later")
    db.session.commit()
    assert any(told.startswith(UNSEALED + "3.") for told in verification.find_faults())
