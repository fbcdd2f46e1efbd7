"""Bringing articles in from JSON: wholly or not at all, every bad field named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.articles.models import Article, Organisation, Topic
from app.db.base import db
from tests.cases import each
from tests.conftest import Browser, say, story
from tests.web.routes import snapshot

Import = Callable[..., Result]
GOOD: dict[str, Any] = {
    "headline": "A model that reads maps",
    "organisation": "Example Lab",
    "category": "Research",
    "published_at": "2026-07-05T11:00:00+02:00",
    "topics": ["Open Source", "Maps"],
    "takeaways": ["It reads maps.", "It gets lost."],
    "source": {"name": "Example News", "url": "https://example.org/maps"},
    "summary": "Some *words*.\n\n- A closing point",
    "opinion": "We like maps.",
    "disclosure": "Written with a machine, read by an editor.",
    "featured": True,
    "comments": {"mode": "open", "close_after_days": 30},
}


@pytest.fixture
def bring(site: Flask, tmp_path: Path) -> Import:
    """`bring(data, "--update")` imports an article; `data` is JSON or the file's very text."""

    def run(data: Any, *options: str) -> Result:
        path = tmp_path / "article.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
        db.session.remove()
        result = site.test_cli_runner().invoke(args=["articles", "import", str(path), *options])
        db.session.remove()
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


def test_a_good_article_is_stored_with_all_its_fields(bring: Import, site: Flask) -> None:
    result = bring(GOOD)
    assert result.output == "Imported as published: /articles/a-model-that-reads-maps\n"
    article = story("a-model-that-reads-maps")
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2026-07-05T09:00:00+00:00"
    assert [topic.name for topic in article.topics] == ["Open Source", "Maps"]
    assert (article.featured, article.close_after_days) == (True, 30)
    assert (article.summary, article.opinion) == (GOOD["summary"], GOOD["opinion"])
    assert "<em>words</em>" in article.summary_html
    text = Browser(site).get("/articles/a-model-that-reads-maps").text
    for shown in (GOOD["headline"], "It gets lost.", "Written with a machine", "Maps"):
        assert shown in text


def test_what_may_be_left_out_gets_its_default(bring: Import) -> None:
    least = {key: GOOD[key] for key in ("headline", "organisation", "category", "summary")}
    assert bring(least | {"status": "draft"}).exit_code == 0
    article = story("a-model-that-reads-maps")
    assert (article.status, article.published_at, article.takeaways) == ("draft", None, [])
    assert (article.comments_mode, article.close_after_days, article.featured) == (
        "open",
        None,
        False,
    )


BAD = [
    ("headline", None, "headline: is missing"),
    ("headline", "x" * 201, "headline: is 1 character too long (at most 200)"),
    ("headline", 7, "headline: must be a text"),
    ("organisation", "", "organisation: is missing"),
    (
        "category",
        "The garden",
        "category: 'The garden' is not one of Policy, Research: "
        "make it with `flask categories add 'The garden'`",
    ),
    ("category", ["Research"], "category: must be a text"),
    ("published_at", None, "published_at: is missing"),
    ("published_at", "yesterday", "published_at: 'yesterday' is not a time like"),
    ("published_at", "2026-07-05T09:00:00", "published_at: needs a zone"),
    ("published_at", "0001-01-01T00:00:00+23:00", "published_at: '0001-01-01"),
    ("status", "withdrawn", "status: must be 'draft', 'scheduled' or 'published'"),
    ("status", [], "status: must be 'draft', 'scheduled' or 'published'"),
    ("slug", "Two Words", "slug: may hold lower-case letters, digits and single hyphens"),
    ("slug", "../etc", "slug: may hold lower-case letters, digits and single hyphens"),
    ("topics", "Maps", "topics: must be a list"),
    ("topics", ["Maps", "Maps"], "topics: names something twice"),
    ("topics", [" "], "topics[1]: is missing"),
    ("topics", [str(n) for n in range(13)], "topics: has 13 entries (at most 12)"),
    ("takeaways", [1], "takeaways[1]: must be a text"),
    ("takeaways", ["x" * 501], "takeaways[1]: is 1 character too long (at most 500)"),
    ("source", "https://example.org", "source: must be an object"),
    ("source", {"link": "x"}, "source.link: is not a known field"),
    ("source", {"url": "javascript:alert(1)"}, "source.url: must begin with http"),
    ("source", {"url": "https://"}, "source.url: must begin with http"),
    ("summary", "", "summary: is missing"),
    ("summary", "x" * 300_000, "summary: is "),
    ("opinion", {}, "opinion: must be a text"),
    ("featured", "yes", "featured: must be true or false"),
    ("comments", {"mode": "shut"}, "comments.mode: must be 'open' or 'closed'"),
    ("comments", {"close_after_days": -1}, "comments.close_after_days: must be 0 or more"),
    ("comments", {"close_after_days": True}, "comments.close_after_days: must be a whole number"),
    ("author", "x", "author: is not a known field"),
]


@each(("field", "value", "sentence"), BAD)
def test_a_bad_field_is_named(bring: Import, field: str, value: Any, sentence: str) -> None:
    result = bring(GOOD | {field: value})
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: nothing was imported:\n  {sentence}")
    assert result.output.count("\n") == 2


def test_all_bad_fields_are_named_in_one_go_and_nothing_is_half_imported(bring: Import) -> None:
    before = snapshot()
    bad = {field: value for field, value, _ in BAD} | {"organisation": "New Lab", "topics": ["New"]}
    result = bring(GOOD | bad)
    assert result.exit_code == 1
    named = {line.strip().partition(":")[0] for line in result.output.splitlines()[1:]}
    assert named >= {"headline", "category", "published_at", "status", "slug", "takeaways[1]"}
    assert named >= {"summary", "opinion", "featured", "comments.close_after_days", "author"}
    assert snapshot() == before


def test_new_organisations_and_topics_are_made_once_with_slugs_of_their_own(bring: Import) -> None:
    bring(GOOD | {"organisation": "Ex, Lab!", "topics": ["C"], "slug": "one"})
    bring(GOOD | {"organisation": "Ex Lab", "topics": ["C++", "C"], "slug": "two"})
    made = {o.name: o.slug for o in db.session.query(Organisation)}
    assert made == {"Example Lab": "example-lab", "Ex, Lab!": "ex-lab", "Ex Lab": "ex-lab-2"}
    assert {t.name: t.slug for t in db.session.query(Topic)}["C++"] == "c-2"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("", "is not readable as JSON"), ("[]", "one JSON object"), ('{"a": NaN', "readable as JSON")],
)
def test_a_file_that_is_no_article_is_told(bring: Import, content: str, sentence: str) -> None:
    result = bring(content)
    assert (result.exit_code, sentence in result.output) == (1, True)


def test_a_slug_that_is_taken_is_refused_without_update(bring: Import) -> None:
    result = bring(GOOD | {"slug": "story"})
    assert result.exit_code == 1
    assert "update the article with --update" in result.output
    assert story().headline == "A story called story"


def test_an_address_that_leads_elsewhere_is_refused(bring: Import, site: Flask) -> None:
    site.test_cli_runner().invoke(args=["articles", "rename", "story", "newer"])
    result = bring(GOOD | {"slug": "story"}, "--update")
    assert "'story' leads to another article already" in result.output
    assert db.session.query(Article).count() == 1


def test_an_update_keeps_the_address_and_the_discussion(bring: Import, site: Flask) -> None:
    comment_id, before = say("rhea", "Words that stay").id, story()
    number, version = before.id, before.version
    assert bring(GOOD | {"slug": "story", "topics": ["Maps"]}, "--update").exit_code == 0
    after = story()
    assert (after.id, after.headline, after.comment_count) == (number, GOOD["headline"], 1)
    assert after.version > version
    assert [topic.name for topic in after.topics] == ["Maps"]
    text = Browser(site).get("/articles/story").text
    assert "Words that stay" in text
    assert f'id="c-{comment_id}"' in text


def test_markdown_of_an_article_is_cleaned_too(bring: Import, site: Flask) -> None:
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    bring(GOOD | {"summary": evil, "opinion": evil, "disclosure": evil, "takeaways": [evil]})
    text = Browser(site).get("/articles/a-model-that-reads-maps").text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    assert "<img src=x" not in text


def test_letters_that_no_database_holds_are_left_out(bring: Import) -> None:
    assert bring(GOOD | {"headline": "A\x00 model\ud800", "slug": "odd"}).exit_code == 0
    assert story("odd").headline == "A model"
