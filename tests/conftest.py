"""What all tests share: a real database of each engine, a fixed cast, and a browser's manners.

Which engine a test runs on is said by a mark, on its module or on itself:

- without a mark on SQLite: views, forms, permissions, sentences, all that asks the database
  through models and plain conditions;
- `both_engines` where SQLite and PostgreSQL can differ: search, locks and races, imports, paging,
  migrations, JSON, collation, limits of types, SQL that is written by hand or for one dialect;
- `one_engine("postgresql")` where only that engine has what is tested.

`python3 dev.py test --both` runs what has no mark on both engines as well.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import case, event, update
from werkzeug.test import TestResponse

from app import clock, create_app
from app.accounts import operations as account_operations
from app.accounts import passwords
from app.accounts.models import User
from app.accounts.queries import get_by_name, make_name_key
from app.accounts.roles import Role
from app.articles.enums import ArticleStatus
from app.articles.models import Article, Category, Organisation, Topic
from app.comments import operations as comment_operations
from app.comments.models import Comment
from app.db.base import db
from app.extensions import limiter
from tests import databases, services

CAST = {
    "rhea": Role.READER,  # has been here for long and has written much
    "ravi": Role.READER,  # the same
    "nils": Role.READER,  # joined today
    "mo": Role.MODERATOR,
    "edda": Role.EDITOR,
    "ada": Role.ADMIN,
}
PASSWORD = "correct-horse-battery"
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--both", action="store_true", help="run tests without a mark on both engines")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that uses `app` its engines.

    Their scope is the session, so that pytest runs all tests of one before those of the other.
    """
    if "app" in metafunc.fixturenames:
        metafunc.parametrize("app", _list_engines(metafunc), indirect=True, scope="session")


def _list_engines(metafunc: pytest.Metafunc) -> list[str]:
    only = metafunc.definition.get_closest_marker("one_engine")
    if only is not None:
        return list(only.args)
    both = metafunc.definition.get_closest_marker("both_engines") is not None
    return ["sqlite", "postgresql"] if both or metafunc.config.option.both else ["sqlite"]


@pytest.fixture(scope="session")
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Yield the app on a migrated database of the engine that `pytest_generate_tests` chose."""
    with ExitStack() as stack:
        settings = {"BOTBEAT_INSTANCE": str(stack.enter_context(databases.folder()))}
        if request.param == "postgresql":
            server = stack.enter_context(services.postgresql())
            settings["BOTBEAT_DATABASE_URL"] = databases.new(server)
        # Set for this moment only: a site that a test starts beside it must not share them.
        with mock.patch.dict("os.environ", services.own_environment(settings), clear=True):
            made = create_app({"TESTING": True, "PROPAGATE_EXCEPTIONS": False})
        with made.app_context():
            upgrade()
            db.engine.dispose()
        databases.keep(made, "empty")
        yield made
        databases.close(made)


@pytest.fixture(autouse=True)
def _no_limits() -> Iterator[None]:
    limiter.enabled = False
    yield
    limiter.enabled = False


@pytest.fixture
def limits(app: Flask) -> None:
    """Rate limits on, from zero."""
    limiter.enabled = True
    with app.app_context():
        limiter.reset()


@pytest.fixture
def empty(app: Flask) -> Flask:
    """Return the app with an empty database."""
    databases.wipe(app)
    return app


def people_and_a_story() -> None:
    """Add the cast, what articles are filed under, and one open article."""
    password = _hash()
    for name, role in CAST.items():
        new = name == "nils"
        db.session.add(
            User(
                name=name,
                name_key=make_name_key(name),
                password_hash=password,
                role=role,
                created_at=_joined(name),
                published_comments=0 if new else 50,
            )
        )
    db.session.add(Category(name="Research", slug="research", position=0))
    db.session.add(Category(name="Policy", slug="policy", position=1))
    db.session.add(Organisation(name="Example Lab", slug="example-lab"))
    db.session.add(Topic(name="Open Source", slug="open-source"))
    db.session.commit()
    make_article()


def _joined(name: str) -> datetime:
    return clock.now() - timedelta(days=0 if name == "nils" else 400)


def _published() -> datetime:
    return clock.now() - timedelta(hours=3)


@pytest.fixture
def site(app: Flask) -> Iterator[Flask]:
    """Yield the app with the cast, one open article and an application context."""
    if databases.put_back(app, "cast"):
        with app.app_context():
            _move_to_now()
    else:
        databases.wipe(app)
        with app.app_context():
            people_and_a_story()
        databases.keep(app, "cast")
    with app.app_context():
        yield app
        db.session.remove()


def _move_to_now() -> None:
    """Make the cast and the story as old as if they had been made now."""
    joined = case({name: _joined(name) for name in CAST}, value=User.name)
    times = {"published_at": _published(), "created_at": clock.now()}
    with db.engine.begin() as connection:
        connection.execute(update(User).values(created_at=joined))
        connection.execute(update(Article).values(times))


_HASHES: list[str] = []


def _hash() -> str:
    """Return the cast's password, hashed once a run: hashing is slow on purpose."""
    if not _HASHES:
        _HASHES.append(passwords.hash_password(PASSWORD))
    return _HASHES[0]


def make_article(slug: str = "story", **changes: Any) -> Article:
    """Add a published article; `changes` are columns, `topics` a list of names."""
    topics = changes.pop("topics", ["Open Source"])
    article = Article(
        slug=slug,
        headline=changes.pop("headline", f"A story called {slug}"),
        organisation=changes.pop("organisation", None) or db.session.query(Organisation).first(),
        category=changes.pop("category", None) or db.session.query(Category).first(),
        status=changes.pop("status", ArticleStatus.PUBLISHED),
        published_at=changes.pop("published_at", _published()),
        takeaways=["First point", "Second point"],
        source_name="Example News",
        source_url="https://example.org/story",
    )
    article.write("A paragraph.\n\n- A closing point", changes.pop("opinion", "An opinion."))
    for name, value in changes.items():
        setattr(article, name, value)
    article.topics = [_topic(name) for name in topics]
    db.session.add(article)
    db.session.commit()
    return article


def _topic(name: str) -> Topic:
    known = db.session.query(Topic).filter_by(name=name).first()
    return known or Topic(name=name, slug=name.lower().replace(" ", "-"))


def person(name: str) -> User:
    found = get_by_name(name)
    assert found is not None, name
    return found


def story(slug: str = "story") -> Article:
    return db.session.query(Article).filter_by(slug=slug).one()


def say(
    who: str, words: str, parent: Comment | None = None, article: Article | None = None
) -> Comment:
    """Add a comment as its author would post it."""
    posted = comment_operations.post(person(who), article or story(), words, parent)
    return db.session.get_one(Comment, posted.id)


def fresh(comment: Comment) -> Comment:
    """Return the comment as the database has it now."""
    db.session.expire_all()
    return db.session.get_one(Comment, comment.id)


TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A person's browser: keeps cookies, sends the token of a page that it opened."""

    def __init__(self, app: Flask, name: str | None = None) -> None:
        self.app, self.name = app, name
        self.client: FlaskClient = app.test_client()
        if name is not None:
            self._sign_in(name)

    def _sign_in(self, name: str) -> None:
        with self.app.app_context():
            token = account_operations.open_session(person(name), "tests").session_token
        with self.client.session_transaction() as session:
            session.permanent = True
            session["_user_id"] = token
            session["seen"] = int(clock.now().timestamp())

    def get(self, path: str, htmx: bool = False, **options: Any) -> TestResponse:
        return self._ask("get", path, htmx, options)

    def post(
        self,
        path: str,
        data: dict[str, Any] | None = None,
        htmx: bool = False,
        token: str | None = "fetch",
        **options: Any,
    ) -> TestResponse:
        """Post a form; `token` is fetched from a page, or given, or None for none."""
        data = dict(data or {})
        if token == "fetch":
            data["csrf_token"] = self.token()
        elif token is not None:
            data["csrf_token"] = token
        return self._ask("post", path, htmx, options | {"data": data})

    def token(self) -> str:
        found = TOKEN.search(self.get("/theme").text)
        assert found is not None
        return found[1]

    def _ask(self, method: str, path: str, htmx: bool, options: dict[str, Any]) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if htmx:
            headers["HX-Request"] = "true"
        # A context of its own for each request, as under a server: nothing leaks from the test.
        with self.app.app_context():
            response: TestResponse = getattr(self.client, method)(
                path, headers=headers, base_url="http://localhost", **options
            )
        return response


@pytest.fixture
def browse(site: Flask) -> Callable[..., Browser]:
    """`browse("rhea")` is Rhea's browser, `browse()` a visitor's."""
    return lambda name=None: Browser(site, name)


@dataclass
class Queries:
    statements: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.statements)


@pytest.fixture
def counting(app: Flask) -> Callable[[], Any]:
    """`with counting() as queries:` collects the statements sent to the database by a process
    that has just started; with `warm=True` by one that keeps what was read before."""

    @contextmanager
    def listen(warm: bool = False) -> Iterator[Queries]:
        queries = Queries()
        if not warm:
            app.extensions["pagestore"].forget()

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            queries.statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield queries
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return listen
