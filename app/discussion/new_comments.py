"""Queries for the new comments of a discussion, in the order of publication."""

from functools import cache

from sqlalchemy import Integer, Select, bindparam, func, select

from app.accounts.rows import AnyMember
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
    query = _select_by_others(isinstance(viewer, AnyMember)).params(
        article=article.id, since=since, viewer=viewer.id
    )
    return list_page(query, article, (Comment.publish_seq.asc(),))


def count_new(article: AnyArticle, since: int, viewer: Viewer) -> int:
    """Count the comments of others published after the publish_seq `since`.

    Counts no further than NEW_COUNTED + 1, so that a huge discussion costs no more.
    """
    if article.last_publish_seq <= since:
        return 0
    values = {"article": article.id, "since": since, "viewer": viewer.id}
    return db.session.scalar(_select_count(isinstance(viewer, AnyMember)), values) or 0


@cache
def _select_count(is_member: bool) -> Select[int]:
    limited = _select_by_others(is_member).limit(NEW_COUNTED + 1).subquery()
    return select(func.count()).select_from(limited)


def _select_by_others(is_member: bool) -> Select[int]:
    """Return the query for comments below `article` after `since`, without those of `viewer`."""
    query = select(Comment.id).where(
        Comment.article_id == bindparam("article"),
        Comment.publish_seq > bindparam("since"),
        sql_has_public_words(),
    )
    if is_member:
        query = query.where(Comment.author_id.is_distinct_from(bindparam("viewer", type_=Integer)))
    return query


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
