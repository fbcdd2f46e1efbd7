"""A database that cannot write for a while: 503 with a wait, reading goes on, and it heals."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, event, text

from app.comments.models import Comment
from app.db.base import db
from tests.conftest import PASSWORD, Browser, say

pytestmark = pytest.mark.both_engines  # each engine is busy in its own way

Browse = Callable[..., Browser]
Locked = Callable[[], AbstractContextManager[None]]
POST = "/articles/story/comments"


@pytest.fixture
def locked(site: Flask) -> Iterator[Locked]:
    """`with locked():` another connection holds what writing needs; the app waits 50 ms for it."""
    db.session.remove()
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"

    def impatient(connection: Any, _record: Any) -> None:
        if sqlite:
            connection.execute("PRAGMA busy_timeout=50")
        else:
            connection.autocommit = True
            connection.execute("SET lock_timeout = '50ms'")
            connection.autocommit = False

    @contextmanager
    def hold() -> Iterator[None]:
        other = create_engine(engine.url, poolclass=NullPool)
        with other.connect() as connection:
            if sqlite:
                connection.execute(text("BEGIN IMMEDIATE"))
            else:
                tables = "articles, comments, user_sessions, audit_log"
                connection.execute(text(f"LOCK TABLE {tables} IN EXCLUSIVE MODE"))
            yield
            connection.rollback()
        other.dispose()

    event.listen(engine, "connect", impatient)
    engine.dispose()
    yield hold
    event.remove(engine, "connect", impatient)
    db.session.remove()
    engine.dispose()


@pytest.mark.parametrize("htmx", [False, True])
def test_a_write_that_cannot_be_stored_is_503_with_a_wait_and_works_later(
    browse: Browse, locked: Locked, htmx: bool
) -> None:
    rhea = browse("rhea")
    db.session.remove()
    token, form = rhea.token(), {"body": "Words", "submission": "abcdefgh12345678"}
    with locked():
        answer = rhea.post(POST, form, token=token, htmx=htmx)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert "Nothing that was stored is lost" in answer.text
        assert "BB-Fragment" not in answer.headers
        assert ("<html" in answer.text) != htmx
        assert "locked" not in answer.text
        assert "psycopg" not in answer.text
    assert rhea.post(POST, form, token=token, htmx=htmx).status_code == (200 if htmx else 303)
    assert db.session.query(Comment).count() == 1


def test_reading_goes_on_while_writing_is_held_up(browse: Browse, locked: Locked) -> None:
    say("ravi", "Words")
    rhea, visitor = browse("rhea"), browse()
    db.session.remove()
    with locked():
        for path in ("/", "/articles/story", "/u/ravi", "/sign-in", "/readyz"):
            assert visitor.get(path).status_code == 200
            assert rhea.get(path).status_code in (200, 303)


def test_signing_in_and_out_wait_too(browse: Browse, locked: Locked) -> None:
    rhea, visitor = browse("rhea"), browse()
    db.session.remove()
    tokens = rhea.token(), visitor.token()
    form = {"name": "rhea", "password": PASSWORD}
    with locked():
        assert rhea.post("/sign-out", token=tokens[0]).status_code == 503
        assert visitor.post("/sign-in", form, token=tokens[1]).status_code == 503
    assert rhea.post("/sign-out", token=tokens[0]).status_code == 303
    assert visitor.post("/sign-in", form, token=tokens[1]).status_code == 303


def test_the_site_says_that_it_is_alive_but_not_ready_without_its_database(
    browse: Browse, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = browse()
    with monkeypatch.context() as patch:
        gone = create_engine("sqlite:////nowhere/botbeat.sqlite3", poolclass=NullPool)
        patch.setitem(db.engines, None, gone)
        assert visitor.get("/healthz").get_json() == {"status": "ok"}
        answer = visitor.get("/readyz")
        assert (answer.status_code, answer.get_json()) == (503, {"status": "database unavailable"})
        page = visitor.get("/articles/story")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert "nowhere" not in page.text
    assert visitor.get("/readyz").get_json() == {"status": "ok"}
