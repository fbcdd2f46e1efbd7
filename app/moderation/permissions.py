"""The permissions to report a comment and to decide about it."""

from app.accounts.permissions import member, moderator
from app.comments.permissions import may_decide_about, not_own, published
from app.policy import Permission as P
from app.policy import rule

rule(P.COMMENT_REPORT, member, not_own("report"), published)
rule(P.COMMENT_DECIDE, member, moderator, not_own("decide about"), may_decide_about)
rule(P.MODERATION_READ, member, moderator)
