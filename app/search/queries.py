"""Queries that find comments of one discussion by their words, the most relevant first.

The index says which comments match. The same statement reads their status from the comments
table, so that a comment removed a moment ago is not found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import TSQUERY

from app.articles.rows import AnyArticle
from app.comments.models import Comment
from app.comments.rows import CommentRow, list_rows, select_rows
from app.comments.visibility import has_public_words, sql_has_public_words
from app.db.base import db
from app.members.models import Mute
from app.policy import Viewer
from app.search.models import comment_words, make_within, split_words

NEAR = 5_000  # the newest comments, which are searched first
RANKED = 500  # comments whose relevance is compared: the newest that match
FOUND_MAX = 100
QUERY_WORDS_MAX = 20  # signs of a script without spaces count as words
PREFIX_MIN = 3  # Latin letters from which on the last word also matches longer words

_LENGTH_COUNTS = 1  # ts_rank_cd: divide the rank by 1 + the logarithm of the length


@dataclass(frozen=True)
class Query:
    """A search for all of `phrases`, each of one or more words in a row.

    With `ends_in_prefix` the very last word also matches longer words. `marks` are the patterns
    that an excerpt marks.
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    ends_in_prefix: bool = False
    marks: tuple[str, ...] = ()

    @property
    def too_many(self) -> int:
        """The number of words beyond QUERY_WORDS_MAX."""
        return max(0, sum(map(len, self.phrases)) - QUERY_WORDS_MAX)


def parse_words(typed: str) -> Query:
    """Return the query for a typed text, in which no sign is syntax.

    The text between two spaces is one phrase: it may be a word with signs in it, or a sentence
    of a script without spaces.
    """
    phrases: dict[tuple[str, ...], str] = {}
    for chunk in typed.split():
        if words := _drop_runs(split_words(chunk)):
            phrases.pop(words, None)  # so that a repeated phrase counts as the last one
            phrases[words] = chunk
    if not phrases:
        return Query()
    marks = [mark for words, chunk in phrases.items() for mark in _select_marks(words, chunk)]
    *_, last = phrases
    ends_in_prefix = len(last[-1]) >= PREFIX_MIN or not last[-1].isascii()
    if ends_in_prefix:
        marks += [f"{' '.join(last)}*", f"{last[-1]}*"]
    return Query(tuple(phrases), ends_in_prefix, tuple(marks))


def _drop_runs(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words with at most two of the same in a row, as each repetition is expensive."""
    return tuple(
        word
        for index, word in enumerate(words)
        if index < 2 or {word} != {*words[index - 2 : index]}
    )


def _select_marks(words: Sequence[str], chunk: str) -> list[str]:
    """Return the patterns that mark a phrase: as it was typed, as words, and word by word.

    Single letters are left out, for they would mark too much.
    """
    return [chunk.rstrip("*"), " ".join(words), *(word for word in words if len(word) > 1)]


def search_comments(viewer: Viewer, article: AnyArticle, query: Query) -> list[int]:
    """Return the ids of published comments that match `query`, without authors whom viewer muted.

    The most relevant come first, then the newest; at most FOUND_MAX, out of the RANKED newest
    matches. When the newest NEAR comments hold enough matches, older ones are not searched, so
    that frequent words cost no more in a huge discussion. Words that are rare there have few
    matches in all of it.
    """
    ids = _select_best(viewer, article, query, NEAR) if article.comment_count > NEAR else []
    return ids if len(ids) == FOUND_MAX else _select_best(viewer, article, query, None)


def _select_best(viewer: Viewer, article: AnyArticle, query: Query, among: int | None) -> list[int]:
    """Return the best matches among so many of the newest comments, or among all."""
    phrases = [make_within(article.id, words) for words in query.phrases]
    if db.engine.dialect.name == "postgresql":
        matching, rank = _by_tsvector(_make_tsquery(phrases, query.ends_in_prefix))
    else:
        matching, rank = _by_fts5(_make_match(phrases, query.ends_in_prefix))
    newest = _select_newest(matching, viewer, article, among)
    best = (
        select(newest.c.rowid).order_by(rank(newest).desc(), newest.c.rowid.desc()).limit(FOUND_MAX)
    )
    return list(db.session.scalars(best))


def _by_fts5(query: str) -> tuple[Select[Any], Callable[[Any], Any]]:
    index: ColumnElement[Any] = literal_column(comment_words.name)
    # A lower bm25 is better; SQLite computes it only in the statement that reads the index.
    matching = select(comment_words.c.rowid, (-func.bm25(index)).label("rank"))
    return matching.where(index.op("MATCH")(query)), lambda matches: matches.c.rank


def _by_tsvector(query: str) -> tuple[Select[Any], Callable[[Any], Any]]:
    tsquery = cast(query, TSQUERY)
    matching = select(comment_words.c.rowid, comment_words.c.words)
    matching = matching.where(comment_words.c.words.op("@@")(tsquery))
    return matching, lambda matches: func.ts_rank_cd(matches.c.words, tsquery, _LENGTH_COUNTS)


def _select_newest(
    matching: Select[Any], viewer: Viewer, article: AnyArticle, among: int | None
) -> Any:
    """Return the RANKED newest of `matching` that are published, without muted authors."""
    published = (Comment.article_id == article.id, sql_has_public_words())
    # A plan that scans the index from its end starts here, not at newer comments on other articles.
    last = select(func.max(Comment.id)).where(*published).scalar_subquery()
    query = matching.join(Comment, Comment.id == comment_words.c.rowid).where(
        *published, comment_words.c.rowid <= last
    )
    if among is not None:
        ids = select(Comment.id).where(*published).order_by(Comment.id.desc())
        query = query.where(comment_words.c.rowid > ids.offset(among).limit(1).scalar_subquery())
    if viewer.id is not None:
        muted = select(Mute.muted_id).where(Mute.user_id == viewer.id)
        query = query.where(or_(Comment.author_id.is_(None), Comment.author_id.not_in(muted)))
    return query.order_by(comment_words.c.rowid.desc()).limit(RANKED).subquery()


def _make_match(phrases: Sequence[Sequence[str]], ends_in_prefix: bool) -> str:
    """Return the words as a query of FTS5, each phrase in quotes."""
    query = " AND ".join('"' + " ".join(words) + '"' for words in phrases)
    return query + "*" if ends_in_prefix else query


def _make_tsquery(phrases: Sequence[Sequence[str]], ends_in_prefix: bool) -> str:
    """Return the words as a query of PostgreSQL, each word in quotes."""
    query = " & ".join(" <-> ".join(f"'{word}'" for word in words) for words in phrases)
    return query + ":*" if ends_in_prefix else query


def list_published(article: AnyArticle, ids: Sequence[int]) -> list[CommentRow]:
    """Return the comments of `ids` in this order, with authors, without those removed meanwhile."""
    # With a condition on the status, SQLite's planner would scan all published comments.
    comments = list_rows(select_rows().where(Comment.id.in_(ids)), article)
    published = [comment for comment in comments if has_public_words(comment)]
    return sorted(published, key=lambda comment: ids.index(comment.id))
