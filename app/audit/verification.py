"""Checking the audit log for entries that were changed, removed, forged or cut off."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, select

from app.audit import anchor, chain
from app.audit.anchor import Anchor, Unusable
from app.audit.models import AuditEntry
from app.db.batches import iterate_batches

BATCH = 1_000  # entries in memory at once
_LISTED = 20  # runs of numbers, or fingerprints, that are named at most


class Numbers:
    """The numbers of entries, abbreviated to runs: "3, 5 to 9"."""

    def __init__(self) -> None:
        self.count, self.runs = 0, list[list[int]]()
        self.last = 0

    def add(self, number: int) -> None:
        """Add a number, which must be higher than all before it."""
        self.count += 1
        if self.runs and number == self.last + 1 and self.runs[-1][1] == self.last:
            self.runs[-1][1] = number
        elif len(self.runs) < _LISTED:
            self.runs.append([number, number])
        self.last = number

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        runs = ", ".join(f"{a} to {b}" if b > a else str(a) for a, b in self.runs)
        more = self.count - sum(b - a + 1 for a, b in self.runs)
        return runs + (f" and {more:,} more" if more else "")


class _Walk:
    """One check of the log from its first entry to its last, with the faults so far."""

    def __init__(self, wanted: set[int]) -> None:
        self.keys = chain.get_keys()
        self.count, self.last_id, self.last_hash = 0, 0, chain.START
        self.changed, self.missing, self.unsealed = Numbers(), Numbers(), Numbers()
        self.unknown: dict[str, Numbers] = {}  # by the fingerprint of a key that we do not have
        self.is_keyed = False
        self.wrong_seal = ""
        self.hashes: dict[int, str] = {}  # of the entries that anchors name
        self._wanted = wanted
        self._old = Numbers()  # entries without a key that came before a seal

    def check(self, entry: Any) -> None:
        """Check the next entry, a row of the log."""
        keyed = entry.key_fingerprint is not None
        is_genuine = not keyed or entry.key_fingerprint in self.keys
        if not is_genuine:
            self._note_unknown(entry)
        elif not chain.is_as_written(entry, self.keys):
            self.changed.add(entry.id)
            is_genuine = False
        if entry.previous_hash != self.last_hash or (keyed and entry.id != self.last_id + 1):
            self.missing.add(entry.id)
        if not keyed:
            (self.unsealed if self.is_keyed else self._old).add(entry.id)
        elif not self.is_keyed:
            self.is_keyed = True
            if is_genuine:
                self._check_seal(entry)
        if entry.id in self._wanted:
            self.hashes[entry.id] = entry.hash
        self.count, self.last_id, self.last_hash = self.count + 1, entry.id, entry.hash

    def _note_unknown(self, entry: Any) -> None:
        name = entry.key_fingerprint
        if name not in self.unknown and len(self.unknown) == _LISTED:
            name = "and others"
        self.unknown.setdefault(name, Numbers()).add(entry.id)

    def _check_seal(self, entry: Any) -> None:
        """Check that the first entry with a key seals all entries before it."""
        sealed = chain.compute_seal(entry)
        if sealed and sealed != (self.count, self.last_hash):
            self.wrong_seal = (
                f"Entry {entry.id} seals {sealed[0]:,} earlier entries up to the hash "
                f"{sealed[1]}; there are {self.count:,} up to {self.last_hash}."
            )
        if not sealed:
            self.unsealed, self._old = self._old, Numbers()

    def sentences(self) -> Iterator[str]:
        """Yield what is wrong, one sentence each, the worst first."""
        if self.changed:
            yield f"Changed since they were written: {self.changed}."
        if self.missing:
            yield f"Not the next one after the entry before, so one is missing: {self.missing}."
        if self.wrong_seal:
            yield self.wrong_seal
        unsealed = self.unsealed if self.is_keyed else self._old
        if unsealed:
            yield f"Without a key, and no entry seals them: {unsealed}."
        for fingerprint, numbers in self.unknown.items():
            yield (
                f"Not checked, because their key ({fingerprint}) is not among "
                "BOTBEAT_SECRET_KEY and BOTBEAT_SECRET_KEY_FALLBACKS: "
                f"{numbers}."
            )


def find_faults(copy: Path | None = None) -> list[str]:
    """Return what is wrong with the log, one sentence each; an empty list when nothing is.

    The log is compared with the anchor of the data folder and with a `copy` of an anchor. Only
    BATCH entries are in memory at once.
    """
    faults: list[str] = []
    anchors: list[Anchor] = []
    is_missing = False
    for file in [None, copy] if copy else [None]:
        try:
            present = anchor.read_anchor(file)
        except (Unusable, OSError) as problem:
            faults.append(str(problem))
            continue
        if present:
            anchors.append(present)
        is_missing |= not present
    walk = _Walk({each.entry for each in anchors})
    for entry in _entries():
        walk.check(entry)
    faults = [*walk.sentences(), *faults]
    faults += [fault for each in anchors if (fault := _compare(each, walk))]
    if is_missing and walk.count:
        faults.append(anchor.describe_missing())
    return faults


def _entries() -> Iterator[Any]:
    """Yield the rows of the log in order, times as text, for a forged one may be no time at all."""
    columns = [
        cast(column, String).label("at") if column.name == "at" else column
        for column in AuditEntry.__table__.c
    ]
    for rows in iterate_batches(select(*columns), BATCH):
        yield from rows


def _compare(named: Anchor, walk: _Walk) -> str:
    """Return what an anchor shows to be wrong, as a sentence, or an empty text."""
    if named.entry > walk.last_id:
        ends = f"The log ends with entry {walk.last_id}" if walk.count else "The log is empty"
        return f"{ends}, but {named} names entry {named.entry}: the end was cut off."
    if walk.hashes.get(named.entry) != named.hash:
        return (
            f"Entry {named.entry} is not the one that {named} names: the log was written anew, "
            "or cut off and continued."
        )
    return ""
