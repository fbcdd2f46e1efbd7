"""Finding comments of one discussion by their words, the most relevant first.

The index says which comments match; who sees a comment is asked of the comments table in the
same statement, so that what was removed a moment ago is not found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import joinedload

from app.articles.models import Article
from app.comments.models import Comment
from app.comments.queries import attach_article
from app.comments.visibility import has_public_words, sql_has_public_words
from app.db.base import db
from app.members.models import Mute
from app.policy import Viewer
from app.search.models import comment_words, make_within, split_words

NEAR = 5_000  # comments that are looked at first
RANKED = 500  # comments whose relevance is compared: the newest that match
FOUND_MAX = 100
WORDS_ASKED = 20  # signs of a script without spaces count as words
PREFIX_MIN = 3  # Latin letters from which on the last word may be the beginning of one

_LENGTH_COUNTS = 1  # ts_rank_cd: a long text is worth less by the logarithm of its length


@dataclass(frozen=True)
class Query:
    """What is looked for: all of `phrases`, each some words in a row.

    With `goes_on` the very last word may be the beginning of one. `marks` are the patterns
    that an excerpt marks.
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    goes_on: bool = False
    marks: tuple[str, ...] = ()

    @property
    def too_many(self) -> int:
        """By how many words it is more than a search may cost."""
        return max(0, sum(map(len, self.phrases)) - WORDS_ASKED)


def parse_words(typed: str) -> Query:
    """Read what somebody typed as words; no sign in it is syntax.

    What stands between two spaces is one phrase: a word with signs in it, or a sentence of a
    script that puts no space between words.
    """
    phrases: dict[tuple[str, ...], str] = {}
    for chunk in typed.split():
        if words := _drop_runs(split_words(chunk)):
            phrases.pop(words, None)  # the last one stays the last
            phrases[words] = chunk
    if not phrases:
        return Query()
    marks = [mark for words, chunk in phrases.items() for mark in _select_marks(words, chunk)]
    *_, last = phrases
    goes_on = len(last[-1]) >= PREFIX_MIN or not last[-1].isascii()
    if goes_on:
        marks += [f"{' '.join(last)}*", f"{last[-1]}*"]
    return Query(tuple(phrases), goes_on, tuple(marks))


def _drop_runs(words: Sequence[str]) -> tuple[str, ...]:
    """The same with a word twice where it stands more often in a row: each place costs a walk."""
    return tuple(
        word
        for place, word in enumerate(words)
        if place < 2 or {word} != {*words[place - 2 : place]}
    )


def _select_marks(words: Sequence[str], chunk: str) -> list[str]:
    """A phrase as it was typed, in a row, and its words, of which single letters say nothing."""
    return [chunk.rstrip("*"), " ".join(words), *(word for word in words if len(word) > 1)]


def search_comments(viewer: Viewer, article: Article, look_for: Query) -> list[int]:
    """The ids of those comments that `viewer` sees and that hold all of `look_for`.

    The most relevant first, then the newest; at most FOUND_MAX, out of the RANKED newest. Where
    the newest NEAR comments hold enough, older ones are not looked at: what a search costs does
    not grow with the discussion then, and words that stand nowhere near are rare in all of it.
    """
    found = _select_best(viewer, article, look_for, NEAR) if article.comment_count > NEAR else []
    return found if len(found) == FOUND_MAX else _select_best(viewer, article, look_for, None)


def _select_best(viewer: Viewer, article: Article, look_for: Query, among: int | None) -> list[int]:
    """The same among so many of the newest comments, or all."""
    phrases = [make_within(article.id, words) for words in look_for.phrases]
    if db.engine.dialect.name == "postgresql":
        matching, rank = _by_tsvector(_make_tsquery(phrases, look_for.goes_on))
    else:
        matching, rank = _by_fts5(_make_match(phrases, look_for.goes_on))
    newest = _select_newest(matching, viewer, article, among)
    best = (
        select(newest.c.rowid).order_by(rank(newest).desc(), newest.c.rowid.desc()).limit(FOUND_MAX)
    )
    return list(db.session.scalars(best))


def _by_fts5(query: str) -> tuple[Select[Any], Callable[[Any], Any]]:
    index: ColumnElement[Any] = literal_column(comment_words.name)
    # bm25 is the better the lower; it is known only where the index is read.
    matching = select(comment_words.c.rowid, (-func.bm25(index)).label("rank"))
    return matching.where(index.op("MATCH")(query)), lambda found: found.c.rank


def _by_tsvector(query: str) -> tuple[Select[Any], Callable[[Any], Any]]:
    asked = cast(query, TSQUERY)
    matching = select(comment_words.c.rowid, comment_words.c.words)
    matching = matching.where(comment_words.c.words.op("@@")(asked))
    return matching, lambda found: func.ts_rank_cd(found.c.words, asked, _LENGTH_COUNTS)


def _select_newest(
    matching: Select[Any], viewer: Viewer, article: Article, among: int | None
) -> Any:
    """The newest of `matching` that are published here by nobody whom `viewer` has muted."""
    here = (Comment.article_id == article.id, sql_has_public_words())
    # Whoever walks the index from its end must not begin among what came elsewhere since.
    last = select(func.max(Comment.id)).where(*here).scalar_subquery()
    query = matching.join(Comment, Comment.id == comment_words.c.rowid).where(
        *here, comment_words.c.rowid <= last
    )
    if among is not None:
        ids = select(Comment.id).where(*here).order_by(Comment.id.desc())
        query = query.where(comment_words.c.rowid > ids.offset(among).limit(1).scalar_subquery())
    if viewer.id is not None:
        muted = select(Mute.muted_id).where(Mute.user_id == viewer.id)
        query = query.where(or_(Comment.author_id.is_(None), Comment.author_id.not_in(muted)))
    return query.order_by(comment_words.c.rowid.desc()).limit(RANKED).subquery()


def _make_match(phrases: Sequence[Sequence[str]], goes_on: bool) -> str:
    """The words as a query of FTS5, each phrase in quotes."""
    asked = " AND ".join('"' + " ".join(words) + '"' for words in phrases)
    return asked + "*" if goes_on else asked


def _make_tsquery(phrases: Sequence[Sequence[str]], goes_on: bool) -> str:
    """The same as a query of PostgreSQL, each word in quotes."""
    asked = " & ".join(" <-> ".join(f"'{word}'" for word in words) for words in phrases)
    return asked + ":*" if goes_on else asked


def list_published(article: Article, ids: Sequence[int]) -> list[Comment]:
    """Those of `article` in the order of `ids`, with their authors; the just removed are not in."""
    # By their ids alone: SQLite's planner would rather walk all that is published.
    query = select(Comment).where(Comment.id.in_(ids)).options(joinedload(Comment.author))
    found = attach_article(article, db.session.scalars(query))
    shown = [comment for comment in found if has_public_words(comment)]
    return sorted(shown, key=lambda comment: ids.index(comment.id))
