"""Rendering stored HTML again after the rules of `app.text` have changed.

Comments and articles store their sources and the version of the rules beside their HTML. Earlier
versions of comments are compared by their sources, so their HTML is not rendered again.
"""

import logging
from collections.abc import Callable, Collection
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Row, Update, func, select, update

from app import text
from app.articles.models import Article
from app.comments.enums import BodyFormat
from app.comments.models import Comment, is_long
from app.db.base import db
from app.db.batches import iterate_batches
from app.db.locks import retry_once, take_write_lock

BATCH = 200

Progress = Callable[[int], None]
_log = logging.getLogger(__name__)


def count_waiting() -> int:
    """Count the comments and articles with HTML of an older version."""
    return sum(
        db.session.scalar(
            select(func.count()).select_from(model).where(model.pipeline < text.PIPELINE_VERSION)
        )
        or 0
        for model in (Article, Comment)
    )


def rerender_texts(progress: Progress | None = None, batch: int = BATCH) -> int:
    """Render the HTML of an older version again and return how many texts were stored.

    Nothing else of them changes, but an article's `version` is raised if its page looks different.
    Each `batch` of rows is a transaction of its own, so that others can write in between, and an
    interrupted run can be continued; `progress` is called with its size. A text that somebody
    changes meanwhile, or that is too long for the present rules, is left as it is.
    """
    done = 0
    for rows in iterate_batches(_STALE_ARTICLES, batch):
        rendered = [(row, _render(text.render_article, row.summary, row.opinion)) for row in rows]
        done += _store_articles([(row, html) for row, html in rendered if html])
        if progress:
            progress(len(rows))
    for rows in iterate_batches(_STALE_COMMENTS, batch):
        rendered = [(row, _render(_RENDERERS[row.body_format], row.body)) for row in rows]
        done += _store_comments(
            [(row, html[0], text.make_plain(html[0])) for row, html in rendered if html]
        )
        if progress:
            progress(len(rows))
    return done


_RENDERERS: dict[str, Callable[[str], Markup]] = {
    BodyFormat.MARKDOWN: text.render,
    BodyFormat.HTML: text.clean_html,
}
_STALE_ARTICLES = select(
    Article.id, Article.summary, Article.summary_html, Article.opinion, Article.opinion_html
).where(Article.pipeline < text.PIPELINE_VERSION)
_STALE_COMMENTS = select(
    Comment.id, Comment.article_id, Comment.body, Comment.body_format, Comment.html
).where(Comment.pipeline < text.PIPELINE_VERSION)


def _render(render: Callable[[str], Markup], *sources: str) -> list[str] | None:
    """Return the HTML of `sources`, or None if one is too long."""
    try:
        return [str(render(source)) for source in sources]
    except text.TooLong as error:
        _log.warning("A text keeps the HTML of an older version: %s", error)
        return None


@retry_once
def _store_articles(rendered: list[tuple[Row[*tuple[Any, ...]], list[str]]]) -> int:
    """Store the HTML of articles and return of how many."""
    done = sum(_store_article(row, html) for row, html in rendered)
    db.session.commit()
    return done


def _store_article(row: Row[*tuple[Any, ...]], html: list[str]) -> bool:
    summary_html, opinion_html = html
    looks_new = html != [row.summary_html, row.opinion_html]
    return _store_row(
        update(Article)
        .where(Article.id == row.id, Article.pipeline < text.PIPELINE_VERSION)
        .where(Article.summary == row.summary, Article.opinion == row.opinion)
        .values(
            summary_html=summary_html,
            opinion_html=opinion_html,
            pipeline=text.PIPELINE_VERSION,
            version=Article.version + int(looks_new),
        )
    )


@retry_once
def _store_comments(rendered: list[tuple[Row[*tuple[Any, ...]], str, str]]) -> int:
    """Store the HTML of comments and what goes with it, and return of how many."""
    articles = {row.article_id for row, html, _ in rendered if html != row.html}
    take_write_lock()
    # All comments of the batch and then their articles, as in every act (app.db.locks).
    _lock_rows(Comment, [row.id for row, _, _ in rendered], Comment.root_id.is_not(None))
    done = sum(
        _store_row(
            update(Comment)
            .where(Comment.id == row.id, Comment.pipeline < text.PIPELINE_VERSION)
            .where(Comment.body == row.body)
            .values(
                html=html, plain=plain, is_long=is_long(row.body), pipeline=text.PIPELINE_VERSION
            )
        )
        for row, html, plain in rendered
    )
    _lock_rows(Article, articles)
    _store_row(update(Article).where(Article.id.in_(articles)).values(version=Article.version + 1))
    db.session.commit()
    return done


def _lock_rows(model: type[Any], ids: Collection[int], *order: ColumnElement[bool]) -> None:
    rows = select(model.id).where(model.id.in_(ids)).order_by(*order, model.id)
    db.session.execute(rows.with_for_update(key_share=True))


def _store_row(statement: Update) -> bool:
    """Run an UPDATE without updating the session's objects; return whether it changed a row."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount)  # type: ignore[attr-defined]
