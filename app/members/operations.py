"""A member's acts for themselves: mute, follow, save, and settings of reading.

Nobody else learns of any of it.
"""

from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app import clock, policy, text
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.accounts.queries import get_by_name
from app.articles.models import Article
from app.comments.enums import CommentStatus, Sort
from app.comments.models import Comment
from app.comments.visibility import has_public_words
from app.db.base import db, is_duplicate
from app.db.locks import retry_once, take_write_lock
from app.errors import Conflict, Gone, Invalid
from app.members import queries
from app.members.models import Bookmark, Follow, FollowState, Mute, MutedWord
from app.policy import Permission as P
from app.policy import Viewer

# Each page of a discussion reads these lists, so they are bounded.
PEOPLE_MAX = 500
WORDS_MAX = 200
# These lists cost pages nothing; the bounds keep them from filling the database.
FOLLOWS_MAX = 2_000  # discussions, followed and muted ones together
SAVED_MAX = 5_000  # comments


@retry_once
def mute(reader: Viewer, person: User) -> None:
    """Fold what `person` writes, for `reader` alone; doing it again changes nothing.

    Raises NotAllowed for oneself and Invalid (`name`) when the list is full.
    """
    policy.require(reader, P.PERSON_MUTE, person)
    member = require_user(reader)
    take_write_lock()
    if not queries.has_muted(member, person):
        if _count(Mute, member) >= PEOPLE_MAX:
            raise Invalid(f"You have muted {PEOPLE_MAX} people, the most there can be.", "name")
        db.session.add(Mute(user_id=member.id, muted_id=person.id))
    _commit()


def mute_by_name(reader: Viewer, name: str) -> User:
    """Mute the member with a name that was typed; raises Invalid (`name`)."""
    if not name.strip():
        raise Invalid("Enter the name of a member.", "name")
    person = get_by_name(name)
    if person is None or person.imported:
        raise Invalid("There is no member with this name.", "name")
    if refusal := policy.refusal(reader, P.PERSON_MUTE, person):
        raise Invalid(refusal.message, "name")
    mute(reader, person)
    return person


@retry_once
def unmute(reader: Viewer, person: User) -> None:
    policy.require(reader, P.PERSON_MUTE, person)
    member = require_user(reader)
    db.session.execute(delete(Mute).where(Mute.user_id == member.id, Mute.muted_id == person.id))
    db.session.commit()


@retry_once
def set_follow(reader: Viewer, article: Article, state: FollowState | None) -> str:
    """Follow a discussion or mute it, or with None neither; return the state before.

    Raises Invalid when the list is full.
    """
    policy.require(reader, P.ARTICLE_FOLLOW, article)
    member = require_user(reader)
    take_write_lock()
    follow = db.session.get(Follow, (member.id, article.id), with_for_update=True)
    before = follow.state if follow else ""
    if follow and state is None:
        db.session.delete(follow)
    elif follow and state != before:
        follow.state, follow.created_at = str(state), clock.now()
    elif state and not follow:
        if _count(Follow, member) >= FOLLOWS_MAX:
            raise Invalid(
                f"You follow or have muted {FOLLOWS_MAX:,} discussions, the most there can be. "
                "Drop one in your activity first."
            )
        db.session.add(Follow(user_id=member.id, article_id=article.id, state=state))
    _commit()
    return before


@retry_once
def save_comment(reader: Viewer, comment: Comment) -> None:
    """Save a comment; doing it again changes nothing.

    Raises Gone for a comment that was removed or deleted, Conflict while it waits for review,
    Invalid when the list is full.
    """
    policy.require(reader, P.COMMENT_BOOKMARK, comment)
    member = require_user(reader)
    if comment.status == CommentStatus.PENDING:
        raise Conflict("This comment waits for review. It can be saved when it is published.")
    if not has_public_words(comment):
        raise Gone("This comment is gone, so it can't be saved.")
    take_write_lock()
    if db.session.get(Bookmark, (member.id, comment.id)) is None:
        if _count(Bookmark, member) >= SAVED_MAX:
            raise Invalid(
                f"You have saved {SAVED_MAX:,} comments, the most there can be. "
                "Remove one in your activity first."
            )
        db.session.add(Bookmark(user_id=member.id, comment_id=comment.id))
    _commit()


@retry_once
def unsave_comment(reader: Viewer, comment_id: int) -> bool:
    """Remove a saved comment, also one that is gone; return whether it was saved."""
    policy.require(reader, P.PERSONAL, None)
    member = require_user(reader)
    mine = (Bookmark.user_id == member.id, Bookmark.comment_id == comment_id)
    dropped = db.session.scalars(delete(Bookmark).where(*mine).returning(Bookmark.comment_id)).all()
    db.session.commit()
    return bool(dropped)


@retry_once
def set_reading(reader: Viewer, sort: Sort, shortcuts: bool) -> None:
    """Store the order in which discussions open, and whether keyboard shortcuts work."""
    policy.require(reader, P.PERSONAL, None)
    member = require_user(reader)
    member.sort, member.shortcuts = sort, shortcuts
    db.session.commit()


@retry_once
def set_order(reader: Viewer, sort: Sort) -> None:
    """Store the order in which discussions open for a member."""
    policy.require(reader, P.PERSONAL, None)
    require_user(reader).sort = sort
    db.session.commit()


@retry_once
def mute_word(reader: Viewer, pattern: str, until: date | None) -> None:
    """Fold comments with a word or phrase, up to and with the day `until` (UTC).

    `pattern` may end in a `*` for any ending. A word that is muted already gets the new last
    day. Raises Invalid (`pattern`, `until`).
    """
    policy.require(reader, P.PERSONAL, None)
    member = require_user(reader)
    pattern = text.clean_pattern(pattern)
    if problem := text.explain_pattern(pattern):
        raise Invalid(problem, "pattern")
    if until is not None and until < clock.now().date():
        raise Invalid("The last day must not be in the past.", "until")
    take_write_lock()
    words = queries.list_muted_words(member)
    same = [word for word in words if word.pattern.casefold() == pattern.casefold()]
    if not same and len(words) >= WORDS_MAX:
        raise Invalid(
            f"You have muted {WORDS_MAX} words, the most there can be. Remove one first.",
            "pattern",
        )
    if same:
        same[0].until = until
    else:
        db.session.add(MutedWord(user_id=member.id, pattern=pattern, until=until))
    _commit()


@retry_once
def unmute_word(reader: Viewer, word_id: int) -> None:
    """Remove one's own muted word; an unknown id changes nothing."""
    policy.require(reader, P.PERSONAL, None)
    member = require_user(reader)
    db.session.execute(
        delete(MutedWord).where(MutedWord.user_id == member.id, MutedWord.id == word_id)
    )
    db.session.commit()


def _count(model: type[Mute | Follow | Bookmark], member: User) -> int:
    return db.session.scalar(select(func.count()).where(model.user_id == member.id)) or 0


def _commit() -> None:
    """Commit; on a conflict the same act, as of a double click, has stored the row already."""
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        if not is_duplicate(error):
            raise
