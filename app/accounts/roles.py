"""Who a person is to the site. Stored as text; a new role is one line here and rules in policy."""

from enum import StrEnum


class Role(StrEnum):
    READER = "reader"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"


MODERATORS = frozenset({Role.MODERATOR, Role.EDITOR, Role.ADMIN})
EDITORS = frozenset({Role.EDITOR, Role.ADMIN})
STAFF = MODERATORS | EDITORS

# What stands beside a staff member's name; readers carry none.
BADGES = {Role.MODERATOR: "MOD", Role.EDITOR: "EDITOR", Role.ADMIN: "STAFF"}
