"""Real threads, held beside the repository; skipped where they are not."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.comments.models import Comment
from app.db.base import db
from app.discussion.enums import HIGHLIGHTS_FROM
from app.imports.threads import import_thread
from tests.comments.threads import Page, drift, listed_ids
from tests.conftest import SHARED, Browser, story
from tests.discussion.test_reading_cost import ARTICLE, FLAT, GLANCE, plus
from tests.text.strict import read_strictly

Browse = Callable[..., Browser]
HERE = "/articles/story"
FOLDER = SHARED / "data" / "threads"
REDDIT = "reddit-announcements-1428.json"

# File: comments, depth, those without author, top level, published.
HELD = {
    REDDIT: (1_428, 11, 172, 535, 1_403),
    "wikipedia-ckb-rtl.json": (165, 7, 0, 66, 165),
    "guardian-news-45.json": (45, 1, 0, 45, 45),
    "lobsters-ai-scrapers-16.json": (16, 4, 0, 6, 15),
}

pytestmark = [
    pytest.mark.both_engines,  # imports and paging
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="the real threads of ../shared/data are not on this machine"
    ),
]


def bring(name: str) -> list[dict[str, Any]]:
    data = json.loads((FOLDER / name).read_bytes())
    assert import_thread(story(), data, data["source"]) == len(data["comments"])
    comments: list[dict[str, Any]] = data["comments"]
    return comments


def depths(comments: list[dict[str, Any]]) -> Counter[int]:
    known: dict[str, int] = {}
    for comment in comments:
        known[comment["id"]] = known.get(comment["parent_id"], 0) + 1
    return Counter(known.values())


def reached(visitor: Browser) -> set[int]:
    """Every comment that a visitor sees who follows every link."""
    pages, found, followed = [Page(visitor.get(f"{HERE}?sort=oldest").text)], set[int](), set[str]()
    while pages:
        page = pages.pop()
        assert max(page.ids.values()) == 1
        found |= set(page.shown)
        for link in [seen for seen in page.comments if seen.more] + page.loose_more:
            if link.more not in followed:
                followed.add(link.more)
                if link.more_hx:
                    answer = visitor.get(link.more_hx, htmx=True)
                else:
                    answer = visitor.get(link.more, follow_redirects=True)
                assert answer.status_code == 200
                pages.append(Page(answer.text))
    return found


@pytest.mark.parametrize("name", HELD)
def test_a_real_thread_comes_in_whole_and_every_comment_is_reached(
    site: Flask, browse: Browse, counting: Callable[[], Any], name: str
) -> None:
    held = bring(name)
    number, deepest, nameless, top, published = HELD[name]
    rows = db.session.query(Comment).all()
    assert len(rows) == len(held) == number
    assert Counter(row.depth for row in rows) == depths(held)
    assert max(row.depth for row in rows) == deepest
    assert sum(row.depth == 1 for row in rows) == top
    assert sum(row.author_id is None for row in rows) == nameless
    assert story().comment_count == published
    assert drift() == []
    for row in rows:
        read_strictly(row.html)
    # Where no comment has a reply, none is looked for; where one was recommended, what those who
    # voted against it recommend is.
    glance = GLANCE + any(row.up for row in rows if row.depth == 1)
    threads = plus(ARTICLE, glance * (published >= HIGHLIGHTS_FROM) - (top == number))
    for sort, expected in (("best", threads), ("newest", FLAT)):
        for who in (None, "rhea", "mo"):
            reader = browse(who)
            with counting() as queries:
                assert reader.get(f"{HERE}?sort={sort}").status_code == 200
            assert queries.count == expected[who], (sort, who, queries.statements)
    # Some 300 pages for the large one: walked on one engine, for they hold the same.
    if number < 1_000 or db.engine.dialect.name == "sqlite":
        assert reached(browse()) == listed_ids()


def test_right_to_left_words_arrive_as_they_were(site: Flask, browse: Browse) -> None:
    bring("wikipedia-ckb-rtl.json")
    page = browse().get(f"{HERE}?sort=oldest").text
    assert 'class="comment-body"' in page
    assert page.count('dir="auto"') >= 20
    arabic = [letter for letter in page if "\u0600" <= letter <= "\u06ff"]
    assert len(arabic) > 500
