"""A comment as pages read it: plain values, by Core, and no entity.

A row has the names of the entity (`app.comments.models`), so `policy`, `visibility` and templates
read either. It costs half as much, and rows may be shared by requests. Entities are for acts that
change a comment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Optional

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.articles.models import Article
from app.articles.rows import OF_DISCUSSION, AnyArticle, DiscussionRow
from app.comments.models import Comment, CommentProperties
from app.db import core
from app.db.base import db


class AuthorRow(NamedTuple):
    """The author of a comment with the columns that pages show."""

    id: int
    name: str
    role: str
    imported: bool


class _Columns(NamedTuple):
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
    is_long: bool
    body_format: str
    pipeline: int
    status: str
    publicly_listed: bool
    created_at: datetime
    published_at: datetime | None
    edited_at: datetime | None
    deleted_at: datetime | None
    disowned_by: int | None
    question: bool
    pick_why: str
    up: int
    down: int
    best: float
    controversy: float
    disagree_count: int
    reply_count: int
    thread_count: int
    removal: str
    version: int
    submission: str
    author: AuthorRow | None
    article: AnyArticle
    parent: Optional["CommentRow"]  # None where the query did not read parents


class CommentRow(CommentProperties, _Columns):
    """One comment with its author and article."""

    __slots__ = ()


AnyComment = Comment | CommentRow

OWN = [name for name in _Columns._fields if name not in ("author", "article", "parent")]
_ABOVE, _AUTHOR_ABOVE = aliased(Comment, name="above"), aliased(User, name="author_above")


def _list_columns(comment: Any, author: Any) -> list[Any]:
    of_author = [getattr(author, name) for name in AuthorRow._fields]
    return [getattr(comment, name) for name in OWN] + of_author


_COLUMNS = _list_columns(Comment, User)
_COLUMNS_ABOVE = _list_columns(_ABOVE, _AUTHOR_ABOVE)
_WIDTH = len(_COLUMNS)


def select_rows(*more: Any, parents: bool = False) -> Select[Any]:
    """Return the query for comments with their authors, and with `parents` for those as well.

    `more` are columns to be selected after them.
    """
    columns = [*_COLUMNS, *(_COLUMNS_ABOVE if parents else ()), *more]
    query = select(*columns).select_from(Comment).outerjoin(User, User.id == Comment.author_id)
    if parents:
        query = query.outerjoin(_ABOVE, _ABOVE.id == Comment.parent_id)
        query = query.outerjoin(_AUTHOR_ABOVE, _AUTHOR_ABOVE.id == _ABOVE.author_id)
    return query


def list_rows(
    query: Select[Any], article: AnyArticle, values: Mapping[str, Any] | None = None
) -> list[CommentRow]:
    """Return the comments of a query of `select_rows`, all of which are below `article`."""
    return [_make(row, article) for row in _execute(query, values)]


def list_rows_with(
    query: Select[Any], article: AnyArticle, values: Mapping[str, Any] | None = None
) -> list[tuple[CommentRow, Any]]:
    """Return comments as `list_rows` does, each with the one column selected besides."""
    return [(_make(row, article), row[-1]) for row in _execute(query, values)]


def _execute(query: Select[Any], values: Mapping[str, Any] | None) -> Sequence[Any]:
    return db.session.connection().execute(query, values or {}).all()


def _make(row: Any, article: AnyArticle) -> CommentRow:
    parent = None
    if len(row) >= 2 * _WIDTH and row[_WIDTH] is not None:
        parent = _make_own(row[_WIDTH : 2 * _WIDTH], article, None)
    return _make_own(row, article, parent)


def _make_own(row: Any, article: AnyArticle, parent: CommentRow | None) -> CommentRow:
    own, (ident, name, role, imported) = row[: _WIDTH - 4], row[_WIDTH - 4 : _WIDTH]
    author = None if ident is None else AuthorRow(ident, name, role, imported)
    return CommentRow._make((*own, author, article, parent))


# -- one comment, for an act on it ---------------------------------------------------------------

# The columns of a comment itself, as a statement that changes it returns them.
OF_COMMENT = [getattr(Comment, name) for name in OWN]
# What a new comment has where its writer or its place says nothing else.
_OWN_DEFAULTS = {name: Comment.__table__.c[name].default for name in OWN}
DEFAULTS: dict[str, Any] = {n: getattr(d, "arg", None) for n, d in _OWN_DEFAULTS.items()}
_WITH_ARTICLE = select_rows(*OF_DISCUSSION).join(Article, Article.id == Comment.article_id)
_BY_ID = _WITH_ARTICLE.where(Comment.id == bindparam("comment"))
_BY_SUBMISSION = _WITH_ARTICLE.where(
    Comment.author_id == bindparam("author"), Comment.submission == bindparam("submission")
)
_LOCK = _BY_ID.with_for_update(of=Comment, key_share=True)


def get_by_id(comment_id: int) -> CommentRow | None:
    """Return the comment with its author and article, or None."""
    row = core.run(_BY_ID, {"comment": comment_id}).first()
    return _make_with_article(row) if row else None


def get_by_submission(author_id: int, submission: str) -> CommentRow | None:
    """Return the comment that this person stored with this form key, with its parent, or None."""
    values = {"author": author_id, "submission": submission}
    row = core.run(_BY_SUBMISSION, values).first()
    if row is None:
        return None
    comment = _make_with_article(row)
    return comment._replace(parent=get_by_id(comment.parent_id or 0))


def lock(comment_id: int) -> CommentRow:
    """Lock a comment until the commit and return it as it is now; its article is not locked.

    The caller has taken the write lock.
    """
    return _make_with_article(core.run(_LOCK, {"comment": comment_id}).one())


def make_row(comment: AnyComment) -> CommentRow:
    """Return the row of a comment, which may be one already."""
    if isinstance(comment, CommentRow):
        return comment
    who = comment.author
    author = AuthorRow(who.id, who.name, who.role, who.imported) if who else None
    own = [getattr(comment, name) for name in OWN]
    return CommentRow._make((*own, author, comment.article, None))


def _make_with_article(row: Any) -> CommentRow:
    return _make(row, DiscussionRow._make(row[_WIDTH:]))
