"""What the audit log tells of."""

from enum import StrEnum


class Action(StrEnum):
    """What the audit log tells of."""

    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"
    DELETED = "deleted"
    UNDELETED = "undeleted"
    DISOWNED = "disowned"
    REDACTED = "redacted"  # one earlier version of a comment
    PICKED = "picked"
    UNPICKED = "unpicked"
    UNDONE = "undone"
    KEPT = "kept"  # published already, its reports found without cause
    ROLE = "role"
    PASSWORD = "password"  # noqa: S105 - the name of an act, no secret
    WORD_ADDED = "word added"
    WORD_REMOVED = "word removed"
    SEALED = "sealed"  # the entries from before there were keys, by the migration
    ANCHORED = "anchored"  # the anchor was set anew
