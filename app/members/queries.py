"""Queries for a member's mutes, and for the lists of their activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import contains_eager, joinedload

from app import clock
from app.accounts.models import User
from app.accounts.rows import AnyMember
from app.articles.models import Article
from app.articles.visibility import sql_may_read
from app.comments.enums import NEW_COUNTED
from app.comments.models import Comment
from app.comments.visibility import sql_has_public_words
from app.db.base import db
from app.db.keyset import Cursor, Page, cut_page, get_page, order_latest
from app.members.models import Bookmark, Follow, FollowState, Mute, MutedWord, ReadMark

ENTRIES = 20  # of one page of an activity


def sql_is_in_force() -> ColumnElement[bool]:
    """Return the condition that the last day of a muted word has not passed."""
    today = bindparam(None, callable_=_get_today, type_=sa.Date(), unique=True)
    return or_(MutedWord.until.is_(None), MutedWord.until >= today)


def _get_today() -> date:
    return clock.now().date()


def has_muted(user: AnyMember, person: User) -> bool:
    return db.session.get(Mute, (user.id, person.id)) is not None


# -- settings ----------------------------------------------------------------------------------


def list_muted_people(user: AnyMember) -> Sequence[Mute]:
    return db.session.scalars(
        select(Mute)
        .join(Mute.muted)
        .options(contains_eager(Mute.muted))
        .where(Mute.user_id == user.id)
        .order_by(User.name_key)
    ).all()


def list_muted_words(user: AnyMember) -> Sequence[MutedWord]:
    """Return all muted words, expired ones too, in the order in which they were added."""
    return db.session.scalars(
        select(MutedWord).where(MutedWord.user_id == user.id).order_by(MutedWord.id)
    ).all()


def list_words_in_force(user: AnyMember) -> Sequence[str]:
    return db.session.scalars(
        select(MutedWord.pattern).where(MutedWord.user_id == user.id, sql_is_in_force())
    ).all()


# -- activity: each page is one statement -------------------------------------------------------


def list_written(user: AnyMember, before: int | None) -> Page[Comment]:
    """Return the comments of `user` in any status, the newest first, and whether more follow."""
    query = (
        select(Comment)
        .join(Comment.article)
        .options(contains_eager(Comment.article), joinedload(Comment.author))
        .where(Comment.author_id == user.id)
        .order_by(Comment.id.desc())
    )
    return get_page(query if before is None else query.where(Comment.id < before), ENTRIES)


@dataclass
class Followed:
    """A followed or muted discussion, with the number of new comments of others.

    `new` counts no further than NEW_COUNTED + 1 and is None where the user has no read mark.
    """

    article: Article
    cursor: Cursor
    new: int | None


def list_followed(user: AnyMember, state: FollowState, before: Cursor | None) -> Page[Followed]:
    """Return the discussions that `user` follows or has muted, and whether more follow."""
    unread = (
        select(literal(1))
        .where(
            Comment.article_id == Article.id,
            Comment.publish_seq > ReadMark.publish_seq,
            sql_has_public_words(),
            Comment.author_id.is_distinct_from(user.id),
        )
        .limit(NEW_COUNTED + 1)
        .correlate(Article, ReadMark)
        .subquery()
    )
    number = select(func.count()).select_from(unread).scalar_subquery()
    mark = and_(ReadMark.article_id == Article.id, ReadMark.user_id == user.id)
    query = (
        select(Article, Follow.created_at, ReadMark.publish_seq, number)
        .join(Follow, Follow.article_id == Article.id)
        .outerjoin(ReadMark, mark)
        .where(Follow.user_id == user.id, Follow.state == state, sql_may_read(user))
    )
    query = order_latest(query, Follow.created_at, Follow.article_id, before).limit(ENTRIES + 1)
    rows = db.session.execute(query).all()
    followed = [
        Followed(article, Cursor(at, article.id), None if publish_seq is None else new)
        for article, at, publish_seq, new in rows
    ]
    return cut_page(followed, ENTRIES)


def list_saved(user: AnyMember, before: Cursor | None) -> Page[Bookmark]:
    """Return the bookmarks of `user` in the order of saving, whatever became of the comments."""
    query = (
        select(Bookmark)
        .join(Bookmark.comment)
        .join(Comment.article)
        .options(
            contains_eager(Bookmark.comment).options(
                contains_eager(Comment.article), joinedload(Comment.author)
            )
        )
        .where(Bookmark.user_id == user.id)
    )
    query = order_latest(query, Bookmark.created_at, Bookmark.comment_id, before)
    return get_page(query, ENTRIES)
