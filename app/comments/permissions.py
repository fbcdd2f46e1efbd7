"""The permissions to read, write, change and take back a comment."""

from app import clock
from app.accounts.permissions import member
from app.accounts.roles import EDITORS, MODERATORS, Role
from app.articles.rows import AnyArticle
from app.comments import visibility
from app.comments.enums import DEPTH_MAX, EDIT_MINUTES, EDIT_WINDOW, CommentStatus
from app.comments.rows import AnyComment
from app.comments.visibility import Visible
from app.errors import Conflict, Gone, NotAllowed, NotFound
from app.policy import Permission as P
from app.policy import Predicate, Viewer, predicate, rule

NOT_HERE = "This comment is not here."  # the same for a hidden comment as for one that never was


def not_own(act: str) -> Predicate:
    """Return the predicate that the comment is not the viewer's own.

    `act` is the part of the refusal between "You can't" and "your own comment".
    """

    def test(viewer: Viewer, comment: AnyComment) -> bool:
        return not comment.is_by(viewer.id)

    return Predicate("not_own", test, NotAllowed, f"You can't {act} your own comment.")


@predicate(Gone, "This comment was deleted by its author.")
def not_gone(viewer: Viewer, comment: AnyComment) -> bool:
    return visibility.of(viewer, comment) is not Visible.GONE


@predicate(NotFound, NOT_HERE)
def not_hidden(viewer: Viewer, comment: AnyComment) -> bool:
    return visibility.of(viewer, comment) is not Visible.HIDDEN


@predicate(NotAllowed, "Comments on this article are closed.")
def comments_open(_: Viewer, subject: AnyArticle | AnyComment) -> bool:
    article = subject.article if isinstance(subject, AnyComment) else subject
    return article.is_public and article.comments_open


@predicate(Gone, "This comment no longer exists.")
def published(_: Viewer, comment: AnyComment) -> bool:
    return visibility.has_public_words(comment)


@predicate(Gone, "This comment no longer exists.")
def editable(_: Viewer, comment: AnyComment) -> bool:
    return comment.status in (CommentStatus.PUBLISHED, CommentStatus.PENDING)


@predicate(NotAllowed, "Only its author can do this.")
def author(viewer: Viewer, comment: AnyComment) -> bool:
    return viewer.id is not None and comment.author_id == viewer.id


@predicate(Conflict, f"The {EDIT_MINUTES}-minute edit window has ended.")
def edit_window_open(_: Viewer, comment: AnyComment) -> bool:
    return clock.now() < comment.created_at + EDIT_WINDOW


@predicate(Conflict, f"Within {EDIT_MINUTES} minutes of writing, edit or delete it instead.")
def edit_window_closed(_: Viewer, comment: AnyComment) -> bool:
    return clock.now() >= comment.created_at + EDIT_WINDOW


@predicate(Conflict, "It was deleted too long ago to take that back.")
def deleted_lately(_: Viewer, comment: AnyComment) -> bool:
    return visibility.is_undo_open(comment)


@predicate(
    Conflict,
    f"This thread is {DEPTH_MAX} replies deep, the most there can be. "
    "Reply to a comment further up.",
)
def not_too_deep(_: Viewer, comment: AnyComment) -> bool:
    return comment.depth < DEPTH_MAX


@predicate(NotFound, "This comment's earlier versions are not here.")
def words_shown(viewer: Viewer, comment: AnyComment) -> bool:
    reads = visibility.of(viewer, comment) is Visible.WORDS
    return viewer.role in MODERATORS or (reads and comment.status != CommentStatus.REJECTED)


@predicate(NotAllowed, "Only an admin can decide about a comment of an editor or admin.")
def may_decide_about(viewer: Viewer, comment: AnyComment) -> bool:
    by_newsroom = comment.author is not None and comment.author.role in EDITORS
    return viewer.role == Role.ADMIN or not by_newsroom


SEES = (not_gone, not_hidden)

rule(P.COMMENT_READ, *SEES)
rule(P.COMMENT_CREATE, member, comments_open)
rule(P.COMMENT_REPLY, member, published, comments_open, not_too_deep)
rule(P.COMMENT_ANSWER, published, comments_open, not_too_deep)
rule(P.COMMENT_ACTS, member, *SEES, published)
rule(P.COMMENT_EDIT, member, author, editable, comments_open, edit_window_open)
rule(P.COMMENT_DELETE, member, author, editable)
rule(P.COMMENT_UNDELETE, member, author, deleted_lately, not_hidden)
rule(P.COMMENT_REMOVE_NAME, member, author, published, edit_window_closed)
rule(P.COMMENT_HISTORY, *SEES, words_shown)
