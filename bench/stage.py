"""What the cases act on: the running site, its members and its threads."""

from __future__ import annotations

import http.client
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Engine, event, func, select

from app.accounts import operations as accounts
from app.accounts.models import User, Visitor
from app.accounts.sessions import bind
from app.articles.models import Article
from app.comments import operations as comments
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.reactions.models import DOWNVOTES_FROM, Vote
from app.search import queries as search
from bench import meter
from bench.servers import Server
from bench.site import words
from bench.site.build import slug_of

COMMENT = re.compile(r'<li\b[^>]*\bid="c-\d+"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in small letters
    body: bytes


@dataclass
class Stage:
    """A run. `app` is the site's code in this process, on the same database as the site."""

    app: Flask
    site: Server
    env: Mapping[str, str]
    folder: Path
    sizes: list[int]
    quick: bool
    tokens: list[tuple[int, str]] = field(default_factory=list)  # members and their sessions

    def __post_init__(self) -> None:
        self.texts = words.pool(200, seed=6)
        self.posted = self.sent = self.asked = 0
        self.kept: dict[Any, Any] = {}
        self.open = threading.local()

    # -- requests --------------------------------------------------------------------------------

    def ask(
        self,
        server: Server,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """One GET, or a POST of `body`, on a connection that the calling thread keeps."""
        lines, name = self.open.__dict__, f"port {server.port}"
        for again in (True, False):
            line = lines.get(name)
            if line is None:
                line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
                lines[name] = line
            try:
                method = "GET" if body is None else "POST"
                line.request(method, path, body, dict(headers or {}))
                answer = line.getresponse()
                told = {name.lower(): value for name, value in answer.getheaders()}
                return Answer(answer.status, told, answer.read())
            except (http.client.HTTPException, OSError):  # closed while nothing was asked
                lines.pop(name).close()
                if not again:
                    raise
        raise AssertionError

    def count_comments(self, html: str) -> int:
        return len(COMMENT.findall(html))

    # -- members ---------------------------------------------------------------------------------

    def open_sessions(self) -> None:
        """Sign in, straight in the database, every member who has written enough to downvote."""
        with self.app.app_context():
            query = select(User).where(User.published_comments >= DOWNVOTES_FROM, ~User.imported)
            for user in db.session.scalars(query.order_by(User.id)).all():
                token = accounts.open_session(user, "bench").session_token
                self.tokens.append((user.id, str(token)))

    def members(self) -> list[dict[str, str]]:
        """Fresh cookies and form tokens: a cookie says when its bearer was last seen."""
        key, made = self.app.config["SESSION_COOKIE_NAME"], []
        interface: Any = self.app.session_interface
        sealed = interface.get_signing_serializer(self.app)
        for ident, token in self.tokens:
            with self.app.test_request_context("/"):
                user = db.session.get_one(User, ident)
                user.session_token = token
                bind(user)
                form = generate_csrf()
                made.append({"cookie": f"{key}={sealed.dumps(dict(session))}", "token": form})
        return made

    # -- threads ---------------------------------------------------------------------------------

    def slug(self, size: int) -> str:
        return slug_of(size or max(self.sizes))

    def article(self, slug: str) -> dict[str, int]:
        """Return the article's id and its present last publish_seq."""
        with self.app.app_context():
            row = db.session.execute(
                select(Article.id, Article.last_publish_seq).where(Article.slug == slug)
            ).one()
            return {"id": row[0], "publish_seq": row[1]}

    def _once(self, key: Any, query: Any) -> Any:
        """Return the rows of a query, which runs once a run."""
        if key not in self.kept:
            with self.app.app_context():
                self.kept[key] = [tuple(row) for row in db.session.execute(query)]
        return self.kept[key]

    def published(self, slug: str) -> list[tuple[int, int, int]]:
        """Id, author and depth of the generated comments that may be answered and voted on."""
        query = (
            select(Comment.id, Comment.author_id, Comment.depth)
            .join(Article)
            .where(Article.slug == slug, Comment.status == CommentStatus.PUBLISHED)
            .order_by(Comment.id)
        )
        rows: list[tuple[int, int, int]] = self._once(("published", slug), query)
        return rows

    def busiest(self, slug: str) -> list[tuple[int, int]]:
        """Return the comments with the most replies, and how many."""
        query = (
            select(Comment.id, Comment.reply_count)
            .join(Article)
            .where(Article.slug == slug, Comment.publicly_listed)
            .order_by(Comment.reply_count.desc(), Comment.id)
            .limit(4)
        )
        rows: list[tuple[int, int]] = self._once(("busiest", slug), query)
        return rows

    def spread(self, slug: str, roots: bool, number: int, of: int = 97) -> int:
        """Return the id of a published comment: number after number, all over the thread."""
        key = ("ids", slug, roots)
        if key not in self.kept:
            rows = self.published(slug)
            self.kept[key] = [row[0] for row in rows if not roots or row[2] == 1]
        ids: list[int] = self.kept[key]
        return ids[(number * max(1, len(ids) // of)) % len(ids)]

    def stored(self, kind: str) -> int:
        """Return how many comments or votes there are."""
        column = Comment.id if kind == "post" else Vote.comment_id
        with self.app.app_context():
            return db.session.scalar(select(func.count(column))) or 0

    def record_search(self, slug: str, typed: str) -> Callable[[], object]:
        """Make a call of the statements of a search below an article, by the bare driver."""
        said: list[tuple[str, Any]] = []

        def record(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            said.append((statement, values))

        with self.app.app_context():
            article = db.session.scalars(select(Article).where(Article.slug == slug)).one()
            db.session.refresh(article)
            event.listen(db.engine, "before_cursor_execute", record)
            search.search_comments(Visitor(), article, search.parse_words(typed))
            event.remove(db.engine, "before_cursor_execute", record)
            engine = db.engine

        def call() -> None:
            for statement, values in said:
                self.cursor(engine).execute(statement, values).fetchall()

        return call

    def cursor(self, engine: Engine) -> Any:
        """Return a cursor of the driver on a connection that is kept."""
        if "cursor" not in self.kept:
            connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self.kept["cursor"] = connection, connection.connection.cursor()
        return self.kept["cursor"][1]

    def measure_own(self, call: Callable[[], object]) -> float:
        """Return the seconds of CPU of a call, in this process and in the engine's."""
        # The engine of PostgreSQL is a child of this process. Its own clock is asked of Python: to
        # look through /proc costs this process more than most calls.
        me = os.getpid()
        before, began = meter.exact_cpu((me,), without=me), time.process_time()
        call()
        own = time.process_time() - began
        return own + meter.exact_cpu((me,), without=me) - before

    def change(self, slug: str) -> None:
        """Post a comment below an article, by the site's own operation in this process."""
        with self.app.app_context():
            self.posted += 1
            article = db.session.scalars(select(Article).where(Article.slug == slug)).one()
            ident, _ = self.tokens[self.posted % len(self.tokens)]
            text = f"{self.texts[self.posted % len(self.texts)]} {self.posted}"
            comments.post(db.session.get_one(User, ident), article, text)

    def write_plan(self, slug: str) -> dict[str, Any]:
        """Return what wrk needs to post and vote below an article."""
        places = {ident: place for place, (ident, _) in enumerate(self.tokens, 1)}
        rows = self.published(slug)
        shuffled = Random(1).sample(rows, len(rows))
        return {
            "writers": self.members(),
            "texts": [quote(text) for text in self.texts],
            "parents": [row[0] for row in rows if row[2] < 8],
            "comments": [row[0] for row in shuffled],
            "authors": [places.get(row[1], 0) for row in shuffled],
            "post": f"/articles/{slug}/comments",
            "vote": "/c/ID/vote",
        }
