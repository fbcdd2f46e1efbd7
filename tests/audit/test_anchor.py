"""The audit log's anchor: where the log ended, told in the data folder and the request log."""

import fcntl
import json
import logging
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

import pytest
from flask import Flask
from sqlalchemy import text

from app.audit import anchor, log, verification
from app.audit.actions import Action
from app.comments.enums import CommentStatus as S
from app.db.base import db
from app.web.request_log import JsonFormatter
from devtools.steps import ROOT
from tests.audit.tampering import entries, fill, unguarded
from tests.commands import refused, run
from tests.conftest import fresh, person, say
from tests.moderation import desk
from tests.services import own_environment

MISSING = "There is no anchor in "
FORGED = "was changed by somebody who does not hold the key."


@contextmanager
def told() -> Iterator[list[str]]:
    """Yield the lines of the request log about the audit log, as production writes them."""
    lines: list[str] = []
    logger, handler = logging.getLogger("botbeat.audit"), logging.Handler()
    handler.setFormatter(JsonFormatter())
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(handler)


def named() -> int:
    """Return the number of the entry that the anchor names."""
    found = anchor.read_anchor()
    assert found is not None
    return found.entry


def cut(*, to: int) -> None:
    with unguarded():
        db.session.execute(text("DELETE FROM audit_log WHERE id > :to"), {"to": to})
        db.session.commit()


@pytest.mark.both_engines  # commits and races
def test_each_act_that_is_logged_moves_it_and_no_other(site: Flask) -> None:
    say("rhea", "Published as it was written")
    assert not anchor.get_path().exists()
    comment = desk.held()
    assert named() == 1
    desk.approve("mo", comment)
    assert named() == 2
    assert stat.S_IMODE(anchor.get_path().stat().st_mode) == 0o600


@pytest.mark.both_engines  # commits and races
def test_an_act_that_is_taken_back_leaves_it(site: Flask) -> None:
    fill(2)
    for end in (db.session.rollback, db.session.close, db.session.remove):
        log.record(Action.ROLE, person("ada"), subject="somebody")
        end()
        person("ada")
        db.session.commit()
        assert named() == 2
    assert verification.find_faults() == []


@pytest.mark.both_engines  # commits and races
def test_an_act_with_several_entries_moves_it_to_the_last(site: Flask) -> None:
    for _ in range(2):
        for _ in range(3):
            log.record(Action.ROLE, person("ada"), subject="somebody")
        db.session.commit()
    assert named() == 6
    assert verification.find_faults() == []


def test_it_does_not_move_over_a_cut(site: Flask) -> None:
    """Else the next acts would hide what is gone."""
    fill(5)
    cut(to=2)
    with told() as lines:
        fill(6)
    assert named() == 5
    assert "Entry 5 of the audit log is gone or not as the anchor names it." in lines[-1]
    (fault,) = verification.find_faults()
    assert fault.startswith("Entry 5 is not the one that the anchor of ")


def test_a_changed_or_removed_anchor_is_told_and_not_healed_by_the_next_act(site: Flask) -> None:
    fill(3)
    good = anchor.get_path().read_text()
    fields = json.loads(good)
    attacks = {
        "an earlier entry": (json.dumps(fields | {"entry": 2}), FORGED),
        "another hash": (json.dumps(fields | {"hash": entries()[0]["hash"]}), FORGED),
        "another time": (json.dumps(fields | {"at": "2020-01-01T00:00:00+00:00"}), FORGED),
        "no signature": (json.dumps(fields | {"signature": ""}), FORGED),
        "another key": (json.dumps(fields | {"key": "feed"}), "was written with another key"),
        "emptied": ("", MISSING),
        "cut short": (good[:40], "cannot be read: it was changed or cut short."),
        "no anchor": ("[1, 2]", "cannot be read: it was changed or cut short."),
        "endless": ('{"entry": Infinity, "hash": 1, "at": 1}', "cannot be read"),
        "longer": (good.rstrip() + " and more", "cannot be read"),
        "deep": ("[" * 9_000, "cannot be read"),
        "removed": (None, MISSING),
    }
    wrong = {}
    for name, (content, sentence) in attacks.items():
        if content is None:
            anchor.get_path().unlink()
        else:
            anchor.get_path().write_text(content)
        before = verification.find_faults()
        with told() as lines:
            fill(1)
        after = verification.find_faults()
        kept = anchor.get_path().read_text() if content is not None else None
        heard = [json.loads(line)["message"] for line in lines]
        if not (
            [sentence in each for each in (*before, *after, *heard)] == [True] * 3
            and kept == content
        ):
            wrong[name] = (before, after, heard)
        anchor.get_path().write_text(good)
    assert wrong == {}


def test_an_older_anchor_that_still_holds_is_taken_up_again(site: Flask) -> None:
    fill(2)
    older = anchor.get_path().read_bytes()
    fill(3)
    anchor.get_path().write_bytes(older)
    assert verification.find_faults() == []
    fill(1)
    assert named() == 6


def test_a_line_of_the_request_log_shows_what_an_older_anchor_hides(
    site: Flask, tmp_path: Path
) -> None:
    fill(2)
    older = anchor.get_path().read_bytes()
    with told() as lines:
        fill(2)
    line = json.loads(lines[-1])
    assert (line["message"], line["level"]) == ("The audit log ends with entry 4", "INFO")
    copy = tmp_path / "line.json"
    copy.write_text(lines[-1] + "\n")
    flask = partial(run, site, "audit", "verify", "--anchor", str(copy))
    assert flask().output == "The audit log is whole.\n"
    cut(to=2)
    anchor.get_path().write_bytes(older)
    assert run(site, "audit", "verify").exit_code == 0
    refused(flask(), "The log ends with entry 2", "names entry 4: the end was cut off.")
    copy.write_text("no anchor")
    refused(flask(), f"The anchor {copy} cannot be read")


def test_an_empty_log_needs_no_anchor(site: Flask) -> None:
    assert run(site, "audit", "verify").output == "The audit log is whole.\n"


def test_after_a_restore_it_is_set_anew_and_the_log_tells(site: Flask) -> None:
    fill(5)
    last = entries()[-1]["hash"]
    cut(to=3)
    assert run(site, "audit", "verify").exit_code == 1
    answer = run(site, "audit", "anchor")
    assert answer.output.endswith("The anchor names entry 4 now; the log tells of it.\n")
    assert run(site, "audit", "verify").exit_code == 0
    entry = desk.entries()[-1]
    assert (entry.action, entry.actor) == (Action.ANCHORED, None)
    assert "in the place of the anchor of " in entry.note
    assert entry.note.endswith(f"which names entry 5 with {last}")
    anchor.get_path().unlink()
    run(site, "audit", "anchor")
    assert desk.entries()[-1].note == "there was none"
    fill(1)
    assert named() == 6


def test_an_act_goes_on_where_the_data_folder_takes_no_file(site: Flask) -> None:
    fill(1)
    aside = anchor.get_path().rename(anchor.get_path().with_suffix(".aside"))
    anchor.get_path().mkdir()
    try:
        comment = desk.held()
        with told() as lines:
            desk.approve("mo", comment)
        assert fresh(comment).status == S.PUBLISHED
        (line,) = lines
        assert "The audit log's anchor cannot be written" in line
        assert json.loads(line)["level"] == "WARNING"
        refused(run(site, "audit", "anchor"), "audit.anchor could not be written")
    finally:
        anchor.get_path().rmdir()
        aside.rename(anchor.get_path())
    assert (named(), len(entries())) == (1, 4)
    assert verification.find_faults() == []
    fill(1)
    assert named() == 5


def test_an_act_goes_on_when_somebody_holds_the_anchor(site: Flask) -> None:
    fill(1)
    file = os.open(anchor.get_path(), os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        fill(1)
        assert len(entries()) == 2
    finally:
        os.close(file)
    assert named() == 1
    fill(1)
    assert named() == 3


def test_machines_with_a_folder_each_hold_a_bound_each(site: Flask, tmp_path: Path) -> None:
    fill(2)
    here = mock.patch.dict(site.config, INSTANCE=tmp_path)
    with here:
        (fault,) = verification.find_faults()
        assert fault.startswith(MISSING + str(tmp_path))
        run(site, "audit", "anchor")
        fill(2)
        assert named() == 5
        assert verification.find_faults() == []
    assert named() == 2
    fill(1)
    assert named() == 6
    cut(to=5)
    with here:
        assert verification.find_faults() == []
    assert verification.find_faults() != []


ACTS = """
from app import create_app
from app.audit import log
from app.audit.actions import Action
from app.db.base import db
with create_app().app_context():
    for number in range(25):
        log.record(Action.ROLE, None, subject=f"subject {number}")
        db.session.commit()
"""


@pytest.mark.both_engines  # commits and races
def test_processes_at_once_make_one_chain_and_an_anchor_that_holds(site: Flask) -> None:
    fill(1)
    db.session.remove()
    settings = {
        "BOTBEAT_INSTANCE": str(site.config["INSTANCE"]),
        "BOTBEAT_DATABASE_URL": site.config["SQLALCHEMY_DATABASE_URI"],
        "BOTBEAT_SECRET_KEY": site.config["SECRET_KEY"],
    }
    processes = [
        subprocess.Popen([sys.executable, "-c", ACTS], cwd=ROOT, env=own_environment(settings))
        for _ in range(2)
    ]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(entries()) == 51
    assert verification.find_faults() == []
    fill(1)
    assert named() == 52


def test_who_is_root_leaves_it_to_the_owner_of_the_folder(site: Flask, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to somebody else")
    shutil.chown(tmp_path, 12_345, 12_345)
    with mock.patch.dict(site.config, INSTANCE=tmp_path):
        fill(1)
        assert (anchor.get_path().stat().st_uid, named()) == (12_345, 1)
