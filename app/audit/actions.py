"""The kinds of acts in the audit log."""

from enum import StrEnum


class Action(StrEnum):
    """The kind of an act in the audit log."""

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
    KEPT = "kept"  # left published, its reports answered as unfounded
    ROLE = "role"
    PASSWORD = "password"  # noqa: S105 - the name of an act, no secret
    WORD_ADDED = "word added"
    WORD_REMOVED = "word removed"
    SEALED = "sealed"  # the unkeyed entries before it, by the migration
    ANCHORED = "anchored"  # the anchor was set anew
