"""What is not published is nowhere for readers, and the newsroom sees it at its address."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app import clock
from app.articles import operations
from app.articles.enums import ArticleStatus
from app.articles.models import Article
from app.comments.models import Comment
from app.db.base import db
from tests.cases import each
from tests.conftest import Browser, make_article, say, story

pytestmark = pytest.mark.both_engines  # the SQL twin of the definition

Browse = Callable[..., Browser]
SECRET = "Not for everybody yet"
HIDDEN = {
    "draft": {"status": ArticleStatus.DRAFT, "published_at": None},
    "draft with a past date": {"status": ArticleStatus.DRAFT},
    "scheduled": {
        "status": ArticleStatus.SCHEDULED,
        "published_at": clock.now() + timedelta(days=2),
    },
    "published in future": {"published_at": clock.now() + timedelta(days=2)},
    "of an unknown status": {"status": "odd"},
}


@pytest.fixture(params=HIDDEN.values(), ids=HIDDEN)
def hidden(request: pytest.FixtureRequest, site: Flask) -> Article:
    """Return an article that only the newsroom may see, in each state that there is."""
    topics = ["Open Source", "New"]
    return make_article("hidden", headline=SECRET, featured=True, topics=topics, **request.param)


@each("who", [None, "rhea", "mo"])
def test_readers_meet_it_nowhere(browse: Browse, hidden: Article, who: str | None) -> None:
    browser = browse(who)
    assert browser.get("/articles/hidden").status_code == 404
    assert browser.get("/articles/hidden/comments", htmx=True).status_code == 404
    for path in (
        "/",
        "/?category=research",
        "/articles/story",  # as Suggested, as More from
        "/organisations/example-lab",
        "/topics/open-source",
        "/topics/new",
        "/categories/research",
        "/search?q=everybody",
        "/search?q=new",
        "/u/edda",
        "/feed.xml",
        "/sitemap.xml",
    ):
        html = browser.get(path).text
        assert SECRET not in html
        assert "/articles/hidden" not in html
    assert "1 story" in browser.get("/organisations").text
    assert "New" not in browser.get("/topics").text.split("<main")[1].split("</main>")[0]


@each("who", ["edda", "ada"])
def test_editors_read_it_at_its_address(browse: Browse, hidden: Article, who: str) -> None:
    answer = browse(who).get("/articles/hidden")
    assert answer.status_code == 200
    assert SECRET in answer.text
    assert "visible to the newsroom only" in answer.text


@each("who", [None, "rhea", "mo", "edda", "ada"])
def test_nobody_comments_on_it(browse: Browse, hidden: Article, who: str | None) -> None:
    answer = browse(who).post("/articles/hidden/comments", {"body": "Words"})
    assert answer.status_code in (401, 403, 404)
    assert db.session.query(Comment).count() == 0


def test_comments_below_an_article_that_was_taken_back_are_gone_with_it(browse: Browse) -> None:
    comment = say("rhea", "Words below")
    story().status = ArticleStatus.DRAFT
    db.session.commit()
    for who in (None, "ravi", "rhea", "mo"):
        for path in ("", "/replies", "/reply", "/report"):
            answer = browse(who).get(f"/c/{comment.id}{path}", htmx=True)
            assert answer.status_code in (401, 404), (who, path)
            assert "Words below" not in answer.text
    assert browse("edda").get(f"/c/{comment.id}").status_code == 303


def test_the_new_address_of_a_draft_is_told_to_no_reader(browse: Browse) -> None:
    make_article("hidden", status=ArticleStatus.DRAFT)
    operations.change_slug("hidden", "secret-words")
    for who in (None, "rhea"):
        answer = browse(who).get("/articles/hidden")
        assert answer.status_code == 404
        assert "secret-words" not in answer.text
    assert browse("edda").get("/articles/hidden").location == "/articles/secret-words"


def test_what_is_scheduled_is_published_by_the_clock_alone(browse: Browse) -> None:
    at = clock.now() + timedelta(days=2)
    make_article("soon", headline=SECRET, status=ArticleStatus.SCHEDULED, published_at=at)
    visitor = browse()
    with time_machine.travel(at - timedelta(minutes=1)):
        assert visitor.get("/articles/soon").status_code == 404
        assert SECRET not in visitor.get("/").text
    with time_machine.travel(at + timedelta(minutes=1)):
        assert visitor.get("/articles/soon").status_code == 200
        assert SECRET in visitor.get("/").text


def test_what_was_withdrawn_is_410_with_its_reason_and_in_no_list(browse: Browse) -> None:
    make_article(
        "gone",
        headline=SECRET,
        status=ArticleStatus.WITHDRAWN,
        withdrawn_at=clock.now(),
        withdrawn_reason="the source took it back",
    )
    for who in (None, "rhea", "mo"):
        browser = browse(who)
        answer = browser.get("/articles/gone")
        assert answer.status_code == 410
        assert "the source took it back" in answer.text
        assert SECRET not in answer.text
        for path in ("/", "/articles/story", "/topics/open-source", "/search?q=everybody"):
            assert SECRET not in browser.get(path).text
