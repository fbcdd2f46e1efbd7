"""The permissions to follow, save and mute."""

from app.accounts.models import User
from app.accounts.permissions import member
from app.articles.permissions import public_or_newsroom
from app.comments.permissions import SEES
from app.errors import NotAllowed
from app.policy import Permission as P
from app.policy import Viewer, predicate, rule


@predicate(NotAllowed, "You can't mute yourself.")
def not_oneself(viewer: Viewer, person: User) -> bool:
    return person.id != viewer.id


rule(P.ARTICLE_FOLLOW, member, public_or_newsroom)
rule(P.COMMENT_BOOKMARK, member, *SEES)
rule(P.PERSON_MUTE, member, not_oneself)
