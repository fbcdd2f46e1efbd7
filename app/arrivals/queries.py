"""What is new in a discussion, by the order in which its comments were published."""

from sqlalchemy import Select, func, select

from app.accounts.models import User, Viewer
from app.articles.models import Article
from app.articles.queries import public
from app.comments.models import Comment
from app.comments.queries import page_of
from app.comments.vocabulary import NEW_COUNTED, CommentStatus
from app.extensions import db

TOLD = 200  # new comments that one poll names; a page that misses more is better reloaded


def arrived(article: Article, since: int, viewer: Viewer) -> tuple[list[Comment], bool]:
    """What others published after the serial `since`, in that order, and whether more follow."""
    return page_of(_by_others(article, since, viewer), (Comment.serial.asc(),))


def count(article: Article, since: int, viewer: Viewer) -> int:
    """How many comments of others were published after the serial `since`.

    Counts no further than NEW_COUNTED + 1, so that it costs no more below a huge discussion.
    """
    if article.last_serial <= since:
        return 0
    some = _by_others(article, since, viewer).limit(NEW_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _by_others(article: Article, since: int, viewer: Viewer) -> Select[int]:
    query = select(Comment.id).where(
        Comment.article_id == article.id,
        Comment.serial > since,
        Comment.status == CommentStatus.PUBLISHED,
    )
    if isinstance(viewer, User):
        query = query.where(Comment.author_id.is_distinct_from(viewer.id))
    return query


def last_serial(article_id: int) -> int | None:
    """The serial of what was published last below a public article, in one read by its key."""
    return db.session.scalar(select(Article.last_serial).where(Article.id == article_id, public()))


def told(article_id: int, since: int) -> list[tuple[int, int | None]]:
    """The newest comments after `since`, each with its parent's id, the oldest of them first."""
    rows = db.session.execute(
        select(Comment.id, Comment.parent_id)
        .where(
            Comment.article_id == article_id,
            Comment.serial > since,
            Comment.status == CommentStatus.PUBLISHED,
        )
        .order_by(Comment.serial.desc())
        .limit(TOLD)
    ).all()
    return [(row[0], row[1]) for row in rows[::-1]]
