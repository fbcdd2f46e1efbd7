"""The chain of the audit log: each entry's hash covers the entry and the hash before it.

The hash of an entry is an HMAC with a key of the site. Somebody who can write to the database
but does not know the site's secret can make no entry that verifies. Entries from before there
were keys have a plain SHA-256 and no fingerprint; one keyed entry, the seal, holds their number
and the hash of the last one.
"""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from app import instance
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.instance import Key

START = "0" * 64  # the hash before the first entry
_SEALED = re.compile(r"(\d{1,10}) earlier entries, the last one (\w{64})")


def get_keys() -> dict[str, Key]:
    """Return the keys of the chain by fingerprint; the first one signs new entries."""
    return instance.get_keys("botbeat audit log")


def sign(entry: AuditEntry) -> None:
    """Set the hash of a new entry, and the fingerprint of the key that made it."""
    key = next(iter(get_keys().values()))
    entry.key_fingerprint = key.fingerprint
    entry.hash = _signed(entry, key)


def is_as_written(entry: Any, keys: dict[str, Key]) -> bool:
    """Return whether `entry` (a row of the log) still matches its hash.

    `keys` are by fingerprint. An entry without a fingerprint may have lost it in a migration
    down and up, so all keys are tried.
    """
    try:
        if entry.key_fingerprint is not None:
            return bool(entry.hash == _signed(entry, keys[entry.key_fingerprint]))
        if entry.hash == _unkeyed(entry):
            return True
        return any(entry.hash == _signed(entry, key) for key in keys.values())
    except (TypeError, ValueError):  # a forged value, such as bytes or a text that is no time
        return False


def compute_seal(entry: Any) -> tuple[int, str] | None:
    """Return the count and the last hash in a seal; None for any other entry."""
    match = _SEALED.fullmatch(entry.note) if entry.action == Action.SEALED else None
    return (int(match[1]), match[2]) if match else None


def _signed(entry: Any, key: Key) -> str:
    """Return the HMAC of an entry.

    The migration that seals an old log computes it in the same way, so it cannot change.
    """
    return key.sign(_packed([entry.id, key.fingerprint, *_values(entry)]))


def _unkeyed(entry: Any) -> str:
    return hashlib.sha256(_packed(_values(entry))).hexdigest()


def _packed(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=True).encode()


def _values(entry: Any) -> list[Any]:
    return [
        entry.previous_hash,
        _moment(entry.at),
        entry.actor_id,
        str(entry.action),
        entry.comment_id,
        entry.subject,
        str(entry.before),
        str(entry.after),
        str(entry.reason),
        entry.note,
    ]


def _moment(at: datetime | str) -> str:
    """Return a time in ISO 8601; `at` may be the database's text for it."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()
