"""What is kept before the app is what the app would answer, for everybody and at once."""

import gzip
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import brotli
import pytest
import time_machine
from flask import Flask
from sqlalchemy import text, update
from werkzeug.test import Client, TestResponse

from app import clock
from app.articles.models import Article
from app.cache.page_store import PageStore
from app.cache.versions import RECENT
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions import operations as reactions
from tests.conftest import Browser, fresh, make_article, person, say

Browse = Callable[..., Browser]
Counting = Callable[[], Any]
ADDRESSES = (
    "/articles/story",
    "/articles/story?sort=newest",
    "/articles/story?sort=oldest",
    "/articles/story?show=staff",
    "/articles/story?show=picks",
    "/articles/story?by=rhea",
    "/articles/story?new=1&since=1",
    "/articles/story?c=1",
    "/articles/other",
    "/articles/1/new",
    "/articles/1/new?since=2",
    "/",
    "/?category=research",
    "/organisations",
    "/organisations/example-lab",
    "/topics",
    "/topics/open-source",
    "/categories",
    "/categories/research",
    "/feed.xml",
    "/sitemap.xml",
)
LATER = timedelta(seconds=1.1 * RECENT)
OWN = re.compile(r"\d+ min ago|just now|[0-9a-f]{16}")  # times, and the id of the request


@pytest.fixture
def store(site: Flask) -> PageStore:
    kept: PageStore = site.extensions["pagestore"]
    return kept


@pytest.fixture
def ask(site: Flask, store: PageStore) -> Callable[..., TestResponse]:
    """`ask(path)` asks as a visitor does; with `anew=True` the app itself, past what is kept."""
    with_store = Client(site, TestResponse, use_cookies=False)
    without = Client(store.inner, TestResponse, use_cookies=False)

    def get(path: str, anew: bool = False, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (without if anew else with_store).get(path, headers=named)

    return get


def warm(ask: Callable[..., TestResponse]) -> None:
    for path in ADDRESSES * 2:  # from the second time on a page is kept
        ask(path)


def told(answer: TestResponse) -> tuple[int, str, dict[str, str]]:
    """Status, text and the headers that are not of one request; of the length whether it is true,
    for a minute later it is another one."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("X-Request-ID", "Date", "ETag")}
    if "Content-Length" in headers:
        headers["Content-Length"] = str(int(headers["Content-Length"]) == len(answer.data))
    return answer.status_code, OWN.sub("", answer.text), headers


def test_it_sends_the_very_answer_of_the_view(ask: Callable[..., TestResponse]) -> None:
    say("rhea", "Words")
    make_article("other")
    warm(ask)
    for path in ADDRESSES:
        kept, view = ask(path), ask(path, anew=True)
        assert told(kept) == told(view), path
        assert re.fullmatch(r"[0-9a-f]{16}", kept.headers["X-Request-ID"])
        assert kept.headers["X-Request-ID"] != ask(path).headers["X-Request-ID"]
        assert "Set-Cookie" not in kept.headers


@pytest.mark.both_engines  # numbers are read with each driver's own SQL
def test_a_kept_page_asks_the_database_nothing_but_its_numbers(
    ask: Callable[..., TestResponse], counting: Counting
) -> None:
    say("rhea", "Words")
    warm(ask)
    with counting(warm=True) as queries:
        for path in ("/", "/articles/story", "/articles/1/new?since=2"):
            ask(path)
    assert queries.count == 0


@pytest.mark.both_engines  # numbers are read with each driver's own SQL
def test_a_vote_is_told_after_a_tenth_of_a_second_and_makes_no_page_anew_before(
    ask: Callable[..., TestResponse],
) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        top = say("rhea", "A claim.")
        now.shift(timedelta(hours=2))
        warm(ask)
        before = ask("/articles/story").text
        for name in ("ravi", "mo", "edda"):
            reactions.vote(person(name), fresh(top), 1)
            assert ask("/articles/story").text == before
        now.shift(LATER)
        last = ask("/articles/story")
        assert told(last) == told(ask("/articles/story", anew=True))
        assert last.text != before


@pytest.mark.both_engines  # numbers are read with each driver's own SQL
def test_what_another_process_removed_a_visitor_sees_a_tenth_of_a_second_at_most_and_a_member_not(
    ask: Callable[..., TestResponse], browse: Browse
) -> None:
    pages = ("/articles/story", "/articles/story?sort=newest", "/articles/story?show=staff")
    with time_machine.travel(clock.now(), tick=False) as now:
        slander = say("mo", "Slander.")
        warm(ask)
        member = browse("rhea")
        assert "Slander." in member.get(pages[0]).text
        now.shift(LATER)
        assert all("Slander." in ask(path).text for path in pages)
        reject_elsewhere(slander)
        assert all("Slander." not in member.get(path).text for path in pages)
        now.shift(LATER)
        assert all("Slander." not in ask(path).text for path in pages)


def reject_elsewhere(comment: Comment) -> None:
    """Reject a comment as another process does: this one's sessions take no part."""
    with db.engine.begin() as other:
        removed = {"status": CommentStatus.REJECTED, "removal": RejectReason.SPAM}
        other.execute(update(Comment).where(Comment.id == comment.id).values(removed))
        other.execute(update(Article).values(version=Article.version + 1))


def test_what_this_process_removed_nobody_sees_any_more(
    ask: Callable[..., TestResponse], browse: Browse
) -> None:
    with time_machine.travel(clock.now(), tick=False):  # no tenth of a second passes
        slander, member = say("ravi", "Slander."), browse("rhea")
        warm(ask)
        for _ in range(2):
            assert "Slander." in ask("/articles/story").text
            assert "Slander." in member.get("/articles/story").text
        moderation.reject(person("mo"), fresh(slander), fresh(slander).version, RejectReason.SPAM)
        assert "Slander." not in ask("/articles/story").text
        assert "Slander." not in member.get("/articles/story").text


def test_a_page_is_made_again_after_a_minute(ask: Callable[..., TestResponse]) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        say("rhea", "A claim.")
        warm(ask)
        assert "just now" in ask("/articles/story").text
        now.shift(timedelta(seconds=61))
        assert "1 min ago" in ask("/articles/story").text


def test_what_is_somebodys_own_is_neither_kept_nor_given_to_others(
    site: Flask, browse: Browse, ask: Callable[..., TestResponse]
) -> None:
    say("nils", "See https://example.org/mine")  # held: only its author reads it
    for _ in range(3):
        own = browse("nils").get("/articles/story")
        assert "example.org/mine" in own.text
        assert own.headers["Cache-Control"] == "private, no-store"
        assert "example.org/mine" not in ask("/articles/story").text
        assert "nils" not in ask("/").text
        assert ask("/articles/story", HX_Request="true").headers["Cache-Control"].startswith("priv")
        assert "csrf_token" in browse().get("/theme").text


def test_a_visitors_theme_is_a_page_of_its_own(ask: Callable[..., TestResponse]) -> None:
    for _ in range(3):
        assert 'data-theme="dark"' in ask("/", Cookie="theme=dark").text
        assert "data-theme" not in ask("/").text


def test_another_host_is_refused_whatever_is_kept(ask: Callable[..., TestResponse]) -> None:
    warm(ask)
    for _ in range(3):
        assert ask("/", Host="evil.example").status_code == 400
        assert ask("/").status_code == 200


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_it_is_compressed_as_the_reader_takes_it_and_known_again(
    ask: Callable[..., TestResponse], accepts: str, encoding: str | None
) -> None:
    plain = ask("/articles/story")
    open_it = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    for _ in range(3):
        answer = ask("/articles/story", Accept_Encoding=accepts)
        assert answer.headers.get("Content-Encoding") == encoding
        assert open_it(answer.data) == plain.data
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert (answer.headers["ETag"] == plain.headers["ETag"]) is (encoding is None)
        again = ask(
            "/articles/story", Accept_Encoding=accepts, If_None_Match=answer.headers["ETag"]
        )
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]
        assert "Content-Security-Policy" in again.headers
        assert ask("/articles/story", If_None_Match='"other"').status_code == 200


def test_no_header_tells_of_a_comment_that_is_held(ask: Callable[..., TestResponse]) -> None:
    with time_machine.travel(clock.now(), tick=False):
        say("rhea", "Words")
        before = ask("/articles/story")
        held = say("nils", "See https://example.org/mine")
        assert held.status == CommentStatus.PENDING
        after = ask("/articles/story")
        assert after.headers["ETag"] == before.headers["ETag"]
        assert told(after) == told(before)


def test_head_is_answered_without_a_body(site: Flask, ask: Callable[..., TestResponse]) -> None:
    for _ in range(3):
        head = Client(site, TestResponse).head("/articles/story")
        assert head.data == b""
        assert head.headers["Content-Length"] == ask("/articles/story").headers["Content-Length"]


def test_what_tracking_adds_to_an_address_changes_nothing(
    ask: Callable[..., TestResponse], counting: Counting
) -> None:
    warm(ask)
    with counting(warm=True) as queries:
        tracked = ask("/articles/story?utm_source=mail&sort=newest&fbclid=Ab-1")
    assert queries.count == 0
    assert tracked.data == ask("/articles/story?sort=newest").data
    assert "utm_source" not in tracked.text


@pytest.mark.both_engines  # numbers are read with each driver's own SQL
def test_one_request_makes_a_page_and_the_others_wait_for_it(
    site: Flask, store: PageStore, ask: Callable[..., TestResponse]
) -> None:
    warm(ask)
    say("rhea", "Moves the version.")
    db.session.remove()
    made, inner = [], store.inner

    def counted(environ: dict[str, object], start: Callable[..., object]) -> object:
        made.append(1)
        return inner(environ, start)

    store.inner = counted  # type: ignore[assignment]
    try:
        readers = [
            threading.Thread(target=Client(site, TestResponse).get, args=("/articles/story",))
            for _ in range(6)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    finally:
        store.inner = inner
    assert len(made) == 1


@pytest.mark.both_engines  # numbers are read with each driver's own SQL
def test_without_its_database_it_leaves_the_answer_to_the_app(
    site: Flask, store: PageStore, ask: Callable[..., TestResponse]
) -> None:
    warm(ask)
    store.version_reader.close()
    db.session.execute(text("ALTER TABLE newsroom RENAME TO elsewhere"))
    db.session.commit()
    try:
        assert ask("/").status_code == 200
    finally:
        db.session.execute(text("ALTER TABLE elsewhere RENAME TO newsroom"))
        db.session.commit()


def test_answers_without_a_body_fill_no_memory_either(site: Flask) -> None:
    small = PageStore(site, site.extensions["pagestore"].inner, room=20_000)
    reader = Client(small, TestResponse)
    say("rhea", "Words")
    try:
        for since in range(1, 30):
            for _ in range(2):
                assert reader.get(f"/articles/1/new?since={since}").status_code == 204
        assert len(small) < 6
    finally:
        small.forget()


def test_a_tag_that_only_begins_like_ours_is_another_one(ask: Callable[..., TestResponse]) -> None:
    say("rhea", "Words")
    for _ in range(3):
        tag = ask("/articles/1/new?since=1").headers["ETag"]
        longer = f'{tag[:-1]}7"'
        assert ask("/articles/1/new?since=1", If_None_Match=longer).status_code == 204
        assert ask("/articles/1/new?since=1", If_None_Match=f"{longer}, W/{tag}").status_code == 304
