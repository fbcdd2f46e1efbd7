"""Predicates about people themselves: to be signed in, and to have a role."""

from typing import Any

from app.accounts.models import User
from app.accounts.roles import EDITORS, MODERATORS
from app.accounts.rows import AnyMember
from app.db.base import db
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


def require_member(viewer: Viewer) -> AnyMember:
    """Return the viewer as a member, for reading; raises SignedOut for a visitor."""
    if not isinstance(viewer, AnyMember):
        raise member.failure()
    return viewer


def require_user(viewer: Viewer) -> User:
    """Return the viewer as a User, for acts; raises SignedOut for a visitor."""
    if isinstance(viewer, User):
        return viewer
    user = db.session.get(User, viewer.id) if viewer.id is not None else None
    if user is None:
        raise member.failure()
    return user


rule(P.PUBLIC)
rule(P.ACCOUNT_LEAVE, member)
rule(P.PERSONAL, member)
