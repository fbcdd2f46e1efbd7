"""What is kept never shows: a page is the same as one that is drawn by a process just started."""

import os
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from werkzeug.test import Client, TestResponse

from app import clock
from app.articles import operations as articles
from app.articles.enums import ArticleStatus, CommentsMode
from app.articles.models import Article
from app.cache.store import Store
from app.cache.versions import RECENT
from app.comments.enums import Sort
from app.db.base import db
from app.members import operations as personal
from tests.acts import PEOPLE, Acts
from tests.conftest import Browser, person, say

Browse = Callable[..., Browser]
ROUNDS = int(os.environ.get("BOTBEAT_TEST_ROUNDS", "1"))  # more of them for a longer look
LATER = timedelta(seconds=1.1 * RECENT)
# What differs between two answers to one question: tokens, keys of forms, and ids of requests.
OWN = re.compile(r'(?:csrf_token|submission)" value="[^"]*"|[0-9a-f]{16,}')
OF_ALL = (
    "/",
    "/articles/1/new?since=2",
    "/feed.xml",
    "/topics/open-source",
    "/organisations",
    "/categories",
    "/sitemap.xml",
    "/articles/other",
)
OF_DISCUSSION = (
    *("?sort=best", "?sort=newest", "?sort=oldest", "?sort=discussed", "?sort=controversial"),
    *("?show=staff", "?show=picks", "?by=rhea", "?new=1&since=2", "?c={}"),
)
READERS = (None, "rhea", "ravi", "mo")
FRAGMENTS = ("/c/{}/replies?level=1", "/articles/story/comments?sort=oldest&after={}", "/c/{}/acts")

Ask = Callable[[str], str]


def _ask(get: Callable[..., TestResponse], **options: object) -> Ask:
    def ask(path: str) -> str:
        answer = get(path, **options)
        shown = answer.json if answer.is_json else OWN.sub("", answer.text)
        return f"{answer.status_code} {answer.location} {shown}"

    return ask


Question = tuple[str, str, Ask]  # who asks, for what, and how


def list_questions(browse: Browse, site: Flask, comment_id: int) -> list[list[Question]]:
    """Return what everybody asks for after each act, and what somebody asks for now and then."""
    visitor, returning = Client(site, TestResponse, use_cookies=False), browse()
    returning.post("/articles/story/seen", {"publish_seq": "2"})
    asks = {"a visitor": _ask(visitor.get), "who has been here": _ask(returning.get)}
    asks |= {name: _ask(browse(name).get) for name in PEOPLE}
    often = [(name, "/articles/story", asks[name]) for name in list(asks)[:6]]
    often += [("a visitor", path, asks["a visitor"]) for path in OF_ALL]
    seldom = []
    for name, ask in asks.items():
        seldom += [(name, f"/articles/story{query}", ask) for query in OF_DISCUSSION]
    for name in PEOPLE:
        seldom += [(name, path, _ask(browse(name).get, htmx=True)) for path in FRAGMENTS]
    return [often, [(name, path.format(comment_id), ask) for name, path, ask in seldom]]


@pytest.mark.both_engines  # numbers are read with each driver's own SQL
def test_after_any_act_everybody_sees_what_a_process_just_started_would_show(
    site: Flask, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, wrong, tried = site.extensions["pagestore"], list[str](), set[str]()
    with time_machine.travel(clock.now(), tick=False) as now:
        acts = Acts(seed=12)
        often, seldom = list_questions(browse, site, acts.comment().id)
        for name in [name for _ in range(ROUNDS) for name in acts.shuffle()]:
            asked = often + acts.random.sample(seldom, 3)
            for _, path, ask in asked:  # so that it is kept
                ask(path)
            done = acts.do(name)
            tried.add(done)
            now.shift(LATER)
            hot = [ask(path) for _, path, ask in asked]
            store.forget()
            monkeypatch.setattr(site, "debug", True)  # so that each comment is drawn anew
            # In the other order, so that nothing of one reader can be in the same pages as before.
            cold = [ask(path) for _, path, ask in asked[::-1]][::-1]
            monkeypatch.setattr(site, "debug", False)
            differ = [q for q, one, two in zip(asked, hot, cold, strict=True) if one != two]
            wrong += [f"{path} for {who} after {done}" for who, path, _ in differ]
    assert wrong == []
    refused = sorted(done for done in tried if done.partition(" ")[0] not in tried)
    assert refused == []


def other_value(name: str, value: object) -> object:
    """Another value for a column of a story."""
    states = {
        "status": ArticleStatus.DRAFT,
        "comments_mode": CommentsMode.CLOSED,
        "close_after_days": 0,
        "withdrawn_at": clock.now(),
        "updated_at": clock.now(),
        "published_at": clock.now() + timedelta(days=1),
        "takeaways": ["Another point"],
    }
    if name in states:
        return states[name]
    if isinstance(value, bool):
        return not value
    return value + 60 if isinstance(value, int) else f"another-{value}"


def test_no_column_of_a_story_is_forgotten_in_what_is_kept_of_its_comments(
    browse: Browse, site: Flask
) -> None:
    """Nobody but an editor reads below a story that is not public, so an editor reads it too."""
    store = site.extensions["pagestore"]
    readers = [browse(name) for name in ("ravi", "edda")]
    comment = say("rhea", "A claim.")
    here = db.session.query(Article).filter_by(id=comment.article_id)

    def read() -> list[str]:
        path = f"/articles/{here.one().slug}?sort=best"
        return [OWN.sub("", reader.get(path).text) for reader in readers]

    filed_under = {"id", "organisation_id", "category_id", "created_at"}
    stale = []
    for name in [c.key for c in Article.__table__.columns if c.key not in filed_under]:
        read()
        before = getattr(here.one(), name)
        here.update({name: other_value(name, before)})
        here.update({"version": Article.version + 1})  # whoever changes a story moves it
        db.session.commit()
        warm = read()
        store.forget()
        if read() != warm:
            stale.append(name)
        here.update({name: before})
        db.session.commit()
    assert stale == []


def test_an_article_is_found_at_its_new_address_at_once(browse: Browse) -> None:
    readers = [browse(name) for name in READERS]
    for slug, former in (("renamed", "story"), ("story", "renamed")):
        for reader in readers:
            assert reader.get(f"/articles/{former}").status_code == 200
        articles.change_slug(former, slug)
        for reader in readers:
            assert reader.get(f"/articles/{former}").location == f"/articles/{slug}"
            assert f"/articles/{slug}/comments" in reader.get(f"/articles/{slug}").text


def test_what_is_kept_of_a_page_holds_nothing_of_who_read_it_first(browse: Browse) -> None:
    personal.set_reading(person("ravi"), Sort.BEST, shortcuts=False)
    say("rhea", "A claim.")
    first, other = browse("ravi"), browse("rhea")
    for _ in range(2):
        assert "They are off in your" in first.get("/articles/story").text
        page = other.get("/articles/story").text
        assert "They are off in your" not in page
        assert "ravi" not in page


def test_a_store_stays_within_its_bound_and_keeps_what_is_asked_for() -> None:
    store = Store(100)
    for number in range(10):
        store.put(number, str(number), 10)
    assert store.get(0) == "0"
    store.put("late", "x", 10)
    assert store.get(1) is None
    assert store.get(0) == "0"
    store.put("huge", "x", 101)
    assert store.get("huge") is None
