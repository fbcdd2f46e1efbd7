"""The anchor: a copy of the audit log's last number and hash outside the database.

A chain does not show that its end was cut off, nor that all of it was written anew. So each
logged act writes the number and the hash of its entry to a file of the data folder, signed with
a key of the site, and to the request log. `flask audit verify` compares.

The anchor only moves forward, and only while the log still holds the entry that it names: else
the next act would hide that entries were cut off. A failure here never fails an act.
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction

from app import clock, instance
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.db.base import db
from app.instance import Key

_log = logging.getLogger("botbeat.audit")
_PENDING = "audit_anchor"  # the key in `Session.info` of the open transaction's step
_LOCK_WAIT = 0.25  # seconds that an act waits for another process that moves the anchor
_LOCK_RETRY = 0.002  # seconds between two tries
_LENGTH = 400  # bytes of the file, filled up with blanks
_LARGEST = 10_000  # bytes of an anchor, or of a line of the request log with one


class Anchor(NamedTuple):
    """The log's last entry at a certain time; `at` is in ISO 8601."""

    entry: int
    hash: str
    at: str

    def __str__(self) -> str:
        return f"the anchor of {self.at[:16].replace('T', ' ')} UTC"


class Unusable(Exception):
    """The error for a file that is no anchor of this site; the message says why."""


class _Step(NamedTuple):
    """The last entry of the open transaction, and the state of the anchor before it."""

    entry: int
    hash: str
    former: Anchor | None  # the anchor before the transaction
    matches: bool  # whether the log holds the entry of `former`; without one: if it was empty
    forced: bool = False  # whether the anchor moves in any case
    is_readable: bool = True  # whether the anchor could be read


def get_path() -> Path:
    return instance.get_folder() / "audit.anchor"


def describe_missing() -> str:
    """Return the sentence about an anchor that is not there."""
    return (
        f"There is no anchor in {get_path()}, so nothing shows whether the end of the audit log "
        "was cut off. On a new machine, or after a backup was restored, run `flask audit anchor`."
    )


def read_anchor(file: Path | None = None) -> Anchor | None:
    """Return the anchor in `file` (by default that of the data folder), None without a file.

    The file may also be a line of the request log with an anchor. Raises Unusable, or OSError.
    """
    file = file or get_path()
    try:
        with _open_locked(file, os.O_RDONLY) as opened:
            data = os.pread(opened, _LARGEST, 0)
            return _parse(file, data) if data else None  # empty: created, but not written yet
    except FileNotFoundError:
        return None


def _parse(file: Path, data: bytes) -> Anchor:
    """Return the anchor in `data`, the content of `file`; raises Unusable."""
    try:
        values = json.loads(data)
        values = values.get("anchor", values)
        anchor = Anchor(int(values["entry"]), str(values["hash"]), str(values["at"]))
        fingerprint, signature = str(values["key"]), str(values["signature"])
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise Unusable(f"The anchor {file} cannot be read: it was changed or cut short.") from None
    key = _keys().get(fingerprint)
    if key is None:
        raise Unusable(
            f"The anchor {file} was written with another key ({fingerprint}). Add that secret to "
            "BOTBEAT_SECRET_KEY_FALLBACKS."
        )
    if key.sign(_packed(anchor)) != signature:
        raise Unusable(f"The anchor {file} was changed by somebody who does not hold the key.")
    return anchor


def follow_entry(last: Any, entry: AuditEntry) -> None:
    """Move the anchor to `entry` when the transaction commits.

    `last` is the row before it with `id`, `hash` and `action`, or None.
    """
    step: _Step | None = db.session.info.get(_PENDING)
    if step is None:
        step = _Step(entry.id, entry.hash, *_compare_anchor(last))
    db.session.info[_PENDING] = step._replace(entry=entry.id, hash=entry.hash)


def _compare_anchor(last: Any) -> tuple[Anchor | None, bool, bool, bool]:
    """Return the fields of a step about the anchor; `last` is the last row of the log."""
    try:
        former = read_anchor()
    except Unusable:  # _move meets it again and logs it
        return None, False, False, True
    except OSError:
        return None, False, False, False
    is_new_log = last is None or last.action == Action.SEALED
    return former, _is_in_the_log(former, last) if former else is_new_log, False, True


def describe_anchor() -> str:
    """Return what the data folder has now, as a note for the entry about a new anchor."""
    try:
        present = read_anchor()
    except (Unusable, OSError):
        return "in the place of one that could not be used"
    if present is None:
        return "there was none"
    return f"in the place of {present}, which names entry {present.entry} with {present.hash}"


def set_anew() -> None:
    """Move the anchor to the entry of the open transaction on commit, whatever it names now."""
    db.session.info[_PENDING] = db.session.info[_PENDING]._replace(forced=True)


def is_named_by(entry: AuditEntry) -> bool:
    """Return whether the data folder's anchor names `entry`."""
    try:
        present = read_anchor()
    except (Unusable, OSError):  # _move met it as well and logged it
        return False
    return present is not None and present[:2] == (entry.id, entry.hash)


def _is_in_the_log(anchor: Anchor, last: Any) -> bool:
    if last is not None and anchor.entry == last.id:
        return bool(anchor.hash == last.hash)
    query = select(AuditEntry.hash).where(AuditEntry.id == anchor.entry)
    return bool(db.session.scalar(query) == anchor.hash)


@event.listens_for(db.session, "after_commit")
def _after_commit(session: Session) -> None:
    step: _Step | None = session.info.pop(_PENDING, None)
    if step is None:
        return
    try:
        _move(step)
    except Unusable as problem:
        _log.error("%s", problem)
    except OSError as error:
        _log.warning("The audit log's anchor cannot be written: %s", error)


@event.listens_for(db.session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_PENDING, None)


def _move(step: _Step) -> None:
    """Write the anchor if it may move to `step`. Raises Unusable, or OSError.

    An anchor that could not be read when the act began does not move, because nobody has
    compared it with the log. The next act moves it.
    """
    if not step.is_readable and not step.forced:
        raise OSError("it could not be read when the act began")
    if not get_path().exists() and not step.matches and not step.forced:
        raise Unusable(describe_missing())
    with _open_locked(get_path(), os.O_RDWR | os.O_CREAT) as file:
        data = os.pread(file, _LARGEST, 0)
        if not data and not step.matches and not step.forced:
            raise Unusable(describe_missing())
        if not step.forced and data:
            present = _parse(get_path(), data)
            # Another process of this machine may have moved it since, to an entry before ours.
            if present == step.former and not step.matches:
                raise Unusable(
                    f"Entry {present.entry} of the audit log is gone or not as the anchor names "
                    "it. The anchor does not move: run `flask audit verify`."
                )
            if present.entry >= step.entry:
                return
        _write(file, Anchor(step.entry, step.hash, clock.now().isoformat(timespec="seconds")))


def _write(file: int, anchor: Anchor) -> None:
    """Overwrite the content of the open file, in one call and with the same length.

    So the file never holds half an anchor, a full disk does no harm, and the act does not wait
    for the disk, as it might if a new file replaced the old one.
    """
    key = next(iter(_keys().values()))
    values = anchor._asdict() | {"key": key.fingerprint, "signature": key.sign(_packed(anchor))}
    os.pwrite(file, json.dumps(values).ljust(_LENGTH - 1).encode() + b"\n", 0)
    os.ftruncate(file, _LENGTH)
    if os.geteuid() == 0:  # a command that root runs: the site itself must be able to read it
        owner = instance.get_folder().stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    _log.info("The audit log ends with entry %s", anchor.entry, extra={"facts": {"anchor": values}})


@contextmanager
def _open_locked(path: Path, flags: int) -> Iterator[int]:
    """Open a file and lock it against the other processes of this machine.

    Raises BlockingIOError after _LOCK_WAIT seconds.
    """
    file = os.open(path, flags, 0o600)
    try:
        kind = fcntl.LOCK_EX if flags & os.O_RDWR else fcntl.LOCK_SH
        deadline = time.monotonic() + _LOCK_WAIT
        while True:
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_LOCK_RETRY)
        yield file
    finally:
        os.close(file)


def _keys() -> dict[str, Key]:
    return instance.get_keys("botbeat audit anchor")


def _packed(anchor: Anchor) -> bytes:
    return json.dumps(anchor).encode()
