"""A comment as plain values, with its author and article: what frequent acts read and show.

It belongs to no session, so it is the same before and after a commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, ClassVar, Union

from sqlalchemy import Select, bindparam, select

from app.accounts.models import User
from app.articles import rows as articles
from app.articles.models import Article
from app.articles.rows import ArticleRow
from app.comments.models import Comment
from app.db import core


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """The columns of a person that stand beside their words."""

    id: int
    name: str
    role: str
    imported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow:
    """The columns of a comment; `parent` is set where somebody has read it as well."""

    id: int
    article_id: int
    author_id: int | None
    parent_id: int | None
    root_id: int | None
    depth: int
    rank: int
    publish_seq: int
    body: str
    html: str
    plain: str
    body_format: str
    pipeline: int
    status: str
    publicly_listed: bool
    created_at: datetime
    published_at: datetime | None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    disowned_by: int | None = None
    question: bool
    pick_why: str = ""
    picked_at: datetime | None = None
    up: int = 0
    down: int = 0
    disagree_count: int = 0
    reply_count: int = 0
    thread_count: int = 0
    report_count: int = 0
    removal: str = ""
    version: int
    submission: str
    article: Article | ArticleRow
    author: User | AuthorRow | None
    parent: Union["CommentRow", Comment, None] = None

    words: ClassVar[Any] = Comment.words
    score: ClassVar[Any] = Comment.score
    score_is_hidden: ClassVar[Any] = Comment.score_is_hidden
    is_long: ClassVar[Any] = Comment.is_long
    author_name: ClassVar[Any] = Comment.author_name
    is_by: ClassVar[Any] = Comment.is_by


_RELATED = {"article", "author", "parent"}
NAMES = [field.name for field in fields(CommentRow) if field.name not in _RELATED]
COLUMNS = [Comment.__table__.c[name] for name in NAMES]
_OF_AUTHOR = [User.__table__.c[field.name] for field in fields(AuthorRow)]

_WHOLE: Select[Any] = (
    select(*COLUMNS, *_OF_AUTHOR, *articles.COLUMNS)
    .join(Article, Article.id == Comment.article_id)
    .outerjoin(User, User.id == Comment.author_id)
)
_BY_ID = _WHOLE.where(Comment.id == bindparam("comment"))
_BY_SUBMISSION = _WHOLE.where(
    Comment.author_id == bindparam("author"), Comment.submission == bindparam("submission")
)
_LOCK = _BY_ID.with_for_update(of=Comment, key_share=True)


def get_by_id(comment_id: int) -> CommentRow | None:
    """Return the comment with its author and article, or None."""
    row = core.run(_BY_ID, {"comment": comment_id}).first()
    return _make_row(row) if row else None


def get_by_submission(author_id: int, submission: str) -> CommentRow | None:
    """Return the comment that this person stored with this form key, with its parent, or None."""
    row = core.run(_BY_SUBMISSION, {"author": author_id, "submission": submission}).first()
    if row is None:
        return None
    comment = _make_row(row)
    return replace(comment, parent=get_by_id(comment.parent_id)) if comment.parent_id else comment


def lock(comment_id: int) -> CommentRow:
    """Lock a comment until the commit and return it as it is now; its article is not locked.

    The caller has taken the write lock.
    """
    return _make_row(core.run(_LOCK, {"comment": comment_id}).one())


def _make_row(row: Sequence[Any]) -> CommentRow:
    end = len(NAMES) + len(_OF_AUTHOR)
    author = row[len(NAMES) : end]
    return make_row(row, AuthorRow(*author) if author[0] else None, articles.make_row(row[end:]))


def make_row(
    columns: Sequence[Any], author: User | AuthorRow | None, article: Article | ArticleRow
) -> CommentRow:
    """Return the comment whose values of COLUMNS `columns` begins with."""
    return CommentRow(**dict(zip(NAMES, columns, strict=False)), author=author, article=article)
