"""Bringing articles in from files."""

from sqlalchemy import select

from app import text
from app.articles.models import Article, ArticleSlug, Category, Organisation, Topic
from app.articles.operations import make_free_slug
from app.db.base import db
from app.db.locks import lock_rows, retry_once, take_write_lock
from app.errors import Conflict
from app.imports import article_file
from app.imports.article_file import ArticleData


@retry_once
def import_article(data: object, update: bool = False) -> Article:
    """Store the article of `data` (form: `app.imports.article_file`), wholly or not at all.

    With `update` an article of the same slug is changed in place: its address and its
    discussion stay. Raises ImportRefused for bad fields and Conflict for a slug that is taken.
    """
    known = set(db.session.scalars(select(Category.name)))
    checked = article_file.read_article(data, known)
    take_write_lock()
    # What it is filed under first, each kind by name: in the order of app.db.locks.
    organisation = _find_organisation(checked.organisation)
    topics = {name: _find_topic(name) for name in sorted(checked.topics)}
    db.session.flush()
    article = db.session.scalar(select(Article).where(Article.slug == checked.slug))
    if article is None:
        if db.session.get(ArticleSlug, checked.slug):
            raise Conflict(f"The address {checked.slug!r} leads to another article already.")
        article = Article(slug=checked.slug)
    elif not update:
        raise Conflict(
            f"There is an article with the slug {checked.slug!r} already: "
            "give the file another slug, or update the article with --update."
        )
    else:
        lock_rows(article)
    _fill(article, checked)
    article.organisation = organisation
    article.topics = [topics[name] for name in checked.topics]
    db.session.add(article)
    db.session.commit()
    return article


def _fill(article: Article, data: ArticleData) -> None:
    article.headline = data.headline
    article.category = db.session.scalars(
        select(Category).where(Category.name == data.category)
    ).one()
    article.published_at, article.status = data.published_at, data.status
    article.featured, article.takeaways = data.featured, data.takeaways
    article.source_name, article.source_url = data.source.name, data.source.url
    article.disclosure = data.disclosure
    article.comments_mode = data.comments.mode
    article.close_after_days = data.comments.close_after_days
    article.version = (article.version or 0) + 1
    article.write(data.summary, data.opinion)


def _find_organisation(name: str) -> Organisation:
    known = db.session.scalar(select(Organisation).where(Organisation.name == name))
    if known:
        return known
    slugs = select(Organisation.slug)
    made = Organisation(name=name, slug=make_free_slug(text.make_slug(name, "organisation"), slugs))
    db.session.add(made)
    return made


def _find_topic(name: str) -> Topic:
    known = db.session.scalar(select(Topic).where(Topic.name == name))
    if known:
        return known
    made = Topic(name=name, slug=make_free_slug(text.make_slug(name, "topic"), select(Topic.slug)))
    db.session.add(made)
    return made
