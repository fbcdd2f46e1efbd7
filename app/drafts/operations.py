"""Keeping texts that are not comments yet, and posting one when its writer has signed in."""

import hashlib
import re
import secrets

from sqlalchemy import delete, func, select, tuple_

from app import clock, policy, text
from app.accounts.models import Viewer
from app.articles.models import Article
from app.comments import operations as comments
from app.comments.models import Comment
from app.comments.vocabulary import DRAFTS_KEPT, TEXTS_KEPT, TEXTS_MAX
from app.db.locks import retry_once, take_write_lock
from app.drafts.models import Draft, KeptText
from app.errors import Conflict, Invalid, NotFound
from app.extensions import db
from app.policy import Permission as P

PLACE = re.compile(r"a-([0-9]{1,10})(-c-[0-9]{1,10})?")


@retry_once
def save(writer: Viewer, place: str, body: str) -> None:
    """Keep what a member is typing in the box `place` (`a-5`, `a-5-c-12`); a blank text is
    forgotten. Raises Invalid for another place or a text that no comment can hold."""
    policy.require(writer, P.PERSONAL, None)
    person = policy.member_of(writer)
    found = PLACE.fullmatch(place)
    if found is None or len(body) > text.SOURCE_MAX:
        raise Invalid("This draft cannot be kept.", "body")
    take_write_lock()
    if db.session.get(Article, int(found[1])) is None:
        raise NotFound("The article of this draft does not exist.")
    draft = db.session.get(Draft, (person.id, place), with_for_update=True)
    if not body.strip():
        db.session.execute(delete(Draft).where(Draft.user_id == person.id, Draft.place == place))
    elif draft is None:
        db.session.add(Draft(user_id=person.id, place=place, article_id=int(found[1]), body=body))
    else:
        draft.body, draft.updated_at = body, clock.now()
    forget_old()
    db.session.commit()


@retry_once
def keep(article: Article, parent_id: int | None, body: str, submission: str) -> str:
    """Keep a comment that somebody wrote before signing in; returns the key to it.

    Raises Invalid as posting it would, so that they are told while they can still change it,
    and Conflict while TEXTS_MAX texts wait already.
    """
    source = comments.checked(body)
    comments.preview(source)
    take_write_lock()
    waiting = select(func.count(KeptText.id)).where(KeptText.created_at > clock.now() - TEXTS_KEPT)
    if (db.session.scalar(waiting) or 0) >= TEXTS_MAX:
        db.session.rollback()
        raise Conflict("Too many texts wait for their writers just now. Sign in, then send it.")
    token = secrets.token_urlsafe(24)
    db.session.add(
        KeptText(
            token_hash=_hash(token),
            article_id=article.id,
            parent_id=parent_id,
            body=source,
            submission=submission[:64] or comments.new_submission(),
        )
    )
    forget_old()
    db.session.commit()
    return token


def kept(token: str) -> KeptText | None:
    """The text behind a key, while it is kept."""
    return db.session.scalar(
        select(KeptText).where(
            KeptText.token_hash == _hash(token),
            KeptText.created_at > clock.now() - TEXTS_KEPT,
        )
    )


def post_kept(writer: Viewer, token: str) -> Comment | None:
    """Post the kept text as the comment that it was meant to be; None when it is gone.

    Raises what `comments.post` raises; then the text is still kept.
    """
    waiting = kept(token)
    if waiting is None:
        return None
    article = db.session.get_one(Article, waiting.article_id)
    parent = db.session.get(Comment, waiting.parent_id) if waiting.parent_id else None
    body, submission = waiting.body, waiting.submission
    return comments.post(writer, article, body, parent, submission, nudged=False)


@retry_once
def forget_kept(tokens: list[str]) -> None:
    """Drop the texts behind these keys."""
    hashes = [_hash(token) for token in tokens]
    db.session.execute(delete(KeptText).where(KeptText.token_hash.in_(hashes)))
    db.session.commit()


def forget_old() -> None:
    """Drop what nobody came back for, in the open transaction.

    These rows are of other people, so none of them is waited for: what somebody else holds is
    dropped the next time.
    """
    old = select(Draft.user_id, Draft.place).where(Draft.updated_at < clock.now() - DRAFTS_KEPT)
    key = tuple_(Draft.user_id, Draft.place)
    forgotten = delete(Draft).where(key.in_(old.with_for_update(skip_locked=True)))
    db.session.execute(forgotten, execution_options={"synchronize_session": False})
    unclaimed = select(KeptText.id).where(KeptText.created_at < clock.now() - TEXTS_KEPT)
    forgotten = delete(KeptText).where(KeptText.id.in_(unclaimed.with_for_update(skip_locked=True)))
    db.session.execute(forgotten, execution_options={"synchronize_session": False})


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
