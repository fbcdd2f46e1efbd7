"""The engine of permissions.

A rule is a permission and the named predicates that must hold for it. Each feature has its rules
in its `permissions.py`; `flask policy` prints all of them as one table. Operations call `require`
and templates `allows`, so a button is there exactly when its act is allowed. The first predicate
that fails provides the message of the refusal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from app.errors import DomainError


class Viewer(Protocol):
    """The person of a request: a member, or a visitor without an id."""

    @property
    def id(self) -> int | None: ...

    @property
    def name(self) -> str: ...

    @property
    def role(self) -> str | None: ...

    @property
    def is_authenticated(self) -> bool: ...

    @property
    def is_staff(self) -> bool: ...


class Permission(StrEnum):
    PUBLIC = "public"  # pages for everybody, including those to sign in and to join
    ACCOUNT_LEAVE = "account:leave"
    PERSONAL = "personal"  # one's own settings, activity, drafts
    ARTICLE_READ = "article:read"
    ARTICLE_FOLLOW = "article:follow"
    COMMENT_READ = "comment:read"
    COMMENT_CREATE = "comment:create"
    COMMENT_REPLY = "comment:reply"
    COMMENT_ANSWER = "comment:answer"  # write a reply, to be posted after signing in
    COMMENT_ACTS = "comment:acts"  # open the menu of what is wanted now and then
    COMMENT_EDIT = "comment:edit"
    COMMENT_DELETE = "comment:delete"
    COMMENT_UNDELETE = "comment:undelete"
    COMMENT_REMOVE_NAME = "comment:remove-name"
    COMMENT_HISTORY = "comment:history"
    REVISION_REDACT = "revision:redact"
    COMMENT_UPVOTE = "comment:upvote"
    COMMENT_DOWNVOTE = "comment:downvote"
    COMMENT_DISAGREE = "comment:disagree"
    COMMENT_DISAGREE_COUNT = "comment:disagree-count"
    COMMENT_PICK = "comment:pick"
    COMMENT_BOOKMARK = "comment:bookmark"
    PERSON_MUTE = "person:mute"
    COMMENT_REPORT = "comment:report"
    COMMENT_DECIDE = "comment:decide"
    MODERATION_READ = "moderation:read"


@dataclass(frozen=True)
class Predicate:
    """A named condition, and the refusal when it does not hold.

    `test(viewer, subject)` gets the subject of the act. A predicate marked `viewer_only` ignores
    the subject, so it is also tested before the view of a request runs.
    """

    name: str
    test: Callable[[Viewer, Any], bool]
    refusal: type[DomainError]
    message: str
    viewer_only: bool = False

    def failure(self) -> DomainError:
        """Return the error to raise when the predicate does not hold."""
        return self.refusal(self.message)


def predicate(
    refusal: type[DomainError], message: str, viewer_only: bool = False
) -> Callable[[Callable[[Any, Any], bool]], Predicate]:
    """Turn a function of a viewer and a subject into a predicate with its refusal."""

    def decorate(test: Callable[[Any, Any], bool]) -> Predicate:
        return Predicate(test.__name__, test, refusal, message, viewer_only)

    return decorate


_rules: dict[Permission, tuple[Predicate, ...]] = {}


def rule(permission: Permission, *predicates: Predicate) -> None:
    """Register the predicates of `permission`, in the order in which they are tested."""
    if permission in _rules:
        raise ValueError(f"{permission} has a rule already")
    _rules[permission] = predicates


def list_rules() -> dict[Permission, tuple[Predicate, ...]]:
    """Return every rule, in the order of `Permission`."""
    return {permission: _rules[permission] for permission in Permission}


def refusal(viewer: Viewer, permission: Permission, subject: Any) -> DomainError | None:
    """Return why `viewer` may not do this to `subject`, as the error to raise; None if allowed."""
    for each in _rules[permission]:
        if not each.test(viewer, subject):
            return each.failure()
    return None


def allows(viewer: Viewer, permission: Permission, subject: Any) -> bool:
    """Return whether `viewer` may do this to `subject`."""
    return refusal(viewer, permission, subject) is None


def require(viewer: Viewer, permission: Permission, subject: Any) -> None:
    """Raise the refusal of the first predicate that `viewer` fails on `subject`."""
    if error := refusal(viewer, permission, subject):
        raise error


def require_at_door(viewer: Viewer, permission: Permission) -> None:
    """Raise a refusal that needs no subject: signed out, or without the role."""
    for each in _rules[permission]:
        if each.viewer_only and not each.test(viewer, None):
            raise each.failure()


def is_open_to_all(permission: Permission) -> bool:
    """Return whether `permission` has no predicates, so that the viewer does not matter."""
    return not _rules[permission]
