"""Anybody can make up addresses; no page that many read leaves the store for them."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from app.cache.page_store import PageStore
from tests.conftest import Browser, say

Browse = Callable[..., Browser]
Counting = Callable[..., Any]
MADE_UP = (
    "/articles/story?x={}",
    "/articles/story?sort=best&x={}",
    "/articles/story?sort=best{}",
    "/articles/story?after={}&key=0.5",
    "/articles/story?sort=oldest&after={}",
    "/articles/story?key=0.{}",
    "/articles/story?new=1&since={}",
    "/articles/story?sort=newest&after={}",
    "/?older=1783242000000000-{}",
    "/?x={}",
    "/topics?{}",
    "/articles/1/new?since=9{}",
)
HOT = ("/articles/story", "/articles/story?sort=newest", "/", "/articles/1/new?since=1")


def test_made_up_addresses_push_out_no_page_that_many_read(site: Flask) -> None:
    say("rhea", "Words " * 700)
    made: list[str] = []

    def inner(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        made.append(environ["PATH_INFO"])
        return site.extensions["pagestore"].inner(environ, start)

    small = PageStore(site, inner, room=600_000)
    reader = Client(small, TestResponse, use_cookies=False)
    try:
        for path in HOT * 2:
            reader.get(path)
        for number in range(12):
            for path in MADE_UP:
                for _ in range(3):
                    reader.get(path.format(number))
            for host in (f"localhost:{number}", f"LOCALHOST:{number}"):
                for _ in range(2):
                    reader.get("/topics", headers={"Host": host})
        made.clear()
        for path in HOT:
            assert reader.get(path).status_code in (200, 204)
        assert made == []
        assert len(small) < 60
    finally:
        small.forget()


def test_places_that_readers_choose_push_out_no_first_page_that_members_share(
    site: Flask, browse: Browse, counting: Counting
) -> None:
    ids = [say("ravi", f"Words {number}").id for number in range(3)]
    rhea = browse("rhea")
    rhea.get("/articles/story")
    visitor = Client(site, TestResponse, use_cookies=False)
    for number in range(30):
        for query in (f"after={ids[0]}&key=0.{number}1", f"key=0.{number}1", f"after=9{number}"):
            assert visitor.get(f"/articles/story?{query}").status_code == 200
    with counting(warm=True) as queries:
        rhea.get("/articles/story")
    assert queries.count == 2, queries.statements


def test_a_page_that_is_no_longer_common_takes_the_place_of_the_one_that_was(
    site: Flask, counting: Counting
) -> None:
    ask = Client(site, TestResponse, use_cookies=False).get
    for _ in range(2):
        ask("/articles/1/new?since=1")
    for number in range(25):
        say("rhea", f"Words {number}")
    for _ in range(2):
        assert ask("/articles/1/new?since=1").json["publish_seq"] == 25  # type: ignore[index]
    with counting(warm=True) as queries:
        ask("/articles/1/new?since=1")
    assert queries.count == 0
