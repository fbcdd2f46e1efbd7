"""The permission to read a story."""

from app.articles import visibility
from app.articles.rows import AnyArticle
from app.errors import NotFound
from app.policy import Permission as P
from app.policy import Viewer, predicate, rule


@predicate(NotFound, "No page at this address. It may have moved; try the search above.")
def public_or_newsroom(viewer: Viewer, article: AnyArticle) -> bool:
    return visibility.may_read(viewer, article)


rule(P.ARTICLE_READ, public_or_newsroom)
