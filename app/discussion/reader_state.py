"""A member's own state in a discussion: their marks on comments, mutes, draft and read mark."""

from collections.abc import Iterable, Sequence
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
from app.comments.rows import AnyComment
from app.comments.visibility import sql_is_visible_to_author
from app.db.base import db
from app.db.types import UtcDateTime, is_among
from app.discussion.enums import THREADS_A_PAGE
from app.drafts.models import DRAFT_LIFE, Draft, make_draft_key
from app.members.models import Bookmark, Follow, Mute, MutedWord, ReadMark
from app.members.queries import sql_is_in_force
from app.moderation.models import Report
from app.reactions.models import Disagreement, Vote


@dataclass
class CommentMarks:
    """The votes, reports, bookmarks and disagreements of one reader on the comments of a page."""

    votes: dict[int, int] = field(default_factory=dict)
    reported: set[int] = field(default_factory=set)
    bookmarked: set[int] = field(default_factory=set)
    disagreed: set[int] = field(default_factory=set)

    @property
    def of_comments(self) -> tuple[Iterable[int], ...]:
        """The ids of all comments that have a mark, by its kind."""
        return self.votes, self.reported, self.bookmarked, self.disagreed


def get_marks(viewer: AnyMember, comments: Sequence[AnyComment]) -> CommentMarks:
    """Return all that `viewer` did to `comments`, with one query."""
    marks = CommentMarks()
    sets = {
        "reported": marks.reported,
        "bookmarked": marks.bookmarked,
        "disagreed": marks.disagreed,
    }
    values = {"viewer": viewer.id, "comments": [comment.id for comment in comments]}
    for kind, comment_id, value in db.session.execute(_select_marks(db.engine.dialect), values):
        if kind == "vote":
            marks.votes[comment_id] = value
        else:
            sets[kind].add(comment_id)
    return marks


@cache
def _select_marks(dialect: Dialect) -> CompoundSelect[Any]:
    def rows(kind: str, model: type[Any], value: Any, who: str = "user_id") -> Any:
        return select(literal(kind), model.comment_id, value).where(
            getattr(model, who) == bindparam("viewer"),
            is_among(model.comment_id, "comments", dialect),
        )

    return sa.union_all(
        rows("vote", Vote, Vote.value),
        rows("reported", Report, literal(0), "reporter_id"),
        rows("bookmarked", Bookmark, literal(0)),
        rows("disagreed", Disagreement, literal(0)),
    )


@dataclass
class ReaderState:
    """The state of one person in one discussion.

    `mark` is the publish_seq up to which they have read, None before their first visit. `muted`
    are the ids of people and `words` the patterns whose comments are folded. `draft` is the text
    of the main box, `drafted_at` its time. `unlisted` are the ids of their own comments that
    only they see: pending, rejected, or deleted a moment ago and still restorable.
    """

    mark: int | None = None
    follow: str = ""
    muted: set[int] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    draft: str = ""
    drafted_at: datetime | None = None
    unlisted: list[int] = field(default_factory=list)


def get_reader_state(user: AnyMember, article: AnyArticle) -> ReaderState:
    """Return all that decides how `user` sees the discussion of `article`, with one query."""
    now, state = clock.now(), ReaderState()
    values = {
        "user": user.id,
        "article": article.id,
        "draft_key": make_draft_key(article.id),
        "drafted_after": now - DRAFT_LIFE,
    }
    for kind, number, words, at in db.session.execute(_select_reader_state(), values):
        if kind == "mark":
            state.mark = number
        elif kind == "follow":
            state.follow = words
        elif kind == "mute":
            state.muted.add(number)
        elif kind == "word":
            state.words.append(words)
        elif kind == "unlisted":
            state.unlisted.append(number)
        else:
            state.draft, state.drafted_at = words, at
    return state


@cache
def _select_reader_state() -> CompoundSelect[Any]:
    user: BindParameter[Any] = bindparam("user")
    article: BindParameter[Any] = bindparam("article")

    def row(kind: str, number: Any = None, words: Any = None, at: Any = None) -> Select[Any]:
        return select(
            literal(kind),
            literal(0) if number is None else number,
            sa.cast(null(), String) if words is None else words,
            sa.cast(null(), UtcDateTime) if at is None else at,
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
    return sa.union_all(
        row("mark", ReadMark.publish_seq).where(
            ReadMark.user_id == user, ReadMark.article_id == article
        ),
        row("follow", words=Follow.state).where(
            Follow.user_id == user, Follow.article_id == article
        ),
        row("mute", Mute.muted_id).where(Mute.user_id == user),
        row("word", words=MutedWord.pattern).where(MutedWord.user_id == user, sql_is_in_force()),
        row("draft", words=Draft.body, at=Draft.updated_at).where(
            Draft.user_id == user,
            Draft.draft_key == bindparam("draft_key"),
            Draft.updated_at > bindparam("drafted_after", type_=UtcDateTime()),
        ),
        row("unlisted", unlisted.c.id),
    )
