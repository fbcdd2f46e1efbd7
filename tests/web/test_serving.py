"""The site as it is served: gunicorn, slow clients, several workers with Redis."""

import http.client
import re
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from tests import services

SLOW = 60


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    services.flask({"BOTBEAT_INSTANCE": str(folder)}, "db", "upgrade")
    return folder


class Answer(NamedTuple):
    status: int
    text: str
    cookie: str


def ask(url: str, path: str, form: dict[str, str] | None = None, cookie: str = "") -> Answer:
    """One request on a connection of its own; `form` makes it a POST."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {"Cookie": cookie}
    with closing(connection):
        if form is None:
            connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urlencode(form), headers)
        answer = connection.getresponse()
        given = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        return Answer(answer.status, answer.read().decode(), given)


def drip(url: str, half_a_request: bytes) -> socket.socket:
    parts = urlsplit(url)
    client = socket.create_connection((parts.hostname or "", parts.port or 80))
    client.sendall(half_a_request)
    return client


def test_sixty_slow_clients_do_not_stop_readers(instance: Path) -> None:
    head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
    body = (
        b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname="
    )
    with ExitStack() as stack:
        url = stack.enter_context(services.site({"BOTBEAT_INSTANCE": str(instance)}))
        for number in range(SLOW):
            stack.enter_context(drip(url, head if number % 2 else body))
        assert [ask(url, "/").status for _ in range(10)] == [200] * 10


def test_workers_share_their_limits_through_redis_and_go_on_without_it(instance: Path) -> None:
    with ExitStack() as stack:
        redis = stack.enter_context(ExitStack())
        env = {
            "BOTBEAT_INSTANCE": str(instance),
            "BOTBEAT_REDIS_URL": redis.enter_context(services.redis_server()),
            "BOTBEAT_WORKERS": "2",
        }
        url = stack.enter_context(services.site(env))
        page = ask(url, "/sign-in")
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found is not None
        form = {"csrf_token": found[1], "name": "nobody-here", "password": "wrong"}
        others = [form | {"name": f"nobody-{n}"} for n in range(10)]
        # Ten wrong passwords for one account, and twenty tries of one network for whichever,
        # counted by both workers together.
        tries = [form] * 11 + others
        answers = [ask(url, "/sign-in", each, page.cookie).status for each in tries]
        assert answers == [422] * 10 + [429] + [422] * 9 + [429]
        redis.close()
        assert ask(url, "/").status == 200
        assert ask(url, "/sign-in", form, page.cookie).status in (422, 429)


def test_a_writer_that_waits_for_another_process_does_not_stop_readers(instance: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(services.site({"BOTBEAT_INSTANCE": str(instance)}))
        page = ask(url, "/join")
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found is not None
        form = {"csrf_token": found[1], "name": "patience", "agreed": "yes"}
        form["password"] = "a-long-enough-phrase"
        other = stack.enter_context(closing(sqlite3.connect(instance / "botbeat.sqlite3")))
        other.execute("BEGIN IMMEDIATE")
        pool = stack.enter_context(ThreadPoolExecutor(1))
        joining = pool.submit(ask, url, "/join", form, page.cookie)
        assert [ask(url, "/").status for _ in range(5)] == [200] * 5
        assert not joining.done(), joining.result()
        other.rollback()
        assert joining.result().status == 303
