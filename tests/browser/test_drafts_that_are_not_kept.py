"""A draft that the server refuses stays in the browser, and its writer is told once."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from app.drafts.models import DRAFTS_MAX
from tests.browser.conftest import BRIEF, Live, Person

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
HERE = f"/articles/{BRIEF}"
WHO = "demo_editor"
OF_WHO = "user_id = (SELECT id FROM users WHERE name = ?)"


@pytest.fixture
def full(live: Live) -> Iterator[None]:
    """All drafts that one person may have, in boxes of no page."""
    with closing(sqlite3.connect(live.instance / "botbeat.sqlite3", timeout=30)) as file:
        rows = [(f"a-0-c-{number}", WHO) for number in range(DRAFTS_MAX)]
        now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
        with file:
            file.executemany(
                "INSERT INTO drafts (user_id, draft_key, article_id, body, updated_at) "
                f"SELECT users.id, ?, (SELECT min(id) FROM articles), 'x', {now} "
                "FROM users WHERE name = ?",
                rows,
            )
        yield
        with file:
            file.execute(f"DELETE FROM drafts WHERE {OF_WHO}", (WHO,))


@pytest.mark.usefixtures("full")
def test_one_draft_too_many_stays_in_the_browser_and_is_said_once(visit: Visit, live: Live) -> None:
    person = visit(WHO)
    person.expect_message("status of 422")
    page = person.open(HERE)
    box = page.get_by_label("Add a comment")
    note = page.locator("#compose-unsaved")
    for words in ("One draft too many", ", typed on"):
        with page.expect_response(re.compile(r"/drafts$")) as answer:
            box.press_sequentially(words)
        assert answer.value.status == 422
        expect(note).to_contain_text(f"You have {DRAFTS_MAX} drafts already")
        expect(note).to_contain_text("kept in this browser only")
    expect(note).to_have_count(1)
    expect(box).to_be_focused()
    page.reload()
    expect(box).to_have_value("One draft too many, typed on")
    with closing(sqlite3.connect(live.instance / "botbeat.sqlite3", timeout=30)) as file, file:
        file.execute(f"DELETE FROM drafts WHERE {OF_WHO} AND draft_key = 'a-0-c-7'", (WHO,))
    with page.expect_response(re.compile(r"/drafts$")) as answer:
        box.press_sequentially(".")
    assert answer.value.status == 204
    expect(note).to_have_count(0)


@pytest.mark.usefixtures("full")
def test_without_javascript_the_preview_says_it_and_holds_the_text(visit: Visit) -> None:
    page = visit(WHO, js=False).open(HERE)
    page.get_by_label("Add a comment").fill("Looked at *before* sending.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview em").first).to_have_text("before")
    expect(page.locator("#compose-unsaved")).to_contain_text("in this box only")
    expect(page.get_by_label("Add a comment")).to_have_value("Looked at *before* sending.")
