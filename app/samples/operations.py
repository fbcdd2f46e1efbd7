"""The sample site: content for trying BotBeat, loaded once into an empty database."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import clock
from app.accounts import operations as accounts
from app.accounts.models import User
from app.accounts.queries import get_by_name
from app.accounts.roles import Role
from app.articles.models import Article, Category, Organisation, Topic
from app.comments import operations as comments
from app.comments.enums import Sort
from app.comments.models import Comment
from app.db.base import db
from app.discussion import threads as discussion_threads
from app.imports.articles import import_article
from app.imports.threads import import_thread
from app.moderation import operations as moderation
from app.moderation.reasons import ReportReason
from app.screening import operations, word_lists
from app.screening.models import WordKind

CONTENT = Path(__file__).resolve().parent / "content"
ACCOUNTS = {
    "reader": Role.READER,
    "moderator": Role.MODERATOR,
    "editor": Role.EDITOR,
    "admin": Role.ADMIN,
}
# Listed words of the sample site, so that its filters can be tried.
WORDS = {WordKind.SUSPECT: ["idiot*", "shill*"], WordKind.BANNED: ["cheap followers"]}


def is_wanted() -> bool:
    """Return whether the site may load samples: nobody but some sample accounts can sign in.

    The accounts are created last, so that an interrupted load is continued.
    """
    names = db.session.scalars(select(User.name).where(~User.imported)).all()
    ours = {f"demo_{name}" for name in ACCOUNTS}
    return set(names) < ours


def list_files() -> list[Path]:
    return sorted((CONTENT / "articles").glob("*.json"))


def load_samples(progress: Callable[[int], None] = lambda _: None) -> None:
    """Fill an empty site; `progress` is called with 1 for each article and comment."""
    kinds: dict[str, type[Any]] = {
        "categories": Category,
        "organisations": Organisation,
        "topics": Topic,
    }
    for name, model in kinds.items():
        for position, row in enumerate(_read_json(f"{name}.json")):
            values = {key: value for key, value in row.items() if value is not None}
            if model is Category:
                values["position"] = position
            if not db.session.scalar(select(model.id).where(model.slug == row["slug"])):
                db.session.add(model(**values))
    db.session.commit()
    for file in list_files():
        import_article(json.loads(file.read_text("utf-8")), update=True)
        progress(1)
    for article, thread in read_discussions():
        latest = clock.now() - timedelta(minutes=7)
        import_thread(article, thread, "sample", progress, until=latest)
    for kind, patterns in WORDS.items():
        for pattern in set(patterns) - set(word_lists.list_words()[kind]):
            operations.add_word(None, kind, pattern)


def read_discussions() -> Iterator[tuple[Article, Any]]:
    for file in sorted((CONTENT / "discussions").glob("*.json")):
        article = db.session.scalars(select(Article).where(Article.slug == file.stem)).one()
        yield article, json.loads(file.read_text("utf-8"))


def count_steps() -> int:
    """Return how often `load_samples` reports progress."""
    threads = (CONTENT / "discussions").glob("*.json")
    return len(list_files()) + sum(
        len(_read_json(f"discussions/{t.name}")["comments"]) for t in threads
    )


def make_accounts(site: str, path: Path) -> None:
    """Create the sample accounts, or give them new passwords.

    The passwords are written to `path`, which only its owner can read.
    """
    passwords = {f"demo_{name}": secrets.token_urlsafe(15) for name in ACCOUNTS}
    lines = [f"  {name:<16}{password}" for name, password in passwords.items()]
    text = "\n".join(["Sample accounts of this site, made for it alone:", "", *lines, ""])
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    for (name, password), role in zip(passwords.items(), ACCOUNTS.values(), strict=True):
        if get_by_name(name):
            accounts.set_password(name, password, site)
        else:
            accounts.create(name, password, role, site)


def add_reactions() -> None:
    """Let the sample accounts act, so that both queues and the log have some content."""
    article = db.session.scalars(
        select(Article).where(Article.featured).order_by(Article.comment_count.desc())
    ).first()
    editor, reader = get_by_name("demo_editor"), get_by_name("demo_reader")
    if article is None or editor is None or reader is None:
        return
    roots = discussion_threads.list_root_comments(article, Sort.BEST, None).rows
    threads = [db.session.get_one(Comment, root.id) for root in roots]
    comments.post(
        editor,
        article,
        "Thank you for the careful reading. The figures behind the chart are linked from the "
        "paper; if you find a mistake in our summary, say so here and we will correct it.",
        threads[0],
    )
    comments.post(
        reader,
        article,
        "I wrote up my own numbers at https://example.org/open-models-by-country if anybody "
        "wants to compare.",
    )
    for number, reason in ((3, ReportReason.OFF_TOPIC), (5, ReportReason.ABUSE)):
        moderation.report(reader, threads[number], reason)


def _read_json(name: str) -> Any:
    return json.loads((CONTENT / name).read_text("utf-8"))
