"""Who may do what: the engine behind the rules of every feature.

A rule is a permission and the named predicates that must hold for it. Each feature states its
own in its `permissions.py`; `flask policy` prints them all as one table. Operations `require`;
templates ask `allows`, so a button shows exactly when its act is allowed. The first predicate
that fails gives the refusal its words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from app.errors import DomainError


class Viewer(Protocol):
    """Whoever asks: a member, or a visitor who is nobody yet."""

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
    PUBLIC = "public"  # pages for everybody, and the doors to signing in
    ACCOUNT_LEAVE = "account:leave"
    PERSONAL = "personal"  # one's own settings, activity, drafts
    ARTICLE_READ = "article:read"
    ARTICLE_WRITE = "article:write"
    ARTICLE_FOLLOW = "article:follow"
    COMMENT_READ = "comment:read"
    COMMENT_CREATE = "comment:create"
    COMMENT_REPLY = "comment:reply"
    COMMENT_ANSWER = "comment:answer"  # write a reply, to be posted after signing in
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
    """A named question and the refusal when its answer is no.

    `test(viewer, subject)` sees the subject of the act; one marked `viewer_only` ignores it
    and is also asked at the door of a route, before anything is looked up.
    """

    name: str
    test: Callable[[Viewer, Any], bool]
    refusal: type[DomainError]
    message: str
    viewer_only: bool = False

    def failure(self) -> DomainError:
        """Return the error to raise when the answer is no."""
        return self.refusal(self.message)


def predicate(
    refusal: type[DomainError], message: str, viewer_only: bool = False
) -> Callable[[Callable[[Any, Any], bool]], Predicate]:
    """Turn a question about a viewer and a subject into a predicate with the words of its no."""

    def name_it(test: Callable[[Any, Any], bool]) -> Predicate:
        return Predicate(test.__name__, test, refusal, message, viewer_only)

    return name_it


_rules: dict[Permission, tuple[Predicate, ...]] = {}


def rule(permission: Permission, *predicates: Predicate) -> None:
    """State what must hold for `permission`, in the order in which it is asked."""
    if permission in _rules:
        raise ValueError(f"{permission} has a rule already")
    _rules[permission] = predicates


def list_rules() -> dict[Permission, tuple[Predicate, ...]]:
    """Return every rule, in the order of `Permission`."""
    return {permission: _rules[permission] for permission in Permission}


def refusal(viewer: Viewer, permission: Permission, subject: Any) -> DomainError | None:
    """Return why `viewer` may not, as the error to raise; None when allowed."""
    for asked in _rules[permission]:
        if not asked.test(viewer, subject):
            return asked.failure()
    return None


def allows(viewer: Viewer, permission: Permission, subject: Any) -> bool:
    """Return whether `viewer` may do this to `subject`."""
    return refusal(viewer, permission, subject) is None


def require(viewer: Viewer, permission: Permission, subject: Any) -> None:
    """Raise the refusal of the first predicate that `viewer` fails on `subject`."""
    if error := refusal(viewer, permission, subject):
        raise error


def require_at_door(viewer: Viewer, permission: Permission) -> None:
    """Raise what can be refused before the subject is known: signed out, wrong role."""
    for asked in _rules[permission]:
        if asked.viewer_only and not asked.test(viewer, None):
            raise asked.failure()


def is_open_to_all(permission: Permission) -> bool:
    """Return whether nothing is asked, not even who it is."""
    return not _rules[permission]
