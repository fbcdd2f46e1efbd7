"""Keeping texts that are not comments yet, and posting one when its writer has signed in."""

import hashlib
import re
import secrets
from collections.abc import Iterable

from sqlalchemy import bindparam, delete, func, select, tuple_

from app import clock, policy, text
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.articles.models import Article
from app.comments import operations as comments
from app.comments import queries as comment_queries
from app.comments.models import Comment
from app.comments.signals import comment_posted
from app.db.base import db
from app.db.locks import hold_turn, retry_once, take_write_lock
from app.drafts.models import (
    DRAFTS_CHARACTERS,
    DRAFTS_KEPT,
    DRAFTS_MAX,
    TEXTS_KEPT,
    TEXTS_MAX,
    Draft,
    UnsentText,
)
from app.errors import Conflict, Gone, Invalid, NotFound
from app.policy import Permission as P
from app.policy import Viewer
from app.text.quantities import format_day

PLACE = re.compile(r"a-([1-9][0-9]{0,9})(?:-c-([1-9][0-9]{0,9}))?")
LARGEST_ID = 2**31 - 1  # PostgreSQL's integer; it fails when asked for a larger one
NO_BOX = "This draft is not kept: there is nothing here that it could answer."

_TYPED = delete(Draft).where(Draft.user_id == bindparam("who"), Draft.place == bindparam("at"))
_KEPT = delete(UnsentText).where(UnsentText.submission == bindparam("form"))


@retry_once
def save_draft(writer: Viewer, place: str, body: str) -> None:
    """Keep what a member is typing in the box `place` (`a-5`, `a-5-c-12`); forget a blank text.

    Raises Invalid for another place, a text that no comment can hold and a draft too many,
    NotFound for a box that this person cannot see, NotAllowed where comments are closed.
    """
    if not body.strip():
        forget_draft(writer, place)
        return
    policy.require(writer, P.PERSONAL, None)
    found = PLACE.fullmatch(place)
    if found is None or len(body) > text.SOURCE_MAX:
        raise Invalid("This draft cannot be kept.", "body")
    article_id, parent_id = int(found[1]), int(found[2] or 0)
    _require_box(writer, article_id, parent_id)
    body, person = text.normalise(body), require_user(writer)
    hold_turn("drafts", person.id)  # no two of one person's drafts are both the last one
    draft = db.session.get(Draft, (person.id, place), with_for_update=True)
    _require_room(person, place, len(body), draft)
    if draft is None:
        db.session.add(Draft(user_id=person.id, place=place, article_id=article_id, body=body))
    else:
        draft.body, draft.updated_at = body, clock.now()
    forget_old()
    db.session.commit()


@retry_once
def forget_draft(writer: Viewer, place: str) -> None:
    """Forget the draft of a box, also of one that is there no more or never was."""
    policy.require(writer, P.PERSONAL, None)
    person = require_user(writer)
    db.session.execute(delete(Draft).where(Draft.user_id == person.id, Draft.place == place))
    db.session.commit()


def _require_box(writer: Viewer, article_id: int, parent_id: int) -> None:
    """Raise unless `writer` may comment there; 0 for `parent_id` is the article's own box.

    What is hidden from them is told by the same words as what never was.
    """
    largest = max(article_id, parent_id)
    article = db.session.get(Article, article_id) if largest <= LARGEST_ID else None
    if article is None or not policy.allows(writer, P.ARTICLE_READ, article):
        raise NotFound(NO_BOX)
    if not parent_id:
        policy.require(writer, P.COMMENT_CREATE, article)
        return
    parent = comment_queries.get_by_id(parent_id)
    if parent is None or parent.article_id != article_id:
        raise NotFound(NO_BOX)
    refusal = policy.refusal(writer, P.COMMENT_REPLY, parent)
    if isinstance(refusal, Gone) or not policy.allows(writer, P.COMMENT_READ, parent):
        raise NotFound(NO_BOX)
    if refusal is not None:
        raise refusal


def _require_room(person: User, place: str, length: int, draft: Draft | None) -> None:
    """Raise Invalid when a text of `length` characters in `place` is too much beside the others.

    A draft that is there already may always become shorter.
    """
    others = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(func.length(Draft.body)), 0),
            func.min(Draft.updated_at),
        ).where(
            Draft.user_id == person.id,
            Draft.place != place,
            Draft.updated_at > clock.now() - DRAFTS_KEPT,
        )
    ).one()
    number, characters, oldest = others
    if draft is not None and length <= len(draft.body):
        return
    if draft is None and number >= DRAFTS_MAX:
        full = f"You have {DRAFTS_MAX} drafts already, as many as are kept"
    elif characters + length > DRAFTS_CHARACTERS:
        full = f"Your drafts together have more than {DRAFTS_CHARACTERS:,} characters"
    else:
        return
    day = format_day(oldest + DRAFTS_KEPT)
    raise Invalid(f"{full}. Post or discard one; the oldest is forgotten on {day}.", "body")


@retry_once
def keep_unsent(article: Article, parent_id: int | None, body: str, submission: str) -> str:
    """Keep a comment that somebody wrote before signing in; returns the key to it.

    Raises Invalid as posting it would, so that they are told while they can still change it,
    and Conflict while TEXTS_MAX texts wait already.
    """
    source = comments.clean_source(body)
    comments.render_preview(source)
    take_write_lock()
    waiting = select(func.count(UnsentText.id)).where(
        UnsentText.created_at > clock.now() - TEXTS_KEPT
    )
    if (db.session.scalar(waiting) or 0) >= TEXTS_MAX:
        db.session.rollback()
        raise Conflict("Too many texts wait for their writers just now. Sign in, then send it.")
    token = secrets.token_urlsafe(24)
    db.session.add(
        UnsentText(
            token_hash=_hash_token(token),
            article_id=article.id,
            parent_id=parent_id,
            body=source,
            submission=submission[:64] or comments.new_submission(),
        )
    )
    forget_old()
    db.session.commit()
    return token


def find_unsent(token: str) -> UnsentText | None:
    """The text behind a key, while it is kept."""
    return db.session.scalar(
        select(UnsentText).where(
            UnsentText.token_hash == _hash_token(token),
            UnsentText.created_at > clock.now() - TEXTS_KEPT,
        )
    )


@retry_once
def forget_unsent(tokens: Iterable[str]) -> None:
    """Drop the texts behind these keys."""
    hashes = [_hash_token(token) for token in tokens]
    db.session.execute(delete(UnsentText).where(UnsentText.token_hash.in_(hashes)))
    db.session.commit()


@comment_posted.connect
def _forget_posted(comment: Comment) -> None:
    """Drop the text that a comment was typed as: no later window shall restore it."""
    place = f"a-{comment.article.id}" + (f"-c-{comment.parent_id}" if comment.parent_id else "")
    db.session.execute(_TYPED, {"who": comment.author and comment.author.id, "at": place})
    db.session.execute(_KEPT, {"form": comment.submission})


def forget_old() -> None:
    """Drop what nobody came back for, in the open transaction.

    These rows are of other people, so none of them is waited for: what somebody else holds is
    dropped the next time.
    """
    old = select(Draft.user_id, Draft.place).where(Draft.updated_at < clock.now() - DRAFTS_KEPT)
    key = tuple_(Draft.user_id, Draft.place)
    forgotten = delete(Draft).where(key.in_(old.with_for_update(skip_locked=True)))
    db.session.execute(forgotten, execution_options={"synchronize_session": False})
    unclaimed = select(UnsentText.id).where(UnsentText.created_at < clock.now() - TEXTS_KEPT)
    forgotten = delete(UnsentText).where(
        UnsentText.id.in_(unclaimed.with_for_update(skip_locked=True))
    )
    db.session.execute(forgotten, execution_options={"synchronize_session": False})


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
