"""Saving and deleting drafts and unsent texts."""

import re
import secrets
from collections.abc import Iterable

from sqlalchemy import bindparam, delete, func, select, tuple_

from app import clock, policy, text
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.accounts.queries import hash_token
from app.articles.models import Article
from app.comments import operations as comments
from app.comments import queries as comment_queries
from app.comments.rows import CommentRow
from app.comments.signals import comment_posted
from app.db import core
from app.db.base import db
from app.db.locks import lock_turn, retry_once, take_write_lock
from app.db.types import LARGEST_ID
from app.drafts.models import (
    DRAFT_LIFE,
    DRAFTS_CHARACTERS,
    DRAFTS_MAX,
    UNSENT_LIFE,
    UNSENT_MAX,
    Draft,
    UnsentText,
    make_draft_key,
)
from app.errors import Conflict, Gone, Invalid, NotFound
from app.policy import Permission as P
from app.policy import Viewer
from app.text.quantities import format_day

DRAFT_KEY = re.compile(r"a-([1-9][0-9]{0,9})(?:-c-([1-9][0-9]{0,9}))?")
NO_BOX = "This draft is not kept: there is nothing here that it could answer."

_DELETE_DRAFT = delete(Draft).where(
    Draft.user_id == bindparam("author"), Draft.draft_key == bindparam("draft_key")
)
_DELETE_UNSENT = delete(UnsentText).where(UnsentText.submission == bindparam("form"))


@retry_once
def save_draft(writer: Viewer, draft_key: str, body: str) -> None:
    """Save what a member is typing in the box of `draft_key`; a blank text deletes the draft.

    Raises Invalid for a malformed key, for a text that no comment can hold and for a draft too
    many, NotFound for a box that this person cannot see, NotAllowed where comments are closed.
    """
    if not body.strip():
        forget_draft(writer, draft_key)
        return
    policy.require(writer, P.PERSONAL, None)
    ids = DRAFT_KEY.fullmatch(draft_key)
    if ids is None or len(body) > text.SOURCE_MAX:
        raise Invalid("This draft cannot be kept.", "body")
    article_id, parent_id = int(ids[1]), int(ids[2] or 0)
    _require_box(writer, article_id, parent_id)
    body, person = text.normalise(body), require_user(writer)
    lock_turn("drafts", person.id)  # or two drafts at once could both be within the limits
    draft = db.session.get(Draft, (person.id, draft_key), with_for_update=True)
    _require_room(person, draft_key, len(body), draft)
    if draft is None:
        db.session.add(
            Draft(user_id=person.id, draft_key=draft_key, article_id=article_id, body=body)
        )
    else:
        draft.body, draft.updated_at = body, clock.now()
    forget_old()
    db.session.commit()


@retry_once
def forget_draft(writer: Viewer, draft_key: str) -> None:
    """Delete the draft of a box; an unknown key changes nothing."""
    policy.require(writer, P.PERSONAL, None)
    person = require_user(writer)
    db.session.execute(
        delete(Draft).where(Draft.user_id == person.id, Draft.draft_key == draft_key)
    )
    db.session.commit()


def _require_box(writer: Viewer, article_id: int, parent_id: int) -> None:
    """Raise unless `writer` may comment in a box; its `parent_id` is 0 for the main box.

    A hidden article or comment raises the same NotFound as one that does not exist.
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


def _require_room(person: User, draft_key: str, length: int, draft: Draft | None) -> None:
    """Raise Invalid when a text of `length` characters is too much beside the other drafts.

    An existing draft may always become shorter.
    """
    others = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(func.length(Draft.body)), 0),
            func.min(Draft.updated_at),
        ).where(
            Draft.user_id == person.id,
            Draft.draft_key != draft_key,
            Draft.updated_at > clock.now() - DRAFT_LIFE,
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
    day = format_day(oldest + DRAFT_LIFE)
    raise Invalid(f"{full}. Post or discard one; the oldest is forgotten on {day}.", "body")


@retry_once
def keep_unsent(article: Article, parent_id: int | None, body: str, submission: str) -> str:
    """Save a comment that somebody wrote before signing in, and return its token.

    Raises Invalid as posting would, while the writer can still change the text, and Conflict
    when UNSENT_MAX texts wait already.
    """
    source = comments.clean_source(body)
    comments.render_preview(source)
    take_write_lock()
    waiting = select(func.count(UnsentText.id)).where(
        UnsentText.created_at > clock.now() - UNSENT_LIFE
    )
    if (db.session.scalar(waiting) or 0) >= UNSENT_MAX:
        db.session.rollback()
        raise Conflict("Too many texts wait for their writers just now. Sign in, then send it.")
    token = secrets.token_urlsafe(24)
    db.session.add(
        UnsentText(
            token_hash=hash_token(token),
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
    """Return the text of a token, or None if there is none or it has expired."""
    return db.session.scalar(
        select(UnsentText).where(
            UnsentText.token_hash == hash_token(token),
            UnsentText.created_at > clock.now() - UNSENT_LIFE,
        )
    )


@retry_once
def forget_unsent(tokens: Iterable[str]) -> None:
    """Delete the texts of these tokens."""
    hashes = [hash_token(token) for token in tokens]
    db.session.execute(delete(UnsentText).where(UnsentText.token_hash.in_(hashes)))
    db.session.commit()


@comment_posted.connect
def _forget_posted(comment: CommentRow) -> None:
    """Delete the draft or unsent text of a posted comment, so that no window restores it."""
    draft_key = make_draft_key(comment.article_id, comment.parent_id)
    core.run(_DELETE_DRAFT, {"author": comment.author_id, "draft_key": draft_key})
    core.run(_DELETE_UNSENT, {"form": comment.submission})


def forget_old() -> None:
    """Delete expired drafts and unsent texts in the open transaction.

    The rows belong to other people, so this waits for none of them: a locked row is skipped and
    deleted the next time.
    """
    old = select(Draft.user_id, Draft.draft_key).where(Draft.updated_at < clock.now() - DRAFT_LIFE)
    key = tuple_(Draft.user_id, Draft.draft_key)
    deletion = delete(Draft).where(key.in_(old.with_for_update(skip_locked=True)))
    db.session.execute(deletion, execution_options={"synchronize_session": False})
    expired = select(UnsentText.id).where(UnsentText.created_at < clock.now() - UNSENT_LIFE)
    deletion = delete(UnsentText).where(
        UnsentText.id.in_(expired.with_for_update(skip_locked=True))
    )
    db.session.execute(deletion, execution_options={"synchronize_session": False})
