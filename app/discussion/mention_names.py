"""Names that complete a mention while somebody writes."""

from collections.abc import Sequence

from sqlalchemy import exists, select

from app.accounts.models import User
from app.accounts.queries import make_name_key
from app.articles.models import Article
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.policy import Viewer

NAMES_OFFERED = 8


def list_names(article: Article, prefix: str, besides: Viewer) -> Sequence[str]:
    """Return names of members who wrote below `article`, by prefix and without `besides`."""
    wrote = exists().where(
        Comment.article_id == article.id,
        Comment.author_id == User.id,
        Comment.status == CommentStatus.PUBLISHED,
    )
    return db.session.scalars(
        select(User.name)
        .where(
            User.name_key.startswith(make_name_key(prefix), autoescape=True), ~User.imported, wrote
        )
        .where(User.id != besides.id)
        .order_by(User.name_key)
        .limit(NAMES_OFFERED)
    ).all()
