"""Making stored HTML anew when the rules of `app.text` have changed.

Comments and articles keep their sources and the version of the rules beside their HTML.
Earlier texts of comments are shown as differences of their sources, so their HTML stays.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row, Select, Update, func, select, update

from app import text
from app.articles.models import Article
from app.comments.enums import BodyFormat
from app.comments.models import Comment
from app.db.base import db
from app.db.locks import retry_once, take_write_lock

BATCH = 200

Progress = Callable[[int], None]
_log = logging.getLogger(__name__)


def count_waiting() -> int:
    """How many comments and articles have HTML of an older version."""
    return sum(
        db.session.scalar(
            select(func.count()).select_from(model).where(model.pipeline < text.PIPELINE_VERSION)
        )
        or 0
        for model in (Article, Comment)
    )


def rerender_texts(progress: Progress | None = None, batch: int = BATCH) -> int:
    """Make the HTML of an older version anew; returns how many texts were done.

    Nothing else of them changes, but `article.version` moves where a page will look different.
    Each `batch` of rows is a transaction of its own, so others write in between, and a run that
    was stopped goes on where it was; `progress` is called with its size. What somebody changes
    meanwhile, or has become longer than the rules allow, is left as it is.
    """
    done = 0
    for rows in _iterate_batches(_STALE_ARTICLES, batch):
        made = [(row, _render(text.render_article, row.summary, row.opinion)) for row in rows]
        done += _store_articles([(row, html) for row, html in made if html])
        if progress:
            progress(len(rows))
    for rows in _iterate_batches(_STALE_COMMENTS, batch):
        made = [(row, _render(_WAYS[row.body_format], row.body)) for row in rows]
        done += _store_comments(
            [(row, html[0], text.make_plain(html[0])) for row, html in made if html]
        )
        if progress:
            progress(len(rows))
    return done


_WAYS: dict[str, Callable[[str], Markup]] = {
    BodyFormat.MARKDOWN: text.render,
    BodyFormat.HTML: text.clean_html,
}
_STALE_ARTICLES = select(
    Article.id, Article.summary, Article.summary_html, Article.opinion, Article.opinion_html
).where(Article.pipeline < text.PIPELINE_VERSION)
_STALE_COMMENTS = select(
    Comment.id, Comment.article_id, Comment.body, Comment.body_format, Comment.html
).where(Comment.pipeline < text.PIPELINE_VERSION)


def _iterate_batches(
    query: Select[*tuple[Any, ...]], size: int
) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
    """The rows of `query` by id, its first column, `size` at a time."""
    key = query.selected_columns[0]
    last = 0
    while rows := db.session.execute(query.where(key > last).order_by(key).limit(size)).all():
        # Making HTML takes most of the time; nobody waits for it, as no transaction is open.
        db.session.rollback()
        yield rows
        last = rows[-1].id


def _render(way: Callable[[str], Markup], *sources: str) -> list[str] | None:
    try:
        return [str(way(source)) for source in sources]
    except text.TooLong as error:
        _log.warning("A text keeps the HTML of an older version: %s", error)
        return None


@retry_once
def _store_articles(made: list[tuple[Row[*tuple[Any, ...]], list[str]]]) -> int:
    """Store the HTML of articles; returns of how many."""
    done = sum(_store_article(row, html) for row, html in made)
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
def _store_comments(made: list[tuple[Row[*tuple[Any, ...]], str, str]]) -> int:
    """Store the HTML and the plain text of comments; return of how many."""
    articles = {row.article_id for row, html, _ in made if html != row.html}
    take_write_lock()
    # The discussions first and in one order, as everybody locks them who acts on a comment.
    locked = select(Article.id).where(Article.id.in_(articles)).order_by(Article.id)
    db.session.execute(locked.with_for_update(key_share=True))
    done = sum(
        _store_row(
            update(Comment)
            .where(Comment.id == row.id, Comment.pipeline < text.PIPELINE_VERSION)
            .where(Comment.body == row.body)
            .values(html=html, plain=plain, pipeline=text.PIPELINE_VERSION)
        )
        for row, html, plain in made
    )
    _store_row(update(Article).where(Article.id.in_(articles)).values(version=Article.version + 1))
    db.session.commit()
    return done


def _store_row(statement: Update) -> bool:
    """Whether there was still something to change; what the session holds is read anew later."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount)  # type: ignore[attr-defined]
