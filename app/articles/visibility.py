"""The rule who may read a story, in Python for a loaded article and in SQL.

Functions that begin with `sql_` are the SQL twins; that of `Article.is_public` is
`sql_is_public`.
"""

from sqlalchemy import ColumnElement, and_, bindparam, true

from app import clock
from app.accounts.roles import EDITORS
from app.articles.enums import PUBLIC_STATUSES
from app.articles.models import Article
from app.articles.rows import AnyArticle
from app.db.types import UtcDateTime
from app.policy import Viewer


def sql_is_public() -> ColumnElement[bool]:
    """Return the condition that everybody may read an article now, as `Article.is_public`."""
    now = bindparam(None, callable_=clock.now, type_=UtcDateTime(), unique=True)
    return and_(Article.status.in_(PUBLIC_STATUSES), Article.published_at <= now)


def may_read(viewer: Viewer, article: AnyArticle) -> bool:
    """Return whether `viewer` may open the page of `article`."""
    return article.is_public or viewer.role in EDITORS


def sql_may_read(viewer: Viewer) -> ColumnElement[bool]:
    """Return the SQL twin of `may_read`."""
    return true() if viewer.role in EDITORS else sql_is_public()
