"""The full-text index of comments, updated with every comment in the same transaction.

Both database engines index the same words, which are split here. Each word has the id of its
article as a prefix, so that a search reads the matches in one discussion and never those of the
same word on the whole site.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    delete,
    event,
    insert,
    inspect,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.comments.models import Comment
from app.comments.rows import CommentRow
from app.comments.signals import comment_added
from app.db.base import Base, db
from app.text.normalise import INVISIBLE, MARKS, STACKING
from app.text.tokens import UNSPACED

WORD_MAX = 40  # characters of a word that are indexed; PostgreSQL takes no word beyond 2 KB
WORDS_MAX = 10_000  # of one comment; PostgreSQL stores positions up to 16,383

_ACCENTS = re.compile(f"[{STACKING}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ASCII_WORD = re.compile(r"[a-z0-9_]+")
# One sign of a script without spaces between words, or a run of letters of another script.
_WORD = re.compile(f"[{UNSPACED}][{MARKS}]*|(?:(?![{UNSPACED}])[\\w{MARKS}])+")


def split_words(plain: str) -> list[str]:
    """Return the words of a plain text for comparison: without case, accents and signs.

    They have letters, digits, marks and `_` only, so none can act as syntax of a query.
    """
    if plain.isascii():
        words = _ASCII_WORD.findall(plain.lower())
        is_long = max(map(len, words), default=0) > WORD_MAX
        return [word[:WORD_MAX] for word in words] if is_long else words
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", plain).casefold())
    words = [_ACCENTS.sub("", word) for word in _WORD.findall(_INVISIBLE.sub("", folded))]
    return [unicodedata.normalize("NFKC", word)[:WORD_MAX] for word in words if word]


def make_within(article_id: int, words: Iterable[str]) -> list[str]:
    """Return words in the form of the index: with the id of an article as prefix."""
    prefix = f"{article_id}_"
    return [prefix + word for word in words]


class Words(TypeDecorator[Sequence[str] | str]):
    """A column of words in their order, in the form that each engine indexes.

    A value is a list of words, or a text with spaces between them.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = postgresql.TSVECTOR() if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Sequence[str] | str | None, dialect: Dialect) -> str:
        if dialect.name != "postgresql":
            return value if isinstance(value, str) else " ".join(value or ())
        words = value.split() if isinstance(value, str) else value or ()
        return " ".join(f"'{word}':{position}" for position, word in enumerate(words, 1))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return value


# On SQLite this is a virtual table (FTS5), which the migration creates. FTS5 calls its key rowid,
# so both engines do.
comment_words = Table(
    "comment_words",
    Base.metadata,
    Column(
        "rowid",
        Integer,
        ForeignKey("comments.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("words", Words, nullable=False),
    Index("ix_comment_words_words", "words", postgresql_using="gin"),
)


def make_indexed(article_id: int, plain: str) -> str:
    """Return the words of a comment's plain text in the form of the index, with spaces between."""
    return " ".join(make_within(article_id, split_words(plain)[:WORDS_MAX]))


def make_entry(comment_id: int, article_id: int, plain: str) -> dict[str, Any]:
    """Return the index row of one comment."""
    return {"rowid": comment_id, "words": make_indexed(article_id, plain)}


def store_new_entries(connection: Connection, entries: Sequence[dict[str, Any]]) -> None:
    """Insert the index rows of new comments, in the transaction of `connection`."""
    connection.execute(insert(comment_words), entries)


def store_entry(connection: Connection, entries: Sequence[dict[str, Any]]) -> None:
    """Insert index rows or replace earlier ones, in the transaction of `connection`."""
    connection.execute(_insert_or_replace(connection.dialect.name), entries)


@cache
def _insert_or_replace(dialect: str) -> Any:
    if dialect != "postgresql":
        return insert(comment_words).prefix_with("OR REPLACE")
    insertion = postgresql.insert(comment_words)
    words = {"words": insertion.excluded.words}
    return insertion.on_conflict_do_update(index_elements=["rowid"], set_=words)


@comment_added.connect
def _index_added(comment: CommentRow) -> None:
    entry = make_entry(comment.id, comment.article_id, comment.plain)
    store_entry(db.session.connection(), [entry])


# Events of the model, so that code which writes a comment cannot forget the index.


@event.listens_for(Comment, "after_insert")
def _index_new(_mapper: Any, connection: Connection, comment: Comment) -> None:
    store_entry(connection, [make_entry(comment.id, comment.article_id, comment.plain)])


@event.listens_for(Comment, "after_update")
def _index_changed(_mapper: Any, connection: Connection, comment: Comment) -> None:
    if inspect(comment).attrs.plain.history.has_changes():
        store_entry(connection, [make_entry(comment.id, comment.article_id, comment.plain)])


@event.listens_for(Comment, "after_delete")
def _forget_entry(_mapper: Any, connection: Connection, comment: Comment) -> None:
    connection.execute(delete(comment_words).where(comment_words.c.rowid == comment.id))
