"""Pages in Redis: what one process made the others send, as long as it is true, and without
Redis each makes its own."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import redis
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.cache import redis_pages
from app.cache.page_store import PageStore
from app.comments.models import Comment
from app.db.base import db
from tests import services
from tests.conftest import Browser, make_article, say
from tests.web.visible_acts import visible_acts

STORY = "/articles/story"
READ = (STORY, f"{STORY}?sort=newest", "/articles/1/new?since=1", "/", "/feed.xml", "/topics")


class Process:
    """A process of the site, with pages of its own; `made` counts what its app answered."""

    def __init__(self, site: Flask) -> None:
        self.made = 0
        self.store = PageStore(site, self._inner)
        self._app = site.extensions["pagestore"].inner

    def _inner(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        self.made += 1
        return self._app(environ, start)

    def ask(self, path: str = STORY, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.store, TestResponse, use_cookies=False).get(path, headers=named)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with services.redis_server() as url:
        yield url


@pytest.fixture
def kept(server: str) -> Iterator[redis.Redis]:
    """Yield the Redis that the processes share, empty."""
    client = redis.Redis.from_url(server)
    client.flushall()
    yield client
    client.close()


Start = Callable[..., Process]


@pytest.fixture
def start(site: Flask, server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """`start()` starts a process that shares its pages; `start(SITE_NAME=…)` one otherwise set."""
    running: list[Process] = []

    def begin(url: str = server, **settings: str) -> Process:
        for name, value in (settings | {"REDIS_URL": url}).items():
            monkeypatch.setitem(site.config, name, value)
        running.append(Process(site))
        return running[-1]

    yield begin
    for process in running:
        process.store.forget()


def told(wsgi: Any, path: str) -> tuple[int, str]:
    """Return an answer without what differs from one request to the next."""
    answer = Client(wsgi, TestResponse, use_cookies=False).get(path)
    return answer.status_code, re.sub(r"[0-9a-f]{16}", "", answer.text)


def bare(answer: TestResponse) -> tuple[int, bytes, dict[str, str]]:
    headers = {k: v for k, v in answer.headers.items() if k not in ("X-Request-ID", "Date")}
    return answer.status_code, answer.data, headers


@pytest.mark.parametrize("taken", ["br", "gzip", ""])
def test_what_one_process_made_another_sends_byte_by_byte(
    kept: redis.Redis, start: Start, taken: str
) -> None:
    say("rhea", "Words")
    one, two = start(), start()
    for path in READ:
        made = [one.ask(path, Accept_Encoding=taken) for _ in range(2)]
        sent = two.ask(path, Accept_Encoding=taken)
        assert bare(sent) == bare(made[1])
        assert two.ask(path, If_None_Match=sent.headers["ETag"]).status_code == 304
    assert two.made == 0


def test_after_every_act_all_processes_show_the_same_truth(kept: redis.Redis, start: Start) -> None:
    make_article("other")
    processes = [start(), start()]
    for name, act in visible_acts():
        for comment in db.session.query(Comment) if name != "edit" else ():
            comment.created_at -= timedelta(hours=2)
        db.session.commit()
        for process in processes:
            process.store.forget()
        for path in READ * 2:
            for process in processes:
                process.ask(path)
        act()
        for path in READ:
            anew = told(start().store.inner, path)
            assert [told(process.store, path) for process in processes] == [anew] * 2, (name, path)


def test_while_one_process_makes_a_page_another_waits_for_it(
    kept: redis.Redis, start: Start
) -> None:
    one, two = start(), start()
    for process in (one, two):
        for _ in range(2):
            process.ask()
    say("rhea", "Moves the version.")
    db.session.remove()
    begun, go, app = threading.Event(), threading.Event(), one._app

    def slow(environ: dict[str, Any], answer: Callable[..., Any]) -> Any:
        begun.set()
        assert go.wait(10)
        return app(environ, answer)

    def tried() -> int:
        stats: dict[str, Any] = kept.info("commandstats")  # type: ignore[assignment]
        calls: int = stats["cmdstat_set"]["calls"]
        return calls

    one._app = slow
    made, before = two.made, tried()
    threads = [threading.Thread(target=process.ask) for process in (one, two)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    while tried() < before + 2:  # each has asked for its turn
        pass
    go.set()
    for thread in threads:
        thread.join()
    assert "Moves the version." in two.ask().text
    assert two.made == made


def test_who_took_too_long_does_not_end_the_turn_of_the_next(
    kept: redis.Redis, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = start().store._shared, start().store._shared
    first, second = ExitStack(), ExitStack()
    first.enter_context(one.turn("page"))
    (name,) = kept.scan_iter()
    assert 0 < int(kept.pttl(name)) <= 3_000  # type: ignore[arg-type]
    kept.delete(name)  # as Redis does when the time is over
    second.enter_context(two.turn("page"))
    theirs = kept.get(name)
    first.close()
    assert kept.get(name) == theirs
    second.close()
    assert kept.get(name) is None
    assert caplog.records == []  # Redis answered: nobody leaves it alone for a while


def test_a_page_of_another_release_is_not_sent(kept: redis.Redis, start: Start) -> None:
    one = start()
    assert "BotBeat" in [one.ask() for _ in range(2)][1].text
    other = start(SITE_NAME="Another Site")
    assert "Another Site" in other.ask().text
    assert other.made == 1


@pytest.mark.parametrize(
    "value", [b"?", b"[]\n", b"{}\n", b"null", b'{"sizes": 1}\nwords', b"\xff"]
)
def test_what_is_no_page_in_redis_is_made_anew(
    kept: redis.Redis, start: Start, value: bytes
) -> None:
    one, two = start(), start()
    for _ in range(2):
        one.ask()
    (name,) = kept.scan_iter()
    kept.set(name, value)
    assert [two.ask().status_code for _ in range(2)] == [200, 200]
    assert two.made > 0


def test_pages_leave_redis_by_themselves(kept: redis.Redis, start: Start) -> None:
    say("rhea", "Words")  # without one nobody asks what came since the first
    process = start()
    for path in READ * 2:
        process.ask(path)
    names = list(kept.scan_iter())
    assert len(names) == len(READ)
    assert all(0 < int(kept.pttl(name)) <= 60_000 for name in names)  # type: ignore[arg-type]


def test_what_is_somebodys_own_never_gets_there(
    kept: redis.Redis, start: Start, browse: Callable[..., Browser]
) -> None:
    start()
    for _ in range(3):
        browse("nils").get(STORY)
        browse().get("/sign-in")
    assert list(kept.scan_iter()) == []


def test_without_redis_each_makes_its_own_and_says_so_once(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(services.redis_server())
        one, two = start(url), start(url)
        for process in (one, two):
            for _ in range(2):
                assert process.ask().status_code == 200
    say("rhea", "Said while Redis was away.")
    for process in (one, two):
        for path in READ * 2:
            assert process.ask(path).status_code in (200, 204)
        assert "Said while Redis was away." in process.ask().text
    told = [record for record in caplog.records if "Redis does not answer" in record.message]
    assert len(told) == 2  # once by each process


def test_pages_that_readers_make_up_addresses_for_never_get_there(
    kept: redis.Redis, start: Start
) -> None:
    process = start()
    for number in range(5):
        for query in (f"x={number}", f"after={number}&key=0.1", f"sort=best&{number}"):
            for _ in range(3):
                process.ask(f"{STORY}?{query}")
    assert list(kept.scan_iter()) == []


def test_what_pages_take_in_redis_has_an_end(
    kept: redis.Redis, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_pages, "SLOTS", 2)
    kept.set("LIMITS:LIMITER/somebody", 99)
    one, two = start(), start()
    for path in READ * 2:
        one.ask(path)
    pages = [name for name in kept.scan_iter() if b"page" in name]
    assert len(pages) == 2
    assert kept.get("LIMITS:LIMITER/somebody") == b"99"
    for path in READ:  # of two pages with one slot neither is taken for the other
        assert told(two.store, path) == told(two.store.inner, path)
    monkeypatch.setattr(redis_pages, "LARGEST", 10)
    kept.flushall()
    say("rhea", "Words")
    for path in READ * 2:
        one.ask(path)
    assert list(kept.scan_iter()) == []
