"""A PostgreSQL that takes connections and says nothing: 503 within a bound, and it heals."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import click
import pytest
from flask import Flask
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from app.db import driver, postgres
from app.db.base import db
from tests.conftest import Browser
from tests.web.apps import beside, move

Browse = Callable[..., Browser]
BOUND = 30  # seconds after which a request counts as one that waits for ever
pytestmark = pytest.mark.one_engine("postgresql")


class Relay:
    """Passes bytes between a port of this machine and PostgreSQL's socket, until `hangs` is set."""

    def __init__(self, path: str) -> None:
        self.hangs, self._path = threading.Event(), path
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._path)
                self._lines += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self.hangs.is_set():
                    return  # both ends stay open, and nothing comes through any more
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._door.close()
        for line in self._lines:
            line.close()


@pytest.fixture
def relay(site: Flask) -> Iterator[Relay]:
    folder = str(make_url(site.config["SQLALCHEMY_DATABASE_URI"]).query["host"])
    with closing(Relay(f"{folder}/.s.PGSQL.5432")) as made:
        yield made


@pytest.fixture
def behind(site: Flask, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Yield an app that reaches its database through the relay, and has less patience."""
    monkeypatch.setattr(postgres, "ANSWERS", 0.5)
    monkeypatch.setattr(driver, "_PATIENCE", 0.5)
    monkeypatch.setitem(postgres.CONNECT_ARGS, "connect_timeout", 2)
    name = make_url(site.config["SQLALCHEMY_DATABASE_URI"]).database
    url = f"postgresql+psycopg://postgres@127.0.0.1:{relay.port}/{name}"
    with beside(site, BOTBEAT_DATABASE_URL=url) as made:
        yield made


def at_once(asks: list[Callable[[], Any]]) -> list[int]:
    """Return the statuses of requests that are sent at the same time, each within BOUND."""
    pool = ThreadPoolExecutor(len(asks))
    waiting = [pool.submit(ask) for ask in asks]
    try:
        return [each.result(BOUND).status_code for each in waiting]
    finally:
        pool.shutdown(wait=False)


@pytest.mark.parametrize("when", ["before the first connection", "while connections are open"])
def test_a_database_that_hangs_is_503_for_everybody_and_heals(
    browse: Browse, behind: Flask, relay: Relay, when: str
) -> None:
    rhea, visitor = move(browse("rhea"), behind), move(browse(), behind)
    token = browse("ravi").token()
    if when == "while connections are open":
        token = rhea.token()
        for _ in range(3):
            assert visitor.get("/articles/story").status_code == 200
    form = {"body": "Words", "submission": "abcdefgh12345678"}
    relay.hangs.set()
    end = time.monotonic() + BOUND
    while visitor.get("/articles/story").status_code == 200:  # by numbers that were just read
        assert time.monotonic() < end
    asks: list[Callable[[], Any]] = [
        *[lambda: visitor.get("/articles/story")] * 20,  # one after the other, for they wait
        lambda: visitor.get("/"),
        lambda: visitor.get("/readyz"),
        lambda: rhea.get("/articles/story"),
        lambda: rhea.post("/articles/story/comments", form, token=token),
    ]
    assert set(at_once(asks)) <= {503, 400}
    assert visitor.get("/healthz").status_code == 200
    relay.hangs.clear()
    end = time.monotonic() + BOUND
    while rhea.get("/articles/story").status_code != 200:
        assert time.monotonic() < end
    assert rhea.post("/articles/story/comments", form).status_code == 303
    assert "Words" in visitor.get("/articles/story").text


def test_a_request_waits_for_so_long_and_a_command_for_as_long_as_it_takes(behind: Flask) -> None:
    slow = text("SELECT pg_sleep(1.5)")
    with behind.app_context():
        with click.Context(click.Command("import")):
            db.session.execute(slow)
            db.session.commit()
        with pytest.raises(OperationalError) as cut:
            db.session.execute(slow)
        assert cut.value.connection_invalidated
        db.session.rollback()
        assert db.session.execute(text("SELECT 1")).scalar() == 1
        # Nobody works on for the one who left.
        left = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
        left += " AND state = 'active'"
        assert db.session.execute(text(left)).scalar() == 0
