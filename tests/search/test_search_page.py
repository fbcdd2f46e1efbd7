"""The page that searches a discussion: for visitors and members, with and without JavaScript."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from app.articles.enums import ArticleStatus
from app.articles.operations import change_slug
from app.cache import http
from app.comments.enums import CommentStatus
from app.db.base import db
from app.maintenance import reindex as search_operations
from tests.articles.reading import elements, texts
from tests.cases import each
from tests.comments.threads import crowd, plant
from tests.conftest import Browser, make_article, person, say, story
from tests.moderation.desk import reject

Browse = Callable[..., Browser]
HERE = "/articles/story/search"

# The article and its id, ids, comments with their authors. A member adds: who it is. A
# moderator: what waits.
STATEMENTS = {None: 4, "rhea": 5, "mo": 6}


def hits(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="hit-(\d+)"', html)]


def excerpts(html: str) -> list[str]:
    return re.findall(r'<p class="excerpt"[^>]*>(.*?)</p>', html)


def announced(answer: Any) -> str:
    told = json.loads(answer.headers["HX-Trigger-After-Settle"])
    return str(told["bb:announce"]["msg"])


def test_a_visitor_finds_a_comment_with_its_author_time_and_marked_words(browse: Browse) -> None:
    comment = say("rhea", "The **licence** of these weights is open")
    page = browse().get(f"{HERE}?q=Licence+weight").text
    assert hits(page) == [comment.id]
    assert excerpts(page) == ["The <mark>licence</mark> of these <mark>weights</mark> is open"]
    assert "1 comment" in texts(page, "h2")
    assert texts(page, "h3") == ["rhea"]
    assert f'href="/articles/story?c={comment.id}#c-{comment.id}"' in page
    assert f'datetime="{comment.created_at:%Y-%m-%dT%H:%M:%SZ}"' in page


def test_the_page_leads_back_to_the_discussion_and_keeps_the_words(browse: Browse) -> None:
    page = browse().get(f"{HERE}?q=two++words").text
    links = [e for e in elements(page) if e.attributes.get("href") == "/articles/story#comments"]
    assert "A story called story" in [link.text for link in links]
    (box,) = [e for e in elements(page) if e.attributes.get("id") == "inside-q"]
    assert box.attributes["value"] == "two words"
    assert "“two words” in the discussion of A story called story" in texts(page, "title")[0]


def test_a_page_for_visitors_sets_no_cookie_and_can_be_kept(browse: Browse) -> None:
    say("rhea", "Weights")
    first = browse().get(f"{HERE}?q=weights")
    assert "Set-Cookie" not in first.headers
    assert first.headers["Cache-Control"] == http.SHARED
    again = {"If-None-Match": first.headers["ETag"]}
    assert browse().get(f"{HERE}?q=weights", headers=again).status_code == 304
    assert browse("rhea").get(f"{HERE}?q=weights").headers["Cache-Control"] == "private, no-store"


@pytest.mark.both_engines  # search and paging
def test_what_a_moderator_removed_is_gone_from_the_very_next_page(browse: Browse) -> None:
    comment = say("rhea", "Weights")
    visitor = browse()
    first = visitor.get(f"{HERE}?q=weights")
    assert hits(first.text) == [comment.id]
    reject("mo", comment)
    again = visitor.get(f"{HERE}?q=weights", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, hits(again.text)) == (200, [])


def test_html_in_a_comment_or_in_the_search_is_shown_as_text(browse: Browse) -> None:
    say("rhea", "Look: <script>alert(1)</script> & <mark>weights</mark>")
    page = browse().get(HERE, query_string={"q": '<script> "weights"'}).text
    (excerpt,) = excerpts(page)
    assert "<mark>&lt;script&gt;</mark>alert(1)&lt;/<mark>script</mark>&gt; &amp; " in excerpt
    assert "&lt;mark&gt;<mark>weights</mark>&lt;/mark&gt;" in excerpt
    assert "<script>" not in page
    assert 'value="&lt;script&gt; &#34;weights&#34;"' in page


def test_a_long_comment_is_cut_around_the_first_match(browse: Browse) -> None:
    say("rhea", "word " * 300 + "weights " + "word " * 300)
    (excerpt,) = excerpts(browse().get(f"{HERE}?q=weights").text)
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert "<mark>weights</mark>" in excerpt
    assert len(excerpt) < 300


# -- sentences ---------------------------------------------------------------------------------

SENTENCES = {
    "": "Comments that hold every word are found",
    "   ": "Comments that hold every word are found",
    "absent": "No comment here holds “absent”. Check the spelling, or use fewer words.",
    "?! ... ***": "There is no letter or digit in that: type a word to look for.",
    "\x00": "Comments that hold every word are found",
    "🙂": "There is no letter or digit in that: type a word to look for.",
    "x" * 201: "200 characters at most: these are 1 too many.",
    "y " * 2_000: "200 characters at most: these are 3,799 too many.",
    "z" * 200: "No comment here holds",
    '"': "There is no letter or digit in that: type a word to look for.",
    'weights" OR "1_weights': "No comment here holds",
}


@pytest.mark.both_engines  # search and paging
@each("typed", SENTENCES)
def test_whatever_is_typed_gets_a_sentence_and_is_kept(browse: Browse, typed: str) -> None:
    say("rhea", "Weights")
    for htmx in (False, True):
        answer = browse().get(HERE, query_string={"q": typed}, htmx=htmx)
        assert answer.status_code == 200
        assert SENTENCES[typed] in " ".join(texts(answer.text, "p"))
        assert hits(answer.text) == []
    (box,) = [
        e
        for e in elements(browse().get(HERE, query_string={"q": typed}).text)
        if e.attributes.get("id") == "inside-q"
    ]
    assert box.attributes["value"] == " ".join(typed.replace("\x00", "").split())


@pytest.mark.both_engines  # search and paging
@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "9" * 30, ""])
def test_a_page_that_is_not_there_shows_one_that_is(browse: Browse, number: str) -> None:
    comment = say("rhea", "Weights")
    assert hits(browse().get(f"{HERE}?q=weights&page={number}").text) == [comment.id]


# -- pages and counts --------------------------------------------------------------------------


@pytest.mark.both_engines  # search and paging
def test_pages_hold_twenty_each_and_lead_to_each_other(browse: Browse) -> None:
    planted = plant([None] * 45, crowd(2))
    search_operations.reindex_comments()
    visitor, seen, path = browse(), [], f"{HERE}?q=words"
    pages = []
    while path:
        page = visitor.get(path).text
        pages.append(len(hits(page)))
        seen += hits(page)
        assert "45 comments" in texts(page, "h2")
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert pages == [20, 20, 5]
    assert seen == planted[::-1]
    assert 'rel="prev" href="/articles/story/search?q=words&amp;page=2"' in page


@pytest.mark.both_engines  # search and paging
def test_beyond_a_hundred_the_page_says_or_more(browse: Browse) -> None:
    plant([None] * 120, crowd(2))
    search_operations.reindex_comments()
    page = browse().get(f"{HERE}?q=words&page=5").text
    assert "100 comments or more" in texts(page, "h2")
    assert "The 100 closest are shown. Add a word to find fewer." in texts(page, "p")
    assert len(hits(page)) == 20
    assert 'rel="next"' not in page


@pytest.mark.both_engines  # search and paging
def test_what_is_found_is_read_by_its_ids_alone(
    browse: Browse, counting: Callable[[], Any]
) -> None:
    say("rhea", "Weights")
    with counting() as queries:
        assert len(hits(browse().get(f"{HERE}?q=weights").text)) == 1
    _, found = queries.statements[-1].split("WHERE")
    assert "comments.id IN" in found
    assert "status" not in found  # SQLite would walk all that is published instead


@pytest.mark.both_engines  # search and paging
@pytest.mark.parametrize("who", STATEMENTS)
def test_a_search_costs_the_same_few_statements_whatever_it_finds(
    browse: Browse, counting: Callable[[], Any], who: str | None
) -> None:
    plant([None] * 60, crowd(40), states={3: CommentStatus.DELETED})
    say("rhea", "Weights")
    search_operations.reindex_comments()
    reader = browse(who)
    for query in ("weights", "words", "words&page=3", "absent", "some words and weights"):
        with counting() as queries:
            assert reader.get(f"{HERE}?q={query}").status_code == 200
        assert queries.count == STATEMENTS[who], queries.statements
        with counting() as queries:
            assert reader.get(f"{HERE}?q={query}", htmx=True).status_code == 200
        # A fragment does not draw the number of what waits.
        assert queries.count == STATEMENTS[who] - (who == "mo"), queries.statements


# -- as one types ------------------------------------------------------------------------------


def test_typing_swaps_the_same_partial_and_says_how_many(browse: Browse) -> None:
    for n in range(12):
        say("rhea", f"Number {n} on weights")
    whole = browse().get(f"{HERE}?q=weights").text
    answer = browse().get(f"{HERE}?q=weights", htmx=True)
    assert announced(answer) == "12 results"
    assert answer.text.strip() in whole
    assert "<html" not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("absent", "No results"),
        ("weights", "1 result"),
        ("?!", "There is no letter or digit in that: type a word to look for."),
        ("x" * 201, "200 characters at most: these are 1 too many."),
    ],
    ids=["none", "one", "signs", "long"],
)
def test_each_outcome_is_announced(browse: Browse, typed: str, told: str) -> None:
    say("rhea", "Weights")
    answer = browse().get(HERE, query_string={"q": typed}, htmx=True)
    assert announced(answer) == told


def test_an_emptied_field_shows_the_hint_and_says_nothing(browse: Browse) -> None:
    answer = browse().get(f"{HERE}?q=", htmx=True)
    assert "HX-Trigger-After-Settle" not in answer.headers
    assert "Comments that hold every word are found" in answer.text


def test_the_field_asks_after_a_pause_and_a_later_request_replaces_an_earlier(
    browse: Browse,
) -> None:
    (box,) = [
        e.attributes
        for e in elements(browse().get(HERE).text)
        if e.attributes.get("id") == "inside-q"
    ]
    assert box["hx-get"] == HERE
    assert box["hx-trigger"] == "input changed delay:250ms, search"
    assert (box["hx-target"], box["hx-sync"]) == ("#results", "this:replace")
    assert box["hx-replace-url"] == "true"


# -- doors -------------------------------------------------------------------------------------


def test_the_discussion_of_a_draft_is_searched_by_the_newsroom_alone(browse: Browse) -> None:
    make_article("draft", status=ArticleStatus.DRAFT)
    asked = [browse(who).get("/articles/draft/search?q=a") for who in (None, "rhea", "mo", "edda")]
    assert [answer.status_code for answer in asked] == [404, 404, 404, 200]


def test_an_earlier_address_leads_to_the_present_one(browse: Browse) -> None:
    change_slug("story", "moved")
    answer = browse().get(f"{HERE}?q=some+words&page=2")
    assert (answer.status_code, answer.location) == (303, "/articles/moved/search?q=some+words")


@pytest.mark.usefixtures("limits")
def test_searching_inside_counts_with_all_searching_and_the_bare_page_does_not(
    browse: Browse,
) -> None:
    visitor = browse()
    assert {visitor.get(HERE).status_code for _ in range(40)} == {200}
    assert {visitor.get(f"{HERE}?q=weights").status_code for _ in range(60)} == {200}
    assert visitor.get(f"{HERE}?q=weights").status_code == 429
    answer = visitor.get(f"{HERE}?q=weights", htmx=True)
    assert answer.status_code == 429
    assert "Too many tries. Wait " in answer.text


def test_a_muted_persons_comments_are_left_out_for_whom_muted_them(browse: Browse) -> None:
    by_ravi, by_mo = say("ravi", "Weights"), say("mo", "Weights")
    rhea = browse("rhea")
    rhea.post("/u/ravi/mute")
    assert hits(rhea.get(f"{HERE}?q=weights").text) == [by_mo.id]
    assert hits(browse().get(f"{HERE}?q=weights").text) == [by_mo.id, by_ravi.id]


def test_an_author_who_left_a_comment_is_not_named(browse: Browse) -> None:
    comment = say("rhea", "Weights")
    comment.author, comment.disowned_by = None, comment.author_id
    db.session.commit()
    page = browse().get(f"{HERE}?q=weights").text
    assert texts(page, "h3") == ["[disowned]"]
    assert person("rhea").name not in page.split('id="results"')[1]
    assert story().slug in page
