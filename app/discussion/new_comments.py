"""Queries for the new comments of a discussion, in the order of publication."""

from typing import Any

from sqlalchemy import Select, func, select

from app.articles.models import Article
from app.articles.rows import AnyArticle
from app.articles.visibility import sql_is_public
from app.comments.enums import NEW_COUNTED
from app.comments.models import Comment
from app.comments.rows import CommentRow
from app.comments.visibility import sql_has_public_words
from app.db.base import db
from app.db.keyset import Page
from app.discussion.threads import list_page
from app.policy import Viewer

IDS_MAX = 200  # new comments that one poll names; a page that misses more should be reloaded


def list_new(article: AnyArticle, since: int, viewer: Viewer) -> Page[CommentRow]:
    """Return what others published after the publish_seq `since`, and whether more follow."""
    query = _select_by_others(article.id, since, viewer.id)
    return list_page(query, article, (Comment.publish_seq.asc(),))


def count_new(article: AnyArticle, since: int) -> int:
    """Count the comments published after the publish_seq `since`, as `select_count` does."""
    if article.last_publish_seq <= since:
        return 0
    return db.session.scalar(select_count(article.id, since, None)) or 0


def select_count(article_id: Any, since: Any, viewer_id: Any) -> Select[int]:
    """Return the query that counts the comments of others published after `since`.

    It counts no further than NEW_COUNTED + 1, so that a huge discussion costs no more. Each value
    may be an expression of SQL; `viewer_id` is None for a visitor.
    """
    limited = _select_by_others(article_id, since, viewer_id).limit(NEW_COUNTED + 1).subquery()
    return select(func.count()).select_from(limited)


def _select_by_others(article_id: Any, since: Any, viewer_id: Any) -> Select[int]:
    query = select(Comment.id).where(
        Comment.article_id == article_id, Comment.publish_seq > since, sql_has_public_words()
    )
    return (
        query if viewer_id is None else query.where(Comment.author_id.is_distinct_from(viewer_id))
    )


def get_last_seq(article_id: int) -> int | None:
    """Return the last publish_seq below a public article, with one read by its primary key."""
    return db.session.scalar(
        select(Article.last_publish_seq).where(Article.id == article_id, sql_is_public())
    )


def list_ids_since(article_id: int, since: int) -> list[tuple[int, int | None]]:
    """Return the ids of the newest comments after `since`, the oldest first, with their parents'.

    At most IDS_MAX are returned.
    """
    rows = db.session.execute(
        select(Comment.id, Comment.parent_id)
        .where(
            Comment.article_id == article_id,
            Comment.publish_seq > since,
            sql_has_public_words(),
        )
        .order_by(Comment.publish_seq.desc())
        .limit(IDS_MAX)
    ).all()
    return [(row[0], row[1]) for row in rows[::-1]]
