"""The permissions to vote, disagree and pick."""

from typing import Any

from app.accounts.permissions import editor, member
from app.comments.permissions import comments_open, not_own, published
from app.errors import NotAllowed
from app.policy import Permission as P
from app.policy import Viewer, predicate, rule
from app.reactions.models import DOWNVOTES_FROM


@predicate(NotAllowed, f"Downvoting opens after {DOWNVOTES_FROM} published comments.")
def has_enough_comments(viewer: Viewer, _: Any) -> bool:
    return viewer.is_staff or getattr(viewer, "published_comments", 0) >= DOWNVOTES_FROM


@predicate(NotAllowed, "Picks are made by staff.", viewer_only=True)
def staff(viewer: Viewer, _: Any) -> bool:
    return viewer.is_staff


_NOT_OWN_VOTE = not_own("vote on")
_NOT_OWN_DISAGREEMENT = not_own("disagree with")

rule(P.COMMENT_UPVOTE, member, _NOT_OWN_VOTE, published, comments_open)
rule(P.COMMENT_DOWNVOTE, member, _NOT_OWN_VOTE, published, comments_open, has_enough_comments)
rule(P.COMMENT_DISAGREE, member, _NOT_OWN_DISAGREEMENT, published, comments_open)
rule(P.COMMENT_DISAGREE_COUNT, editor, _NOT_OWN_DISAGREEMENT)
rule(P.COMMENT_PICK, member, staff, not_own("pick"), published)
