"""A comment as pages read it: plain values, by Core, and no entity.

A row has the names of the entity (`app.comments.models`), so `policy`, `visibility` and templates
read either. It costs half as much, and rows may be shared by requests. Entities are for acts that
change a comment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Optional

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.articles.rows import AnyArticle
from app.comments.models import Comment, CommentProperties
from app.db.base import db


class AuthorRow(NamedTuple):
    """What pages show of a comment's author."""

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

_OWN = [name for name in _Columns._fields if name not in ("author", "article", "parent")]
_ABOVE, _AUTHOR_ABOVE = aliased(Comment, name="above"), aliased(User, name="author_above")


def _list_columns(comment: Any, author: Any) -> list[Any]:
    of_author = [getattr(author, name) for name in AuthorRow._fields]
    return [getattr(comment, name) for name in _OWN] + of_author


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
