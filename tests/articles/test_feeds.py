"""What machines read: the feed of the newest stories and the addresses for search engines."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.articles import operations
from app.db.base import db
from tests.conftest import Browser, make_article, say, story

Browse = Callable[..., Browser]
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SITE = "http://127.0.0.1:8000"


def read(browser: Browser, path: str) -> Element:
    answer = browser.get(path)
    assert answer.status_code == 200
    return fromstring(answer.data)


def entries(browser: Browser) -> list[dict[str, str]]:
    found = []
    for entry in read(browser, "/feed.xml").iter(f"{ATOM}entry"):
        found.append({part.tag.removeprefix(ATOM): part.text or "" for part in entry})
        found[-1]["link"] = entry.find(f"{ATOM}link").attrib["href"]  # type: ignore[union-attr]
    return found


def test_the_feed_tells_the_newest_stories_with_their_first_words(browse: Browse) -> None:
    then = datetime(2026, 3, 1, 9, tzinfo=UTC)
    new = make_article("new", headline="Bits & <bytes> \u0007", published_at=then)
    new.write("First *words* of the story.", "")
    db.session.commit()
    newest, other = entries(browse())
    assert other.pop("summary") == "First words of the story."
    assert newest["link"] == f"{SITE}/articles/story"
    assert other == {
        "title": "Bits & <bytes> ",
        "id": f"{SITE}/#article-{new.id}",
        "link": f"{SITE}/articles/new",
        "published": "2026-03-01T09:00:00Z",
        "updated": "2026-03-01T09:00:00Z",
        "category": "",
    }


def test_the_feed_says_when_something_in_it_changed_last(browse: Browse) -> None:
    make_article("old", published_at=datetime(2026, 3, 1, tzinfo=UTC))
    story().published_at = datetime(2026, 4, 1, tzinfo=UTC)
    story("old").updated_at = datetime(2026, 5, 1, tzinfo=UTC)
    db.session.commit()
    feed = read(browse(), "/feed.xml")
    assert feed.findtext(f"{ATOM}updated") == "2026-05-01T00:00:00Z"
    assert [e["updated"][:7] for e in entries(browse())] == ["2026-04", "2026-05"]


def test_a_renamed_story_stays_the_same_entry(browse: Browse) -> None:
    before = entries(browse())[0]
    operations.change_slug("story", "another-name")
    after = entries(browse())[0]
    assert after["link"] == f"{SITE}/articles/another-name"
    assert after["id"] == before["id"]


def test_the_feed_of_a_site_without_stories_is_a_feed(browse: Browse) -> None:
    db.session.delete(story())
    db.session.commit()
    assert entries(browse()) == []
    assert read(browse(), "/feed.xml").findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"


def test_the_sitemap_names_lists_and_stories_with_their_last_change(browse: Browse) -> None:
    story().updated_at = datetime(2026, 5, 1, tzinfo=UTC)
    db.session.commit()
    found = {
        place.findtext(f"{MAP}loc"): place.findtext(f"{MAP}lastmod")
        for place in read(browse(), "/sitemap.xml")
    }
    assert found == {
        f"{SITE}/": None,
        f"{SITE}/topics": None,
        f"{SITE}/organisations": None,
        f"{SITE}/categories": None,
        f"{SITE}/articles/story": "2026-05-01T00:00:00Z",
    }


def test_both_can_be_found_and_come_as_what_they_are(browse: Browse) -> None:
    visitor = browse()
    assert 'href="/feed.xml" type="application/atom+xml"' in visitor.get("/").text
    assert f"Sitemap: {SITE}/sitemap.xml\n" in visitor.get("/robots.txt").text
    assert visitor.get("/feed.xml").mimetype == "application/atom+xml"
    assert visitor.get("/sitemap.xml").mimetype == "application/xml"


@pytest.mark.parametrize("path", ["/feed.xml", "/sitemap.xml"])
def test_a_list_of_any_length_costs_the_same_queries(
    browse: Browse, counting: Callable[[], Any], path: str
) -> None:
    with counting() as few:
        browse().get(path)
    for number in range(5):
        make_article(f"more-{number}")
    with counting() as more:
        browse().get(path)
    assert more.count == few.count


def test_a_comment_makes_none_of_them_anew(site: Flask, counting: Callable[..., Any]) -> None:
    say("rhea", "Words")
    visitor = Client(site, TestResponse, use_cookies=False)
    for path in ("/feed.xml", "/sitemap.xml"):
        for _ in range(2):
            before = visitor.get(path).text
        say("rhea", f"Words after {path}")
        with counting(warm=True) as queries:
            assert visitor.get(path).text == before
        assert queries.count == 0, (path, queries.statements)
