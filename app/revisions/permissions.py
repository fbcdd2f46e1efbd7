"""The permission to remove an earlier version of a comment."""

from app.accounts.permissions import member, moderator
from app.comments.permissions import may_decide_about, not_own
from app.policy import Permission as P
from app.policy import rule

rule(P.REVISION_REDACT, member, moderator, not_own("decide about"), may_decide_about)
