"""The roles of people, stored as text. A new role is one line here and rules in policy."""

from enum import StrEnum


class Role(StrEnum):
    READER = "reader"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"


MODERATORS = frozenset({Role.MODERATOR, Role.EDITOR, Role.ADMIN})
EDITORS = frozenset({Role.EDITOR, Role.ADMIN})
STAFF = MODERATORS | EDITORS

# The badge beside a staff member's name; readers have none.
BADGES = {Role.MODERATOR: "MOD", Role.EDITOR: "EDITOR", Role.ADMIN: "STAFF"}
