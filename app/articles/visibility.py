"""Who may read a story: asked of a loaded article, and the same of the database.

Functions that begin with `sql_`, and `sql_is_public`, are the twins for statements.
"""

from sqlalchemy import ColumnElement, and_, bindparam, true

from app import clock
from app.accounts.roles import EDITORS
from app.articles.enums import PUBLIC_STATUSES
from app.articles.models import Article
from app.db.types import UtcDateTime
from app.policy import Viewer


def sql_is_public() -> ColumnElement[bool]:
    """Return what everybody may read now, for page, list, search and feed; as Article.is_public."""
    now = bindparam(None, callable_=clock.now, type_=UtcDateTime(), unique=True)
    return and_(Article.status.in_(PUBLIC_STATUSES), Article.published_at <= now)


def may_read(viewer: Viewer, article: Article) -> bool:
    """Return whether `viewer` may open the page of `article`."""
    return article.is_public or viewer.role in EDITORS


def sql_may_read(viewer: Viewer) -> ColumnElement[bool]:
    """Return the twin of `may_read`."""
    return true() if viewer.role in EDITORS else sql_is_public()
