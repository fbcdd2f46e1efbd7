"""Predicates about people themselves: to be signed in, and to have a role."""

from typing import Any

from app.accounts.models import User
from app.accounts.roles import EDITORS, MODERATORS
from app.errors import NotAllowed, SignedOut
from app.policy import Permission as P
from app.policy import Viewer, predicate, rule


@predicate(SignedOut, "Sign in to do this.", viewer_only=True)
def member(viewer: Viewer, _: Any) -> bool:
    return viewer.is_authenticated


@predicate(NotAllowed, "This page is for moderators.", viewer_only=True)
def moderator(viewer: Viewer, _: Any) -> bool:
    return viewer.role in MODERATORS


@predicate(NotAllowed, "This page is for the newsroom.", viewer_only=True)
def editor(viewer: Viewer, _: Any) -> bool:
    return viewer.role in EDITORS


def require_user(viewer: Viewer) -> User:
    """Return the viewer as a User; raises SignedOut for a visitor."""
    if not isinstance(viewer, User):
        raise member.failure()
    return viewer


rule(P.PUBLIC)
rule(P.ACCOUNT_LEAVE, member)
rule(P.PERSONAL, member)
