"""Who may do what: one table of named predicates that can be read aloud.

Operations `require`; templates ask `allows`, so a button shows exactly when its act is
allowed. The first predicate that fails gives the refusal its words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app import clock
from app.accounts.models import User, Viewer
from app.accounts.roles import EDITORS, MODERATORS, Role
from app.articles import visibility as articles
from app.articles.models import Article
from app.comments import visibility
from app.comments.enums import DEPTH_MAX, EDIT_WINDOW, CommentStatus
from app.comments.models import Comment
from app.comments.visibility import Visible
from app.errors import Conflict, DomainError, Gone, NotAllowed, NotFound, SignedOut
from app.reactions.models import DOWNVOTES_FROM

NOT_HERE = "This comment is not here."  # the same of one that never was and of a hidden one


class Permission(StrEnum):
    PUBLIC = "public"  # pages for everybody, and the doors to signing in
    ACCOUNT_LEAVE = "account:leave"
    ARTICLE_READ = "article:read"
    COMMENT_READ = "comment:read"
    COMMENT_CREATE = "comment:create"
    COMMENT_REPLY = "comment:reply"
    COMMENT_ANSWER = "comment:answer"  # write a reply, to be posted after signing in
    COMMENT_EDIT = "comment:edit"
    COMMENT_DELETE = "comment:delete"
    COMMENT_UNDELETE = "comment:undelete"
    COMMENT_DISOWN = "comment:disown"
    COMMENT_HISTORY = "comment:history"
    REVISION_REDACT = "revision:redact"
    COMMENT_DISAGREE = "comment:disagree"
    COMMENT_DISAGREE_COUNT = "comment:disagree-count"
    COMMENT_PICK = "comment:pick"
    COMMENT_BOOKMARK = "comment:bookmark"
    PERSONAL = "personal"  # one's own settings, activity, drafts
    ARTICLE_FOLLOW = "article:follow"
    PERSON_MUTE = "person:mute"
    COMMENT_UPVOTE = "comment:upvote"
    COMMENT_DOWNVOTE = "comment:downvote"
    COMMENT_REPORT = "comment:report"
    COMMENT_DECIDE = "comment:decide"
    MODERATION_READ = "moderation:read"
    ARTICLE_WRITE = "article:write"


@dataclass(frozen=True)
class Predicate:
    """A named question and the refusal when its answer is no.

    `test(viewer, subject)` sees the subject of the act; one marked `viewer_only` ignores it
    and is also asked at the door of a route, before anything is looked up.
    """

    test: Callable[[Viewer, Any], bool]
    refusal: type[DomainError]
    message: str
    viewer_only: bool = False


def _rule(
    refusal: type[DomainError], message: str, viewer_only: bool = False
) -> Callable[[Callable[[Viewer, Any], bool]], Predicate]:
    return lambda test: Predicate(test, refusal, message, viewer_only)


@_rule(SignedOut, "Sign in to do this.", viewer_only=True)
def member(viewer: Viewer, _: Any) -> bool:
    return viewer.is_authenticated


@_rule(NotAllowed, "This page is for moderators.", viewer_only=True)
def moderator(viewer: Viewer, _: Any) -> bool:
    return viewer.role in MODERATORS


@_rule(NotAllowed, "This page is for the newsroom.", viewer_only=True)
def editor(viewer: Viewer, _: Any) -> bool:
    return viewer.role in EDITORS


@_rule(NotFound, "No page at this address. It may have moved; try the search above.")
def public_or_newsroom(viewer: Viewer, article: Article) -> bool:
    return articles.reads(viewer, article)


@_rule(Gone, "This comment was deleted by its author.")
def not_gone(viewer: Viewer, comment: Comment) -> bool:
    return visibility.of(viewer, comment) is not Visible.GONE


@_rule(NotFound, NOT_HERE)
def not_hidden(viewer: Viewer, comment: Comment) -> bool:
    return visibility.of(viewer, comment) is not Visible.HIDDEN


@_rule(NotAllowed, "Comments on this article are closed.")
def comments_open(_: Viewer, subject: Article | Comment) -> bool:
    article = subject if isinstance(subject, Article) else subject.article
    return article.is_public and article.comments_open


@_rule(Gone, "This comment no longer exists.")
def published(_: Viewer, comment: Comment) -> bool:
    return visibility.has_public_words(comment)


@_rule(Gone, "This comment no longer exists.")
def editable(_: Viewer, comment: Comment) -> bool:
    return comment.status in (CommentStatus.PUBLISHED, CommentStatus.PENDING)


@_rule(NotAllowed, "Only its author can do this.")
def author(viewer: Viewer, comment: Comment) -> bool:
    return viewer.id is not None and comment.author_id == viewer.id


@_rule(NotAllowed, "You can't vote on your own comment.")
def not_own_vote(viewer: Viewer, comment: Comment) -> bool:
    return not comment.is_by(viewer.id)


@_rule(NotAllowed, "You can't disagree with your own comment.")
def not_own_disagreement(viewer: Viewer, comment: Comment) -> bool:
    return not comment.is_by(viewer.id)


@_rule(NotAllowed, "You can't report your own comment.")
def not_own_report(viewer: Viewer, comment: Comment) -> bool:
    return not comment.is_by(viewer.id)


@_rule(NotAllowed, "You can't decide about your own comment.")
def not_own_decision(viewer: Viewer, comment: Comment) -> bool:
    return not comment.is_by(viewer.id)


@_rule(NotAllowed, "Only an admin can decide about a comment of an editor or admin.")
def may_decide_about(viewer: Viewer, comment: Comment) -> bool:
    by_newsroom = comment.author is not None and comment.author.role in EDITORS
    return viewer.role == Role.ADMIN or not by_newsroom


@_rule(
    Conflict,
    "The 15-minute edit window has ended.",
)
def recent(_: Viewer, comment: Comment) -> bool:
    return clock.now() < comment.created_at + EDIT_WINDOW


@_rule(NotAllowed, f"Downvoting opens after {DOWNVOTES_FROM} published comments.")
def seasoned(viewer: Viewer, _: Any) -> bool:
    return viewer.is_staff or getattr(viewer, "published_comments", 0) >= DOWNVOTES_FROM


@_rule(Conflict, "It was deleted too long ago to take that back.")
def deleted_lately(_: Viewer, comment: Comment) -> bool:
    return visibility.undo_open(comment)


@_rule(Conflict, "Within 15 minutes of writing, edit or delete it instead.")
def settled(_: Viewer, comment: Comment) -> bool:
    return clock.now() >= comment.created_at + EDIT_WINDOW


@_rule(NotFound, "This comment's earlier versions are not here.")
def words_shown(viewer: Viewer, comment: Comment) -> bool:
    reads = visibility.of(viewer, comment) is Visible.WORDS
    return viewer.role in MODERATORS or (reads and comment.status != CommentStatus.REJECTED)


@_rule(NotAllowed, "Picks are made by staff.", viewer_only=True)
def staff(viewer: Viewer, _: Any) -> bool:
    return viewer.is_staff


@_rule(NotAllowed, "You can't pick your own comment.")
def not_own_pick(viewer: Viewer, comment: Comment) -> bool:
    return not comment.is_by(viewer.id)


@_rule(NotAllowed, "You can't mute yourself.")
def not_oneself(viewer: Viewer, subject: User) -> bool:
    return subject.id != viewer.id


@_rule(
    Conflict,
    f"This thread is {DEPTH_MAX} replies deep, the most there can be. "
    "Reply to a comment further up.",
)
def not_too_deep(_: Viewer, comment: Comment) -> bool:
    return comment.depth < DEPTH_MAX


P = Permission
RULES: dict[Permission, tuple[Predicate, ...]] = {
    P.PUBLIC: (),
    P.ACCOUNT_LEAVE: (member,),
    P.ARTICLE_READ: (public_or_newsroom,),
    P.COMMENT_READ: (not_gone, not_hidden),
    P.COMMENT_CREATE: (member, comments_open),
    P.COMMENT_REPLY: (member, published, comments_open, not_too_deep),
    P.COMMENT_ANSWER: (published, comments_open, not_too_deep),
    P.COMMENT_EDIT: (member, author, editable, comments_open, recent),
    P.COMMENT_DELETE: (member, author, editable),
    P.COMMENT_UNDELETE: (member, author, deleted_lately, not_hidden),
    P.COMMENT_DISOWN: (member, author, published, settled),
    P.COMMENT_HISTORY: (not_gone, not_hidden, words_shown),
    P.REVISION_REDACT: (member, moderator, not_own_decision, may_decide_about),
    P.COMMENT_DISAGREE: (member, not_own_disagreement, published, comments_open),
    P.COMMENT_DISAGREE_COUNT: (editor, not_own_disagreement),
    P.COMMENT_PICK: (member, staff, not_own_pick, published),
    P.COMMENT_BOOKMARK: (member, not_gone, not_hidden),
    P.PERSONAL: (member,),
    P.ARTICLE_FOLLOW: (member, public_or_newsroom),
    P.PERSON_MUTE: (member, not_oneself),
    P.COMMENT_UPVOTE: (member, not_own_vote, published, comments_open),
    P.COMMENT_DOWNVOTE: (member, not_own_vote, published, comments_open, seasoned),
    P.COMMENT_REPORT: (member, not_own_report, published),
    P.COMMENT_DECIDE: (member, moderator, not_own_decision, may_decide_about),
    P.MODERATION_READ: (member, moderator),
    P.ARTICLE_WRITE: (member, editor),
}


def refusal(viewer: Viewer, permission: Permission, subject: Any) -> DomainError | None:
    """Why `viewer` may not, as the error to raise; None when allowed."""
    for predicate in RULES[permission]:
        if not predicate.test(viewer, subject):
            return predicate.refusal(predicate.message)
    return None


def allows(viewer: Viewer, permission: Permission, subject: Any) -> bool:
    return refusal(viewer, permission, subject) is None


def require(viewer: Viewer, permission: Permission, subject: Any) -> None:
    """Raise the refusal of the first rule that `viewer` fails on `subject`."""
    if error := refusal(viewer, permission, subject):
        raise error


def require_at_door(viewer: Viewer, permission: Permission) -> None:
    """Raise what can be refused before the subject is known: signed out, wrong role."""
    for predicate in RULES[permission]:
        if predicate.viewer_only and not predicate.test(viewer, None):
            raise predicate.refusal(predicate.message)


def member_of(viewer: Viewer) -> User:
    """The signed-in person that `viewer` is; raises SignedOut."""
    if not isinstance(viewer, User):
        raise member.refusal(member.message)
    return viewer
