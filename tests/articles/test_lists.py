"""The front page, the lists, their pages, and search."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.articles.models import Category, Organisation, Topic
from app.db.base import db
from tests.articles.reading import elements, part, slugs, texts
from tests.cases import each
from tests.conftest import Browser, make_article, story

Browse = Callable[..., Browser]


def many(count: int = 44, **changes: Any) -> list[str]:
    """So many articles, each an hour older; returns all slugs from the newest on."""
    start = clock.now() - timedelta(hours=4)
    made = [f"n-{number:02}" for number in range(count)]
    for number, slug in enumerate(made):
        make_article(slug, published_at=start - timedelta(hours=number), **changes)
    return ["story", *made]


def link(html: str, rel: str) -> str | None:
    found = [e.attributes["href"] for e in elements(html) if e.attributes.get("rel") == rel]
    return found[0] if found else None


def wire(html: str) -> list[str]:
    """Return the articles of a page of a list, with those above the list on the front page."""
    return slugs(part(html, "<main", "</main>"))


@pytest.mark.both_engines  # paging and search
@pytest.mark.parametrize(
    "path", ["/", "/organisations/example-lab", "/topics/open-source", "/categories/research"]
)
def test_forty_five_articles_are_read_forth_and_back(browse: Browse, path: str) -> None:
    expected, visitor = many(), browse()
    pages, url = [], path
    while url:
        html = visitor.get(url).text
        pages.append(wire(html))
        last, url = url, link(html, "next")
    assert [len(page) for page in pages] == [20, 20, 5]
    assert [slug for page in pages for slug in page] == expected
    back, url = [], last
    while url:
        html = visitor.get(url).text
        back.insert(0, wire(html))
        url = link(html, "prev")
    assert back == pages


@pytest.mark.both_engines  # paging and search
def test_articles_of_the_same_moment_are_neither_lost_nor_shown_twice(browse: Browse) -> None:
    moment = story().published_at
    for number in range(25):
        make_article(f"twin-{number}", published_at=moment)
    visitor = browse()
    first = visitor.get("/topics/open-source").text
    second = visitor.get(link(first, "next") or "").text
    assert len({*wire(first), *wire(second)}) == len(wire(first) + wire(second)) == 26


@pytest.mark.both_engines  # paging and search
def test_a_new_article_does_not_shift_the_page_that_is_being_read(browse: Browse) -> None:
    many(30)
    visitor = browse()
    older = link(visitor.get("/categories/research").text, "next") or ""
    before = wire(visitor.get(older).text)
    make_article("breaking", published_at=clock.now())
    assert wire(visitor.get(older).text) == before


@pytest.mark.both_engines  # paging and search
@each("place", ["x", "1-", "-1", "1-2-3", "9" * 18 + "-1", "²-1"])
def test_a_place_that_is_none_shows_the_first_page(browse: Browse, place: str) -> None:
    assert wire(browse().get(f"/?older={place}").text) == ["story"]


def test_the_lead_is_the_newest_featured_article_else_the_newest(browse: Browse) -> None:
    make_article("older", published_at=clock.now() - timedelta(days=2))
    html = browse().get("/").text
    assert slugs(part(html, 'class="lead"', "</article>")) == ["story"]
    story("older").featured = True
    db.session.commit()
    html = browse().get("/").text
    assert slugs(part(html, 'class="lead"', "</article>")) == ["older"]
    assert wire(html) == ["older", "story"]
    assert "<li>First point</li><li>Second point</li>" in part(html, 'class="lead"', "</article>")


def test_three_stand_beside_the_lead_and_the_rest_below(browse: Browse) -> None:
    expected = many(6)
    html = browse().get("/").text
    assert slugs(part(html, 'class="beside"', "</section>")) == expected[1:4]
    assert slugs(part(html, 'class="wire"', "</ol>")) == expected[4:]


def test_only_the_first_page_has_a_lead(browse: Browse) -> None:
    many(25)
    visitor = browse()
    second = visitor.get(link(visitor.get("/").text, "next") or "").text
    assert 'class="lead"' not in second


def test_the_front_page_is_filtered_by_category(browse: Browse) -> None:
    policy = db.session.query(Category).filter_by(slug="policy").one()
    make_article("law", category=policy)
    visitor = browse()
    html = visitor.get("/?category=policy").text
    assert wire(html) == ["law"]
    assert 'href="/?category=policy" aria-current="true">Policy<' in html
    assert 'class="lead"' not in html
    assert texts(part(visitor.get("/").text, 'class="chips"', "</nav>"), "a") == [
        "All",
        "Research",
        "Policy",
    ]
    assert visitor.get("/?category=nothing").status_code == 404


def test_a_category_without_articles_says_so(browse: Browse) -> None:
    for path in ("/?category=policy", "/categories/policy"):
        html = browse().get(path).text
        assert "No stories here yet." in html
        assert wire(html) == []


@pytest.mark.both_engines  # paging and search
@pytest.mark.parametrize(
    ("path", "name", "count"),
    [
        ("/organisations", "Example Lab", "2 stories"),
        ("/topics", "Open Source", "2 stories"),
        ("/categories", "Research", "2 stories"),
    ],
)
def test_an_index_names_all_with_the_number_of_public_stories(
    browse: Browse, path: str, name: str, count: str
) -> None:
    make_article("second")
    make_article("hidden", status="draft")
    db.session.add_all([Organisation(name="Silent", slug="silent"), Topic(name="No", slug="no")])
    db.session.commit()
    html = part(browse().get(path).text, 'class="index"', "</ul>")
    (row, *others) = texts(html, "li")
    assert row == f"{name} {count}"
    assert others == (["Policy 0 stories"] if path == "/categories" else [])


def test_a_list_shows_only_what_belongs_to_it_with_its_description(browse: Browse) -> None:
    lab = Organisation(
        name="Other Lab",
        slug="other",
        description="Makes <b>things</b>.",
        website="https://o.example",
    )
    make_article("theirs", organisation=lab, topics=["Robots"])
    visitor = browse()
    html = visitor.get("/organisations/other").text
    assert wire(html) == ["theirs"]
    assert "Makes &lt;b&gt;things&lt;/b&gt;." in html
    (site,) = [e for e in elements(html) if e.attributes.get("href") == "https://o.example"]
    assert site.attributes["rel"] == "nofollow noopener"
    assert wire(visitor.get("/topics/robots").text) == ["theirs"]
    for path in ("/organisations/no", "/topics/no", "/categories/no"):
        assert visitor.get(path).status_code == 404


def test_the_front_page_costs_the_same_queries_however_many_organisations(
    browse: Browse, counting: Callable[[], Any]
) -> None:
    visitor, counts = browse(), []
    visitor.get("/")
    for round_ in range(2):
        with counting() as queries:
            assert visitor.get("/").status_code == 200
        counts.append(queries.count)
        for number in range(25):
            name = f"lab-{round_}-{number}"
            make_article(name, organisation=Organisation(name=name, slug=name), topics=[name])
    assert counts == [3, 3]


# -- search ------------------------------------------------------------------------------------


@pytest.fixture
def library(site: object) -> None:
    make_article("percent", headline="Growth of 100% in a year", topics=["Funding"])
    make_article("under", headline="A file named my_model", topics=["Tools"])
    make_article("arabic", headline="نموذج جديد", topics=["Robots & Rules"])
    lab = Organisation(name="Zebra Works", slug="zebra")
    make_article("zebra", headline="Quiet news", organisation=lab, topics=["Tools"])


@pytest.mark.both_engines  # paging and search
@pytest.mark.usefixtures("library")
@each(
    ("words", "found"),
    [
        ("growth", {"percent"}),
        ("GROWTH year", {"percent"}),
        ("growth model", set()),
        ("%", {"percent"}),
        ("100%", {"percent"}),
        ("10_%", set()),
        ("_", {"under"}),
        ("my_model", {"under"}),
        ("myxmodel", set()),
        ("\\", set()),
        ("zebra", {"zebra"}),
        ("tools quiet", {"zebra"}),
        ("tools", {"under", "zebra"}),
        ("robots", {"arabic"}),
        ("نموذج", {"arabic"}),
        ("research zebra", {"zebra"}),
        ("'; DROP TABLE articles; --", set()),
        ("a" * 500, set()),
    ],
)
def test_search_finds_every_word_as_it_is_written(
    browse: Browse, words: str, found: set[str]
) -> None:
    html = browse().get("/search", query_string={"q": words}).text
    assert set(wire(html)) == found
    if not found:
        assert "Nothing found for" in html


def test_search_shows_what_was_asked_and_escapes_it(browse: Browse) -> None:
    html = browse().get("/search", query_string={"q": '"><script>x'}).text
    assert 'value="&#34;&gt;&lt;script&gt;x"' in html
    assert "<script>x" not in html


def test_search_without_words_explains_itself(browse: Browse) -> None:
    for path in ("/search", "/search?q=", "/search?q=++"):
        html = browse().get(path).text
        assert "Type words of a headline" in html
        assert wire(html) == []
