"""How an entry of the audit log is bound to the entry before it.

The hash of an entry is an HMAC with a key of the site: who can write to the database, but
does not know the site's secret, can make no entry that verifies. Entries from before there
were keys carry a plain SHA-256 and no fingerprint; one keyed entry, the seal, holds how many
they are and the hash of the last.
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

START = "0" * 64  # stands before the first entry
_SEALED = re.compile(r"(\d{1,10}) earlier entries, the last one (\w{64})")


def get_keys() -> dict[str, Key]:
    """Return the keys of the chain by fingerprint; the first one signs new entries."""
    return instance.get_keys("botbeat audit log")


def sign(entry: AuditEntry) -> None:
    """Set the hash of a new entry, and the fingerprint of the key that made it."""
    key = next(iter(get_keys().values()))
    entry.key_fingerprint = key.fingerprint
    entry.hash = _signed(entry, key)


def is_as_written(entry: Any, known: dict[str, Key]) -> bool:
    """Return whether `entry` (a row of the log) is what its hash was made from.

    An entry without a fingerprint may also be one that lost it in a migration down and up.
    """
    try:
        if entry.key_fingerprint is not None:
            return bool(entry.hash == _signed(entry, known[entry.key_fingerprint]))
        if entry.hash == _unkeyed(entry):
            return True
        return any(entry.hash == _signed(entry, key) for key in known.values())
    except (TypeError, ValueError):  # bytes, or no time: this was never an entry
        return False


def compute_seal(entry: Any) -> tuple[int, str] | None:
    """Return the count and the last hash that a seal holds; None for any other entry."""
    found = _SEALED.fullmatch(entry.note) if entry.action == Action.SEALED else None
    return (int(found[1]), found[2]) if found else None


def _signed(entry: Any, key: Key) -> str:
    """The migration that seals an old log signs in the same way: this cannot change."""
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
    """Return a time in ISO 8601; `at` may be the text that a database has for it."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()
