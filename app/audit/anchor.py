"""The anchor: which entry of the audit log was the last, told outside the database.

A chain does not show that its end was cut off, nor that all of it was written anew. So each
act that is logged leaves the number and the hash of its entry in a file of the data folder,
signed with a key of the site, and in the request log. `flask audit verify` compares.

The anchor only moves forward, and only while the log still holds the entry that it names:
else the next act would hide what was cut off before it. Nothing here fails an act.
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
_PENDING = "audit_anchor"  # in the session: the step of its open transaction
_LOCK_WAIT = 0.25  # seconds that an act waits for another process that moves the anchor
_LOCK_RETRY = 0.002
_LENGTH = 400  # bytes of the file, filled up with blanks
_LARGEST = 10_000  # bytes of an anchor, or of the line of a request log that tells one


class Anchor(NamedTuple):
    """The log's last entry at a time; `at` is in ISO 8601."""

    entry: int
    hash: str
    at: str

    def __str__(self) -> str:
        return f"the anchor of {self.at[:16].replace('T', ' ')} UTC"


class Unusable(Exception):
    """A file is no anchor of this site; the message is a sentence that says why."""


class _Step(NamedTuple):
    """What the open transaction adds to the log, and what it knows of the anchor."""

    entry: int
    hash: str
    seen: Anchor | None  # the anchor before
    holds: bool  # the log holds the entry that `seen` names; without one: the log begins here
    forced: bool = False
    is_known: bool = True  # whether the anchor could be read


def get_path() -> Path:
    return instance.get_folder() / "audit.anchor"


def is_missing() -> str:
    return (
        f"There is no anchor in {get_path()}, so nothing shows whether the end of the audit log "
        "was cut off. On a new machine, or after a backup was restored, run `flask audit anchor`."
    )


def read_anchor(file: Path | None = None) -> Anchor | None:
    """Return the anchor in `file` (that of the data folder), or None where there is no file.

    A line of the request log that tells an anchor does as well. Raises Unusable, or OSError.
    """
    file = file or get_path()
    try:
        with _held(file, os.O_RDONLY) as opened:
            data = os.pread(opened, _LARGEST, 0)
            return _understood(file, data) if data else None  # made, but not written yet
    except FileNotFoundError:
        return None


def _understood(file: Path, data: bytes) -> Anchor:
    try:
        found = json.loads(data)
        found = found.get("anchor", found)
        anchor = Anchor(int(found["entry"]), str(found["hash"]), str(found["at"]))
        fingerprint, signature = str(found["key"]), str(found["signature"])
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
    """Let the anchor move to `entry` when the transaction commits.

    `last` is the row before it with `id`, `hash` and `action`, or None.
    """
    step: _Step | None = db.session.info.get(_PENDING)
    if step is None:
        step = _Step(entry.id, entry.hash, *_look(last))
    db.session.info[_PENDING] = step._replace(entry=entry.id, hash=entry.hash)


def _look(last: Any) -> tuple[Anchor | None, bool, bool, bool]:
    """Return what a step knows of the anchor, when `last` is the last row of the log."""
    try:
        seen = read_anchor()
    except Unusable:  # _move meets that again, and tells
        return None, False, False, True
    except OSError:
        return None, False, False, False
    begins = last is None or last.action == Action.SEALED
    return seen, _is_in_the_log(seen, last) if seen else begins, False, True


def describe_anchor() -> str:
    """Tell what the data folder has now, for the entry about a new anchor."""
    try:
        present = read_anchor()
    except (Unusable, OSError):
        return "in the place of one that could not be used"
    if present is None:
        return "there was none"
    return f"in the place of {present}, which names entry {present.entry} with {present.hash}"


def set_anew() -> None:
    """Let the anchor move to the entry of the open transaction, whatever it names now."""
    db.session.info[_PENDING] = db.session.info[_PENDING]._replace(forced=True)


def is_named_by(entry: AuditEntry) -> bool:
    """Return whether the data folder's anchor names `entry`."""
    present = _usable()
    return present is not None and present[:2] == (entry.id, entry.hash)


def _usable() -> Anchor | None:
    """The anchor, or None also for a file that is none: _move meets that again, and tells."""
    try:
        return read_anchor()
    except (Unusable, OSError):
        return None


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

    One that could not be read when the act began stays as it is: whether the log still holds
    its entry is not known. The next act moves it.
    """
    if not step.is_known and not step.forced:
        raise OSError("it could not be read when the act began")
    if not get_path().exists() and not step.holds and not step.forced:
        raise Unusable(is_missing())
    with _held(get_path(), os.O_RDWR | os.O_CREAT) as file:
        data = os.pread(file, _LARGEST, 0)
        if not data and not step.holds and not step.forced:
            raise Unusable(is_missing())
        if not step.forced and data:
            present = _understood(get_path(), data)
            # Another process of this machine may have moved it since, to an entry before ours.
            if present == step.seen and not step.holds:
                raise Unusable(
                    f"Entry {present.entry} of the audit log is gone or not as the anchor names "
                    "it. The anchor does not move: run `flask audit verify`."
                )
            if present.entry >= step.entry:
                return
        _write(file, Anchor(step.entry, step.hash, clock.now().isoformat(timespec="seconds")))


def _write(file: int, anchor: Anchor) -> None:
    """Write over what the open file holds, in one call and to the same length.

    So there is no moment at which it is half an anchor, a full disk is no hindrance, and the
    disk is not waited for, as it may be when a new file takes the place of an old one.
    """
    key = next(iter(_keys().values()))
    told = anchor._asdict() | {"key": key.fingerprint, "signature": key.sign(_packed(anchor))}
    os.pwrite(file, json.dumps(told).ljust(_LENGTH - 1).encode() + b"\n", 0)
    os.ftruncate(file, _LENGTH)
    if os.geteuid() == 0:  # a command run by root: the site itself must read it as well
        owner = instance.get_folder().stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    _log.info("The audit log ends with entry %s", anchor.entry, extra={"facts": {"anchor": told}})


@contextmanager
def _held(path: Path, flags: int) -> Iterator[int]:
    """Open a file, and hold it against the other processes of this machine."""
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
