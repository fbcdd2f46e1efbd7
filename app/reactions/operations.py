"""Reactions to a comment: votes, the private "I disagree", and the newsroom's picks."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from app import clock, policy, text
from app.accounts.models import User
from app.accounts.permissions import require_member, require_user
from app.articles.models import Article
from app.articles.rows import OF_DISCUSSION, DiscussionRow
from app.audit.actions import Action
from app.cache import versions
from app.comments import ranking, rows
from app.comments.enums import PICK_WHY_MAX
from app.comments.locking import lock_comment, lock_discussion
from app.comments.models import Comment
from app.comments.rows import AnyComment, CommentRow
from app.comments.status import record_act
from app.db import core
from app.db.base import db
from app.db.locks import retry_once, take_write_lock
from app.errors import Invalid, NotAllowed
from app.policy import Permission as P
from app.policy import Viewer
from app.reactions.models import Disagreement, Vote, VoteMode
from app.text.quantities import require_length

# The statements of a vote. `:person` votes on `:comment`.
_OF_PERSON = (Vote.user_id == bindparam("person"), Vote.comment_id == bindparam("comment"))
# Read after the comment is locked: of two votes by one person at once, the second sees the first.
_GET_VOTE = select(Vote.value).where(*_OF_PERSON)
_ADD_VOTE = insert(Vote)
_CHANGE_VOTE = update(Vote).where(*_OF_PERSON).values(value=bindparam("new"))
_TAKE_BACK = delete(Vote).where(*_OF_PERSON)
# Scores are computed in Python, where they are the same on both engines.
_COUNT_VOTES = (
    update(Comment)
    .where(Comment.id == bindparam("comment"))
    .values({name: bindparam(name) for name in ("up", "down", "best", "controversy")})
)
# The article, which must still be open: last, because all posts and votes below it wait for it.
_NOTE_VOTE = (
    update(Article)
    .where(Article.id == bindparam("article"))
    .values(voted_at=Article.voted_at + 1)
    .returning(*OF_DISCUSSION)
)


@retry_once
def vote(
    voter: Viewer, comment: AnyComment, value: int, mode: VoteMode = VoteMode.UP_DOWN
) -> CommentRow:
    """Set the vote of `voter` on `comment` to 1, -1, or 0 for none; `mode` is the site's setting.

    Return the comment as it is after the vote. Raises NotAllowed for a vote that `mode` does not
    allow, Invalid for another value, and the refusals of COMMENT_UPVOTE or COMMENT_DOWNVOTE, also
    when the comment or its article has changed since `comment` was read.
    """
    if mode == VoteMode.OFF or (mode == VoteMode.UP and value < 0):
        raise NotAllowed("This site takes no such votes.")
    if value not in (-1, 0, 1):
        raise Invalid("A vote is 1, -1 or 0.", "value")
    permission = P.COMMENT_DOWNVOTE if value < 0 else P.COMMENT_UPVOTE
    policy.require(voter, permission, comment)
    person = require_member(voter)
    names: dict[str, Any] = {"person": person.id, "comment": comment.id}
    take_write_lock()
    locked = rows.lock(comment.id)
    before = core.run(_GET_VOTE, names).scalar() or 0
    if before and value:
        core.run(_CHANGE_VOTE, names | {"new": value})
    elif before:
        core.run(_TAKE_BACK, names)
    elif value:
        core.run(_ADD_VOTE, {"user_id": person.id, "comment_id": comment.id, "value": value})
    up = locked.up + (value == 1) - (before == 1)
    down = locked.down + (value == -1) - (before == -1)
    best, controversy = ranking.compute_best(up, down), ranking.compute_controversy(up, down)
    counts = {"up": up, "down": down, "best": best, "controversy": controversy}
    core.run(_COUNT_VOTES, {"comment": comment.id, **counts})
    noted = core.run(_NOTE_VOTE, {"article": locked.article_id}).one()
    versions.note_change(Article, "voted_at")
    versions.let_visitors_wait()
    locked = locked._replace(article=DiscussionRow._make(noted))
    policy.require(voter, permission, locked)
    db.session.commit()
    return locked._replace(up=up, down=down, best=best, controversy=controversy)


@retry_once
def disagree(person: Viewer, comment: Comment, value: int) -> Comment:
    """Note that `person` disagrees with `comment` (1), or take that back (0).

    This affects no ranking or report and raises no version: a page that changed with it would
    disclose it to the author of the comment.
    """
    if value not in (0, 1):
        raise Invalid("A disagreement is 1 or 0.", "value")
    member = lock_comment(person, P.COMMENT_DISAGREE, comment)
    existing = db.session.get(Disagreement, (member.id, comment.id), populate_existing=True)
    if existing and not value:
        db.session.delete(existing)
        comment.disagree_count -= 1
    elif value and not existing:
        db.session.add(Disagreement(user_id=member.id, comment_id=comment.id))
        comment.disagree_count += 1
    db.session.commit()
    return comment


@retry_once
def pick(editor: Viewer, comment: Comment, why: str) -> Comment:
    """Pick a published comment with one line that says why; a second pick changes the line.

    Raises Invalid when the line is empty or longer than PICK_WHY_MAX characters.
    """
    policy.require(editor, P.COMMENT_PICK, comment)
    why = _clean_why(why)
    lock_discussion(editor, P.COMMENT_PICK, comment)
    if why != comment.pick_why:
        if not comment.pick_why:
            _count_pick(comment, 1)
            comment.picked_at = clock.now()
        comment.pick_why = why
        _record_pick(editor, comment, Action.PICKED, why)
    db.session.commit()
    return comment


@retry_once
def unpick(editor: Viewer, comment: Comment) -> Comment:
    """Take a pick back; without a pick nothing changes."""
    lock_discussion(editor, P.COMMENT_PICK, comment)
    if comment.pick_why:
        _count_pick(comment, -1)
        comment.pick_why, comment.picked_at = "", None
        _record_pick(editor, comment, Action.UNPICKED)
    db.session.commit()
    return comment


def _clean_why(why: str) -> str:
    """Return `why` as one line; raises Invalid for a blank or too long one."""
    why = require_length(" ".join(why.split()), PICK_WHY_MAX, "The line is", "why")
    if text.is_blank(why):
        raise Invalid("Say in one line why you pick it", "why")
    return why


def _count_pick(comment: Comment, change: int) -> None:
    """Add `change` to the picks of the article and the author, by SQL expression.

    `app.comments.status` counts in the same way, so that no stale value is written back.
    """
    comment.article.pick_count = Article.pick_count + change
    if comment.author is not None:
        comment.author.pick_count = User.pick_count + change


def _record_pick(editor: Viewer, comment: Comment, action: Action, note: str = "") -> None:
    """Raise the versions of the comment and its article, and log the pick."""
    comment.version += 1
    comment.article.version = Article.version + 1
    record_act(comment, action, require_user(editor), note)
