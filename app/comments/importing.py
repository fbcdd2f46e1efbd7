"""Bringing a discussion in from elsewhere.

The form: {"source", "title", "url", "comments": [{"id", "parent_id" (null for the top level),
"author" (null when the source shows none), "created_at" (ISO 8601, UTC), "text" (Markdown)
and/or "text_html", "score", "edited_at", "deleted"}]}, a parent before its replies. Authors
become pseudonymous accounts that cannot sign in; order and nesting are kept; what was
imported before is left as it is.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app import clock, text
from app.accounts.models import User
from app.accounts.operations import looks_reserved
from app.accounts.queries import name_key
from app.articles.models import Article
from app.comments import sorting
from app.comments.models import Comment, ImportedComment
from app.comments.vocabulary import CommentStatus
from app.errors import ImportRefused
from app.extensions import db
from app.moderation.status import bring_in, list_again, lock

Progress = Callable[[int], None]
_PROBLEMS_SHOWN = 20


@dataclass(frozen=True)
class Imported:
    """One comment of a file, checked."""

    external_id: str
    parent_id: str | None
    author: str | None
    created_at: datetime
    edited_at: datetime | None
    source: str
    is_html: bool
    score: int
    deleted: bool


def read(data: object) -> list[Imported]:
    """The checked comments of `data`, a parsed JSON value; raises ImportRefused."""
    if not isinstance(data, dict) or not isinstance(data.get("comments"), list):
        raise ImportRefused(['The file must hold an object with a list "comments".'])
    problems: list[str] = []
    seen: set[str] = set()
    result = []
    for number, raw in enumerate(data["comments"], 1):
        try:
            comment = _read_one(raw)
        except (ValueError, OverflowError) as error:
            problems.append(f"comments[{number}]: {error}")
            continue
        if comment.external_id in seen:
            problems.append(f"comments[{number}].id: {comment.external_id!r} stands there twice")
        if comment.parent_id is not None and comment.parent_id not in seen:
            problems.append(f"comments[{number}].parent_id: the parent does not stand before it")
        seen.add(comment.external_id)
        result.append(comment)
    if len(problems) > _PROBLEMS_SHOWN:
        left = len(problems) - _PROBLEMS_SHOWN
        problems = [*problems[:_PROBLEMS_SHOWN], f"and {left} more"]
    if problems:
        raise ImportRefused(problems)
    return result


def _read_one(raw: object) -> Imported:
    if not isinstance(raw, dict):
        raise ValueError("must be an object")  # noqa: TRY004 - a bad value of the file
    html, words = raw.get("text_html"), raw.get("text")
    source = html if html else words
    deleted = bool(raw.get("deleted")) or source in (None, "")
    if not deleted and not isinstance(source, str):
        raise ValueError("text must be a text")
    score = raw.get("score") or 0
    if not isinstance(score, int) or abs(score) > 10_000_000:
        raise ValueError("score must be a whole number")
    parent = raw.get("parent_id")
    return Imported(
        external_id=_text(raw, "id")[:120],
        parent_id=None if parent is None else text.normalise(str(parent))[:120],
        author=_text(raw, "author") if raw.get("author") is not None else None,
        created_at=_moment(_text(raw, "created_at")),
        edited_at=_moment(_text(raw, "edited_at")) if raw.get("edited_at") else None,
        source="" if deleted and not isinstance(source, str) else text.normalise(str(source)),
        is_html=bool(html),
        score=score,
        deleted=deleted,
    )


def _moment(value: str) -> datetime:
    """A time of the file in UTC; one without a zone is meant so."""
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    value = text.normalise(value) if isinstance(value, str) else ""
    if not value.strip():
        raise ValueError(f"{name} must be a text")
    return value


def import_thread(
    article: Article,
    data: object,
    source: str,
    progress: Progress | None = None,
    until: datetime | None = None,
) -> int:
    """Add the comments of `data` below `article`; returns how many were new.

    `source` names where they come from and keeps apart authors of the same name; `progress`
    is called with 1 after each comment; with `until` all times are moved together so that the
    latest is `until`. Raises ImportRefused; then nothing was added.
    """
    comments = read(data)
    shift = until - max(c.created_at for c in comments) if until and comments else timedelta()
    # Cleaning takes most of the time, so it is done before anybody is kept waiting.
    known = _known(article)
    drafts = {}
    for item in comments:
        if item.external_id not in known:
            drafts[item.external_id] = _draft(article, item, shift)
            if progress:
                progress(1)
    lock(article)
    known = _known(article)
    new = [item for item in comments if item.external_id not in known]
    if new:
        authors = _authors({c.author for c in new if c.author}, source)
        _add(article, new, known, authors, drafts)
    db.session.commit()
    return len(new)


def _known(article: Article) -> dict[str, int]:
    """What was imported here before: the ids elsewhere and ours."""
    query = select(ImportedComment.external_id, ImportedComment.comment_id)
    rows = db.session.execute(query.where(ImportedComment.article_id == article.id))
    return {row[0]: row[1] for row in rows}


def _authors(names: set[str], source: str) -> dict[str, User]:
    """An account for each name: found from an earlier import, or made."""
    prefix = "imported:" + hashlib.sha256(source.encode()).hexdigest()[:12] + ":"
    keys = {prefix + hashlib.sha256(name.encode()).hexdigest()[:24]: name for name in names}
    found = {
        keys[user.name_key]: user
        for user in db.session.scalars(select(User).where(User.name_key.like(prefix + "%")))
        if user.name_key in keys
    }
    members = set(db.session.scalars(select(User.name_key).where(~User.imported)))
    for key, name in keys.items():
        if name not in found:
            shown = " ".join(text.normalise(name).split())[:30] or "unnamed"
            if name_key(shown) in members or looks_reserved(shown):
                shown += " (elsewhere)"  # nobody is to be taken for a member or the staff
            found[name] = User(
                name=shown, name_key=key, role="reader", imported=True, created_at=clock.now()
            )
    db.session.add_all(found.values())
    return found


def _add(
    article: Article,
    new: list[Imported],
    known: dict[str, int],
    authors: dict[str, User],
    drafts: dict[str, Comment],
) -> None:
    parents = {c.id: c for c in _parents(article, new, known)}
    placed: dict[str, Comment] = {key: parents[i] for key, i in known.items() if i in parents}
    replies = _listed_replies(new)
    ranks: Counter[str] = Counter()
    last = _last_ranks(parents.values())
    for key, parent in placed.items():
        parent.reply_count += replies[key]
        ranks[key] = last.get(parent.id, 0)
        list_again(parent)
    published: Counter[str] = Counter()
    sizes = _thread_sizes(new, placed)
    for key, parent in placed.items():
        root = db.session.get_one(Comment, parent.root_id or parent.id)
        root.thread_count += sizes[key]
    serial = article.last_serial
    for item in new:
        above = placed.get(item.parent_id) if item.parent_id else None
        comment = drafts[item.external_id]
        comment.author = authors[item.author] if item.author else None
        comment.parent_id = above.id if above else None
        comment.root_id = (above.root_id or above.id) if above else None
        comment.depth = above.depth + 1 if above else 1
        listed = not item.deleted or replies[item.external_id] > 0
        if listed and item.parent_id:
            ranks[item.parent_id] += 1
        status = CommentStatus.DELETED if item.deleted else CommentStatus.PUBLISHED
        rank = ranks[item.parent_id] if listed and item.parent_id else 0
        serial += 1
        size = 0 if above else sizes[item.external_id]
        bring_in(comment, status, serial, rank, replies[item.external_id], size)
        placed[item.external_id] = comment
        db.session.add(comment)
        db.session.flush()
        db.session.add(
            ImportedComment(
                comment_id=comment.id,
                article_id=article.id,
                external_id=item.external_id,
                up=comment.up,
                down=comment.down,
            )
        )
        if not item.deleted:
            published[item.author or ""] += 1
    for name, count in published.items():
        if name:
            authors[name].published_comments = User.published_comments + count
    article.last_serial = serial
    article.comment_count = Article.comment_count + sum(published.values())
    article.version = Article.version + 1


def _draft(article: Article, item: Imported, shift: timedelta) -> Comment:
    """The comment with its words cleaned, before it has an author and a place."""
    up, down = max(item.score, 0), max(-item.score, 0)
    comment = Comment(
        article_id=article.id,
        created_at=min(item.created_at + shift, clock.now()),
        edited_at=min(item.edited_at + shift, clock.now()) if item.edited_at else None,
        submission="import-"
        + hashlib.sha256(f"{article.id}:{item.external_id}".encode()).hexdigest()[:32],
        up=up,
        down=down,
        best=sorting.best(up, down),
        controversy=sorting.controversy(up, down),
    )
    if item.is_html:
        comment.write_html(item.source)
    else:
        comment.write(item.source[: text.SOURCE_MAX])
    return comment


def _parents(article: Article, new: list[Imported], known: dict[str, int]) -> list[Comment]:
    """Comments of an earlier import that new ones reply to."""
    ids = {known[c.parent_id] for c in new if c.parent_id in known}
    query = select(Comment).where(Comment.article_id == article.id, Comment.id.in_(ids))
    return list(db.session.scalars(query)) if ids else []


def _last_ranks(parents: Iterable[Comment]) -> dict[int, int]:
    """The last place that was given below each; those deleted since left theirs empty."""
    query = select(Comment.parent_id, func.max(Comment.rank)).group_by(Comment.parent_id)
    rows = db.session.execute(query.where(Comment.parent_id.in_([p.id for p in parents])))
    return {row[0]: row[1] for row in rows if row[0] is not None}


def _listed_replies(new: list[Imported]) -> Counter[str]:
    """How many replies of each comment will be listed: a deleted one only while it has some."""
    counts: Counter[str] = Counter()
    for item in _from_the_last(new):
        if item.parent_id and (not item.deleted or counts[item.external_id]):
            counts[item.parent_id] += 1
    return counts


def _thread_sizes(new: list[Imported], known: Iterable[str]) -> Counter[str]:
    """How many listed comments come in below each first comment of a thread, or below the
    comment of an earlier import that they hang under."""
    tops: dict[str, str] = {key: key for key in known}
    replies, sizes = _listed_replies(new), Counter[str]()
    for item in new:
        tops[item.external_id] = tops[item.parent_id] if item.parent_id else item.external_id
        if item.parent_id and (not item.deleted or replies[item.external_id]):
            sizes[tops[item.external_id]] += 1
    return sizes


def _from_the_last(new: list[Imported]) -> Iterator[Imported]:
    """Replies before their parents, because a parent stands before its replies."""
    return reversed(new)
