"""What members keep for themselves: whom and what they mute, follow and save, how they read.

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
from app.db.base import db
from app.db.locks import retry_once, take_write_lock
from app.errors import Conflict, Gone, Invalid
from app.members import queries
from app.members.models import Bookmark, Follow, FollowState, Mute, MutedWord
from app.policy import Permission as P
from app.policy import Viewer

# A discussion is drawn with all of them in mind, so there is an end to each list.
PEOPLE_MAX = 500
WORDS_MAX = 200
# These cost nothing where one reads; they must not fill the database.
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
    """Follow a discussion or mute it, or with None neither; returns the state before.

    Raises Invalid when the list is full.
    """
    policy.require(reader, P.ARTICLE_FOLLOW, article)
    member = require_user(reader)
    take_write_lock()
    kept = db.session.get(Follow, (member.id, article.id), with_for_update=True)
    before = kept.state if kept else ""
    if kept and state is None:
        db.session.delete(kept)
    elif kept and state != before:
        kept.state, kept.created_at = str(state), clock.now()
    elif state and not kept:
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
    """Keep a comment for later; doing it again changes nothing.

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
    """Drop a saved comment, also one that is gone; return whether it was saved."""
    policy.require(reader, P.PERSONAL, None)
    member = require_user(reader)
    mine = (Bookmark.user_id == member.id, Bookmark.comment_id == comment_id)
    dropped = db.session.scalars(delete(Bookmark).where(*mine).returning(Bookmark.comment_id)).all()
    db.session.commit()
    return bool(dropped)


@retry_once
def set_reading(reader: Viewer, sort: Sort, shortcuts: bool) -> None:
    """Keep the order in which discussions open, and whether the keys of the site work."""
    policy.require(reader, P.PERSONAL, None)
    member = require_user(reader)
    member.sort, member.shortcuts = sort, shortcuts
    db.session.commit()


@retry_once
def set_order(reader: Viewer, sort: Sort) -> None:
    """Keep the order in which discussions open for a member."""
    policy.require(reader, P.PERSONAL, None)
    require_user(reader).sort = sort
    db.session.commit()


@retry_once
def mute_word(reader: Viewer, pattern: str, until: date | None) -> None:
    """Fold comments with a word or phrase, up to and with the day `until` (UTC).

    `pattern` may end in a `*` for any ending. A word that is muted already gets the new last
    day. Raises Invalid for `pattern` or `until`.
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
    """Drop one's own muted word; one that is not there is dropped already."""
    policy.require(reader, P.PERSONAL, None)
    member = require_user(reader)
    db.session.execute(
        delete(MutedWord).where(MutedWord.user_id == member.id, MutedWord.id == word_id)
    )
    db.session.commit()


def _count(model: type[Mute | Follow | Bookmark], member: User) -> int:
    return db.session.scalar(select(func.count()).where(model.user_id == member.id)) or 0


def _commit() -> None:
    """Commit; the same act at the same moment, as of a double click, has kept the row then."""
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
