"""Changing the word lists."""

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import text
from app.accounts.models import User
from app.audit import log
from app.audit.actions import Action
from app.db.base import db
from app.db.locks import retry_once, take_write_lock
from app.errors import Conflict, Invalid, NotFound
from app.screening import word_lists
from app.screening.models import ListedWord, WordKind

LISTED_MAX = 20_000  # words of one list, which takes some 7 MB of each process


@retry_once
def add_word(actor: User | None, kind: WordKind, pattern: str) -> ListedWord:
    """Add a word or phrase to a list; a `*` at its end matches any ending.

    Raises Invalid for the pattern or a full list, Conflict for a pattern that is listed already.
    """
    pattern = text.clean_pattern(pattern)
    if problem := text.explain_pattern(pattern):
        raise Invalid(problem, "pattern")
    take_write_lock()
    if word_lists.count_words(kind) >= LISTED_MAX:
        raise Invalid(
            f"The {kind} list has {LISTED_MAX:,} words, the most there can be. Remove one first.",
            "pattern",
        )
    word = ListedWord(kind=kind, pattern=pattern)
    try:
        db.session.add(word)
        log.record(Action.WORD_ADDED, actor, subject=f"{kind}: {pattern}")
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise Conflict(f"“{pattern}” is on the {kind} list already.") from None
    return word


@retry_once
def remove_word(actor: User | None, kind: WordKind, pattern: str) -> None:
    take_write_lock()
    word = db.session.scalar(
        select(ListedWord).where(ListedWord.kind == kind, ListedWord.pattern == pattern)
    )
    if word is None:
        raise NotFound(f"“{pattern}” is not on the {kind} list.")
    db.session.execute(delete(ListedWord).where(ListedWord.id == word.id))
    log.record(Action.WORD_REMOVED, actor, subject=f"{kind}: {pattern}")
    db.session.commit()
