"""An anchor that could not be read for a moment, or was made and not written yet."""

import fcntl

from flask import Flask

from app.audit import anchor, log, verification
from app.audit.actions import Action
from app.db.base import db
from tests.audit.tampering import fill
from tests.audit.test_anchor import MISSING, cut, named
from tests.conftest import person


def test_one_that_could_not_be_read_does_not_move_over_a_cut(site: Flask) -> None:
    fill(5)
    cut(to=2)
    with anchor.get_path().open("rb") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        log.record(Action.ROLE, person("ada"), subject="somebody")
    db.session.commit()
    assert named() == 5
    fill(6)
    assert named() == 5


def test_one_that_was_made_and_not_written_is_none(site: Flask) -> None:
    anchor.get_path().write_bytes(b"")
    fill(1)
    assert named() == 1
    anchor.get_path().write_bytes(b"")
    fill(1)
    assert anchor.read_anchor() is None
    assert MISSING in verification.find_faults()[0]
