"""What is a member's own on the page of a discussion: their marks on comments, how they read."""

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
from app.accounts.models import User
from app.articles.models import Article
from app.comments.enums import THREADS_A_PAGE
from app.comments.models import Comment
from app.comments.visibility import sql_is_kept_for_author
from app.db.base import db
from app.db.types import UtcDateTime, is_among
from app.drafts.models import DRAFTS_KEPT, Draft
from app.members.models import Bookmark, Follow, Mute, MutedWord, ReadMark
from app.members.queries import is_in_force
from app.moderation.models import Report
from app.reactions.models import Disagreement, Vote


@dataclass
class CommentMarks:
    """What one reader did to the comments of a page."""

    votes: dict[int, int] = field(default_factory=dict)
    reported: set[int] = field(default_factory=set)
    bookmarked: set[int] = field(default_factory=set)
    disagreed: set[int] = field(default_factory=set)

    @property
    def of_comments(self) -> tuple[Iterable[int], ...]:
        """The ids of all comments that have a mark, by its kind."""
        return self.votes, self.reported, self.bookmarked, self.disagreed


def get_marks(viewer: User, comments: Sequence[Comment]) -> CommentMarks:
    """One query for all that `viewer` did to `comments`."""
    found = CommentMarks()
    sets = {
        "reported": found.reported,
        "bookmarked": found.bookmarked,
        "disagreed": found.disagreed,
    }
    asked = {"viewer": viewer.id, "comments": [comment.id for comment in comments]}
    for kind, comment_id, value in db.session.execute(_select_marks(db.engine.dialect), asked):
        if kind == "vote":
            found.votes[comment_id] = value
        else:
            sets[kind].add(comment_id)
    return found


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
    """How one person reads one discussion.

    `mark` is the publish_seq up to which they have read, None before they were here; `muted` the
    ids of people and `words` the patterns that are folded for them; `draft` the text of the
    main box with the time when it was typed. `unlisted` are their own comments that only they
    see: waiting, never let through, or deleted a moment ago and to be taken back.
    """

    mark: int | None = None
    follow: str = ""
    muted: set[int] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    draft: str = ""
    drafted_at: datetime | None = None
    unlisted: list[int] = field(default_factory=list)


def get_reader_state(user: User, article: Article) -> ReaderState:
    """One query for all that decides how `user` sees the discussion of `article`."""
    now, found = clock.now(), ReaderState()
    asked = {
        "user": user.id,
        "article": article.id,
        "place": f"a-{article.id}",
        "kept": now - DRAFTS_KEPT,
    }
    for kind, number, words, at in db.session.execute(_select_reader_state(), asked):
        if kind == "mark":
            found.mark = number
        elif kind == "follow":
            found.follow = words
        elif kind == "mute":
            found.muted.add(number)
        elif kind == "word":
            found.words.append(words)
        elif kind == "unlisted":
            found.unlisted.append(number)
        else:
            found.draft, found.drafted_at = words, at
    return found


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
            sql_is_kept_for_author(),
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
        row("word", words=MutedWord.pattern).where(MutedWord.user_id == user, is_in_force()),
        row("draft", words=Draft.body, at=Draft.updated_at).where(
            Draft.user_id == user,
            Draft.place == bindparam("place"),
            Draft.updated_at > bindparam("kept", type_=UtcDateTime()),
        ),
        row("unlisted", unlisted.c.id),
    )
