"""The article page: its sections in the seed's order, and what is chosen to stand beside it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.accounts.models import User
from app.articles.enums import ArticleStatus
from app.articles.models import Organisation
from app.db.base import db
from app.web.templating import make_monogram
from tests.articles.reading import elements, part, slugs, texts
from tests.conftest import Browser, make_article, say, story

Browse = Callable[..., Browser]


def other_lab(name: str = "Other Lab") -> Organisation:
    known = db.session.query(Organisation).filter_by(name=name).first()
    return known or Organisation(name=name, slug=name.lower().replace(" ", "-"))


def main(html: str) -> str:
    """Return the page without its header, its footer and the dialogs that are closed at first."""
    return part(html, "<main", "</main>")


def hours_ago(hours: float) -> Any:
    return clock.now() - timedelta(hours=hours)


def test_the_sections_stand_in_the_order_of_the_seed(browse: Browse) -> None:
    make_article("same", headline="From the same lab")
    make_article("else", headline="From elsewhere", organisation=other_lab())
    story().disclosure = "Drafted by a model."
    db.session.commit()
    html = browse().get("/articles/story").text
    assert texts(main(html), "h1", "h2") == [
        "A story called story",
        "Key Takeaways",
        "Source:",
        "How this was made",
        "Summary",
        "Editorial Opinion",
        "Topics",
        "More from Example Lab",
        "Comments (0)",
        "Suggested",
    ]
    places = [
        *(
            'class="back-link"',
            'role="search"',
            'class="organisation"',
            'class="category"',
            "<time",
            'id="headline"',
        ),
        *("First point", "Example News", "Drafted by a model", "A paragraph.", "A closing point"),
        *("An opinion.", 'href="/topics/open-source"', "From the same lab", 'id="comments"'),
        *("From elsewhere", "Back to news", ">About<", ">Privacy Policy<", ">Terms of Service<"),
        ">Contact Us<",
    ]
    body = html.split("<body")[1]
    found = [body.index(place) for place in places]
    assert found == sorted(found)


def test_what_is_empty_is_not_drawn(browse: Browse) -> None:
    article = make_article("bare", opinion="", topics=[], source_url="", takeaways=[])
    article.organisation = other_lab()
    db.session.delete(story())
    db.session.commit()
    html = browse().get("/articles/bare").text
    assert texts(main(html), "h1", "h2") == ["A story called bare", "Summary", "Comments (0)"]
    assert "How this was made" not in html


def test_the_source_is_named_and_linked_without_trust(browse: Browse) -> None:
    html = browse().get("/articles/story").text
    (link,) = [e for e in elements(html) if e.attributes.get("href") == "https://example.org/story"]
    assert link.attributes["rel"] == "nofollow noopener"
    assert "target" not in link.attributes
    assert "https://example.org/story" in link.text
    assert "arrow-up-right" in part(html, 'class="source"', "</p>")


def test_the_closing_list_and_the_takeaways_are_lists(browse: Browse) -> None:
    html = browse().get("/articles/story").text
    assert "<li>First point</li><li>Second point</li>" in html
    assert "<li>A closing point</li>" in html


def test_more_from_holds_the_newest_others_of_the_same_organisation(browse: Browse) -> None:
    for number in range(5):
        make_article(f"same-{number}", published_at=hours_ago(number + 4))
    make_article("else", organisation=other_lab(), published_at=hours_ago(1))
    more = part(browse().get("/articles/story").text, 'id="s-more"', "</section>")
    assert slugs(more) == ["same-0", "same-1", "same-2"]
    html = browse().get("/articles/same-1").text
    assert slugs(part(html, 'id="s-more"', "</section>")) == ["story", "same-0", "same-2"]


def test_suggested_goes_by_shared_topics_then_by_time(browse: Browse) -> None:
    lab = other_lab()
    story().topics = make_article("t", topics=["A", "B", "C"]).topics
    db.session.commit()
    for slug, topics, hours in (
        ("none-newest", [], 0.1),
        ("one-old", ["A"], 50),
        ("one-new", ["B", "X"], 40),
        ("two-oldest", ["A", "C"], 90),
        ("none-old", ["X"], 60),
    ):
        make_article(slug, topics=topics, organisation=lab, published_at=hours_ago(hours))
    suggested = part(browse().get("/articles/story").text, 'id="suggested"', "</section>")
    assert slugs(suggested) == ["two-oldest", "one-new", "one-old"]


def test_suggested_without_any_shared_topic_is_the_newest(browse: Browse) -> None:
    for number in range(4):
        slug, at = f"else-{number}", hours_ago(10 - number)
        make_article(slug, topics=["X"], organisation=other_lab(), published_at=at)
    make_article("bare", topics=[])
    suggested = part(browse().get("/articles/bare").text, 'id="suggested"', "</section>")
    assert slugs(suggested) == ["else-3", "else-2", "else-1"]


def test_suggested_is_never_the_article_itself_nor_one_of_more_from(browse: Browse) -> None:
    for number in range(4):
        make_article(f"same-{number}")
    make_article("else", organisation=other_lab())
    html = browse().get("/articles/story").text
    suggested = slugs(part(html, 'id="suggested"', "</section>"))
    more = slugs(part(html, 'id="s-more"', "</section>"))
    assert suggested == ["else"]
    assert "story" not in more
    assert len(more) == 3


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Example Lab", "EL"),
        ("Harvey", "HA"),
        ("Open-Source AI", "OS"),
        ("BCBL (Basque Center)", "BC"),
        ("x", "X"),
        ("(?)", "(?"),
        ("Ärzte ohne", "ÄO"),
        ("人工智能", "人工"),
    ],
)
def test_an_organisation_without_a_logo_has_a_monogram(name: str, letters: str) -> None:
    assert make_monogram(name) == letters


def test_a_monogram_is_hidden_from_readers_of_screens_and_a_logo_is_a_file(browse: Browse) -> None:
    html = browse().get("/articles/story").text
    assert '<span class="logo" aria-hidden="true">EL</span>' in html
    story().organisation.logo = "favicon.svg"
    db.session.commit()
    html = browse().get("/articles/story").text
    assert '<img class="logo" src="/static/favicon.svg?v=' in html
    assert 'aria-hidden="true">EL<' not in html


def test_the_number_of_comments_stands_in_the_heading_and_the_head(browse: Browse) -> None:
    say("rhea", "One")
    assert "1 comment</a>" in browse().get("/articles/story").text
    say("ravi", "Two")
    html = browse().get("/articles/story").text
    assert "2 comments</a>" in html
    assert "Comments (2)" in texts(html, "h2")


def test_an_update_that_readers_should_know_of_is_dated(browse: Browse) -> None:
    assert "updated <time" not in browse().get("/articles/story").text
    story().updated_at = hours_ago(1)
    db.session.commit()
    assert "updated <time" in browse().get("/articles/story").text


def test_headlines_and_names_are_escaped_everywhere(browse: Browse) -> None:
    evil = '<script>alert("1")</script>'
    make_article("evil", headline=evil, takeaways=[evil], disclosure=evil, topics=[evil[:80]])
    story().organisation.name = evil
    db.session.commit()
    for path in ("/articles/evil", "/", "/search?q=script", "/topics", "/organisations"):
        html = browse().get(path).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize(("who", "pinned"), [(None, 6), ("rhea", 8)])
def test_an_article_costs_the_same_queries_whatever_stands_on_it(
    browse: Browse, counting: Callable[[], Any], who: str | None, pinned: int
) -> None:
    browser = browse(who)

    def cost() -> int:
        with counting() as queries:
            assert browser.get("/articles/story").status_code == 200
        return int(queries.count)

    say("mo", "An answer.", say("ravi", "A thought."))
    assert cost() == pinned
    for number in range(12):
        name = f"user{number}"
        db.session.add(User(name=name, name_key=name, created_at=hours_ago(9_000)))
        lab, topics = other_lab(f"Lab {number}"), [f"Topic {number}", "Open Source"]
        other = make_article(f"else-{number}", organisation=lab, topics=topics)
        story().topics = sorted({*story().topics, *other.topics}, key=lambda topic: topic.name)
    for number in range(12):
        parent = say(f"user{number}", f"A thought of number {number}.")
        say(f"user{11 - number}", f"An answer to number {number}.", parent)
    assert cost() == pinned


def test_what_the_newsroom_read_of_a_story_to_come_is_not_told_when_it_is_there(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon, now = clock.now() + timedelta(minutes=5), clock.now
    make_article("soon", status=ArticleStatus.SCHEDULED, published_at=soon)
    assert "visible to the newsroom only" in browse("edda").get("/articles/soon").text
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(minutes=10))
    page = browse().get("/articles/soon").text
    assert "A story called soon" in page
    assert "visible to the newsroom only" not in page


def test_a_draft_says_to_the_newsroom_what_it_is(browse: Browse) -> None:
    make_article("draft", status=ArticleStatus.DRAFT)
    note = "Draft, visible to the newsroom only."
    assert note in browse("edda").get("/articles/draft").text
    assert note not in browse("edda").get("/articles/story").text
