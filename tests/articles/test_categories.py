"""Categories by the site's commands: made, renamed and listed; a fresh site needs one."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app import clock
from app.articles import operations
from app.articles.models import Article, Category
from app.db.base import db
from tests.commands import refused, run
from tests.conftest import Browser, make_article, story
from tests.web.routes import snapshot

Flasks = Callable[..., Result]


@pytest.fixture
def flask(site: Flask) -> Flasks:
    return partial(run, site)


def test_the_first_story_of_an_empty_site_is_published(empty: Flask, tmp_path: Path) -> None:
    file = tmp_path / "story.json"
    story = {
        "headline": "First story",
        "organisation": "Us",
        "category": "Press & more",
        "published_at": clock.now().isoformat(),
        "summary": "Hello.",
    }
    file.write_text(json.dumps(story))
    with empty.app_context():
        told = run(empty, "articles", "import", str(file))
        remedy = "there are none yet: make it with `flask categories add 'Press & more'`"
        refused(told, remedy)
        made = run(empty, "categories", "add", "Press & more", "--description", "What we print.")
        assert made.output == "Made Press & more: /categories/press-more\n"
        assert run(empty, "articles", "import", str(file)).exit_code == 0
    assert Browser(empty).get("/articles/first-story").status_code == 200
    page = Browser(empty).get("/categories/press-more").text
    assert "What we print." in page
    assert "First story" in page


def test_categories_are_listed_in_their_order(flask: Flasks, site: Flask) -> None:
    flask("categories", "add", "Opinion", "--position", "0")
    flask("categories", "add", "  Open \u202e  Source!  ")
    make_article("draft", status="draft", published_at=None)
    assert flask("categories", "list").output.splitlines() == [
        "0\tResearch\tresearch\t2",
        "0\tOpinion\topinion\t0",
        "1\tPolicy\tpolicy\t0",
        "2\tOpen Source!\topen-source\t0",
    ]
    assert "category=open-source" in Browser(site).get("/").text


def test_a_slug_is_free_and_made_of_the_name(flask: Flasks) -> None:
    made = [flask("categories", "add", name).output for name in ("C", "C++", "研究", "政策")]
    slugs = [line.strip().rpartition("/")[2] for line in made]
    assert slugs == ["c", "c-2", "category", "category-2"]


NAMES = [
    ("", "has 1 to 80 characters"),
    (" \u200b\x00 ", "has 1 to 80 characters"),
    ("x" * 81, "has 1 to 80 characters"),
    ("research", "There is a category 'Research' already."),
    ("ＲＥＳＥＡＲＣＨ", "There is a category 'Research' already."),
]


def test_a_name_that_cannot_be_is_refused_and_nothing_changes(flask: Flasks) -> None:
    before, wrong = snapshot(), []
    for name, sentence in NAMES:
        for command in (("add", name), ("rename", "Policy", name)):
            told = flask("categories", *command)
            if told.exit_code != 1 or sentence not in told.output:
                wrong.append((command, told.output))
    refused(flask("categories", "rename", "Sport", "X"), "There is no category 'Sport'", "Policy")
    refused(flask("categories", "add", "X", "--position", "1000"), "from 0 to 999")
    refused(flask("categories", "add", "X", "--position", "-1"), "from 0 to 999")
    refused(flask("categories", "add", "X", "--description", "x" * 301), "has 300 characters")
    assert wrong == []
    assert snapshot() == before


def test_there_is_an_end_to_categories(flask: Flasks) -> None:
    for number in range(operations.CATEGORIES_MAX - 2):
        db.session.add(Category(name=f"Number {number}", slug=f"number-{number}", position=999))
    db.session.commit()
    refused(flask("categories", "add", "One more"), "the front page holds no more")
    assert flask("categories", "rename", "Number 7", "Another name").exit_code == 0


def test_a_renamed_category_keeps_its_articles_and_address_and_pages_follow(
    flask: Flasks, site: Flask
) -> None:
    visitor, member = Browser(site), Browser(site, "rhea")
    pages = ("/", "/articles/story", "/categories/research")
    for browser in (visitor, member):
        assert all("Research" in browser.get(page).text for page in pages)
    told = flask("categories", "rename", "RESEARCH", "Science")
    assert told.output == "It is Science now: /categories/research\n"
    for browser in (visitor, member):
        for page in pages:
            text = browser.get(page).text
            assert "Science" in text
            assert "Research" not in text
    assert story().category.name == "Science"
    assert db.session.query(Article).count() == 1
    # Another writing of its own name is no other category's.
    assert flask("categories", "rename", "science", "SCIENCE").exit_code == 0
