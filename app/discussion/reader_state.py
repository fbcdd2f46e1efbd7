"""A member's own state in a discussion: their marks on comments, mutes, draft and read mark."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Select,
    String,
    bindparam,
    literal,
    null,
    select,
)
from sqlalchemy.engine import Dialect

from app import clock
from app.accounts.rows import AnyMember
from app.articles.rows import AnyArticle
from app.comments.models import Comment
from app.comments.visibility import sql_is_visible_to_author
from app.db.base import db
from app.db.types import UtcDateTime, is_among
from app.discussion.enums import THREADS_A_PAGE
from app.discussion.new_comments import select_count
from app.drafts.models import DRAFT_LIFE, Draft, make_draft_key
from app.members.models import Bookmark, Follow, Mute, MutedWord, ReadMark
from app.members.queries import sql_is_in_force
from app.moderation.models import Report
from app.reactions.models import Disagreement, Vote


@dataclass
class ReaderState:
    """The state of one person in one discussion.

    `mark` is the publish_seq up to which they have read, None before their first visit, and `new`
    the number of comments published since. `muted` are the ids of people and `words` the patterns
    whose comments are folded. `draft` is the text of the main box, `drafted_at` its time.
    `unlisted` are the ids of their own comments that only they see: pending, rejected, or deleted a
    moment ago and still restorable. The rest is what they did to the comments that were asked for.
    """

    mark: int | None = None
    new: int = 0
    follow: str = ""
    muted: set[int] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    draft: str = ""
    drafted_at: datetime | None = None
    unlisted: list[int] = field(default_factory=list)
    votes: dict[int, int] = field(default_factory=dict)
    reported: set[int] = field(default_factory=set)
    bookmarked: set[int] = field(default_factory=set)
    disagreed: set[int] = field(default_factory=set)


def get_reader_state(
    user: AnyMember, article: AnyArticle, comment_ids: Iterable[int] = (), with_new: bool = False
) -> ReaderState:
    """Return all that decides how `user` sees comments of a discussion, with one query.

    `with_new` counts what is new as well.
    """
    now, state = clock.now(), ReaderState()
    values = {
        "user": user.id,
        "article": article.id,
        "comments": list(comment_ids),
        "draft_key": make_draft_key(article.id),
        "drafted_after": now - DRAFT_LIFE,
    }
    statement = _select_state(db.engine.dialect, with_new)
    for kind, number, words, at in db.session.connection().execute(statement, values):
        match kind:
            case "mark" | "new":
                setattr(state, kind, number)
            case "follow":
                state.follow = words
            case "mute":
                state.muted.add(number)
            case "word":
                state.words.append(words)
            case "unlisted":
                state.unlisted.append(number)
            case "draft":
                state.draft, state.drafted_at = words, at
            case "vote":
                state.votes[number] = int(words)
            case _:  # the name of a set of marks
                getattr(state, kind).add(number)
    return state


def _row(kind: str, number: Any = None, words: Any = None, at: Any = None) -> Select[Any]:
    return select(
        literal(kind),
        literal(0) if number is None else number,
        sa.cast(null(), String) if words is None else sa.cast(words, String),
        sa.cast(null(), UtcDateTime) if at is None else at,
    )


@cache
def _select_state(dialect: Dialect, with_new: bool) -> CompoundSelect[Any]:
    user: BindParameter[Any] = bindparam("user", type_=sa.Integer)
    article: BindParameter[Any] = bindparam("article", type_=sa.Integer)
    is_read = (ReadMark.user_id == user, ReadMark.article_id == article)

    def marks(kind: str, model: Any, words: Any = None, who: str = "user_id") -> Select[Any]:
        return _row(kind, model.comment_id, words).where(
            getattr(model, who) == user, is_among(model.comment_id, "comments", dialect)
        )

    unlisted = (
        select(Comment.id)
        .where(
            Comment.author_id == user,
            sql_is_visible_to_author(),
            ~Comment.publicly_listed,
            Comment.article_id == article,
        )
        .order_by(Comment.id.desc())
        .limit(THREADS_A_PAGE)
        .subquery()
    )
    parts = [
        _row("mark", ReadMark.publish_seq).where(*is_read),
        _row("follow", words=Follow.state).where(
            Follow.user_id == user, Follow.article_id == article
        ),
        _row("mute", Mute.muted_id).where(Mute.user_id == user),
        _row("word", words=MutedWord.pattern).where(MutedWord.user_id == user, sql_is_in_force()),
        _row("draft", words=Draft.body, at=Draft.updated_at).where(
            Draft.user_id == user,
            Draft.draft_key == bindparam("draft_key"),
            Draft.updated_at > bindparam("drafted_after", type_=UtcDateTime()),
        ),
        _row("unlisted", unlisted.c.id),
        marks("vote", Vote, Vote.value),
        marks("reported", Report, who="reporter_id"),
        marks("bookmarked", Bookmark),
        marks("disagreed", Disagreement),
    ]
    if with_new:
        since = select(ReadMark.publish_seq).where(*is_read).scalar_subquery()
        parts.append(_row("new", select_count(article, since, user).scalar_subquery()))
    return sa.union_all(*parts)
