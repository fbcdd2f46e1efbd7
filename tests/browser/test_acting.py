"""Acting in place: what is swapped, where the focus lands, and what is said aloud."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BRIEF, Person

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]


def post(page: Page, words: str) -> str:
    """Post a comment in place; returns its number."""
    page.get_by_label("Add a comment").fill(words)
    page.get_by_role("button", name="Post comment").click()
    new = page.locator("#thread > .comment", has_text=words).first
    expect(new).to_be_visible()
    return str(new.get_attribute("id")).removeprefix("c-")


def test_posting_puts_the_comment_on_top_and_empties_the_box(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{BRIEF}")
    count = page.locator("#comment-count").inner_text()
    number = post(page, "Posted in place.")
    expect(page.locator(f"#c-{number}-heading")).to_be_focused()
    expect(page.locator("#live")).to_have_text("Comment posted")
    expect(page.locator("#comment-count")).not_to_have_text(count)
    expect(page.get_by_label("Add a comment")).to_have_value("")


def test_a_refused_comment_is_told_in_the_box_that_keeps_the_text(visit: Visit) -> None:
    person = visit("demo_reader")
    person.expect_message("status of 422|Response Status Error Code 422")
    page = person.open(f"/articles/{BRIEF}")
    long = "word " * 1_100
    page.get_by_label("Add a comment").fill(long)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("#compose-error")).to_contain_text("characters too long")
    expect(page.get_by_label("Add a comment")).to_have_value(long)
    expect(page.get_by_label("Add a comment")).to_be_focused()


def test_an_edit_is_left_by_cancel_and_saved_in_place(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{BRIEF}")
    number = post(page, "Before the edit.")
    box, body = page.locator(f"#c-{number}-edit-form-body"), page.locator(f"#c-{number}-body")
    page.locator(f"#c-{number}-edit").click()
    expect(box).to_be_focused()  # the caret is put at its end, which would part the new words
    box.fill("Something else")
    page.locator(f"#c-{number}-edit-form").get_by_role("link", name="Cancel").click()
    expect(body).to_have_text("Before the edit.")
    page.locator(f"#c-{number}-edit").click()
    expect(box).to_be_focused()
    box.fill("After the edit.")
    page.locator(f"#c-{number}-edit-form-post").click()
    expect(body).to_have_text("After the edit.")
    expect(page.locator(f"#c-{number}-head")).to_contain_text("edited")


def test_a_long_comment_is_cut_but_not_while_and_after_its_author_edits_it(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{BRIEF}")
    number = post(page, "\n\n".join(f"Line {n} of fifty." for n in range(50)))
    body, more = page.locator(f"#c-{number}-body"), page.locator(f"#c-{number}-body + .read-more")
    page.reload()
    expect(more).to_be_visible()
    page.locator(f"#c-{number}-edit").click()
    box = page.locator(f"#c-{number}-edit-form-body")
    expect(box).to_be_focused()
    expect(page.locator(f"#c-{number} .read-more")).to_be_hidden()
    box.fill(box.input_value() + " Indeed.")
    page.locator(f"#c-{number}-edit-form-post").click()
    expect(body).to_contain_text("Line 49 of fifty. Indeed.")
    expect(body).not_to_have_class(re.compile("is-long"))
    expect(page.locator(f"#c-{number} .read-more")).to_be_hidden()


def test_deleting_asks_and_leaves_a_way_back(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{BRIEF}")
    count = page.locator("#comment-count").inner_text()
    number = post(page, "Soon deleted.")
    page.locator(f"#c-{number}-delete").click()
    page.locator(f"#c-{number}-delete-confirm").click()
    expect(page.locator(f"#c-{number}-body")).to_have_text("[deleted by its author]")
    expect(page.locator(f"#c-{number}-actions")).to_contain_text("for 10 minutes")
    expect(page.locator("#comment-count")).to_have_text(count)
    page.reload()  # its author still finds the way back; nobody else finds anything
    expect(page.locator(f"#c-{number}-undelete")).to_be_visible()
    page = visit().open(f"/articles/{BRIEF}?sort=newest")
    expect(page.locator("#thread")).not_to_contain_text("Soon deleted.")
    expect(page.locator(f"#c-{number}")).to_have_count(0)


def test_a_draft_is_there_again_after_the_window_was_closed(visit: Visit) -> None:
    person = visit("demo_reader")
    page = person.open(f"/articles/{BRIEF}")
    page.get_by_label("Add a comment").fill("Half a thought")
    page.get_by_label("Add a comment").blur()
    page.reload()
    expect(page.get_by_label("Add a comment")).to_have_value("Half a thought")
    expect(page.locator("[data-draft-note]").first).to_contain_text("restored")


def test_user_text_cannot_act_through_htmx(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{BRIEF}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    number = post(page, "Harmless.")
    page.evaluate(
        """id => {
            const box = document.getElementById(id);
            const evil = document.createElement('div');
            evil.setAttribute('hx-get', '/stolen');
            evil.setAttribute('hx-trigger', 'load');
            box.append(evil);
            window.htmx.process(box);
        }""",
        f"c-{number}-body",
    )
    page.get_by_role("link", name="Newest").click()
    expect(page.locator("#sort-newest")).to_have_attribute("aria-current", "true")
    assert not [url for url in asked if "stolen" in url]


def test_back_leads_to_the_list_that_the_reader_came_from(visit: Visit) -> None:
    page = visit().open("/topics/open-source")
    page.locator(".wire h3 a").first.click()
    page.get_by_role("link", name="Back", exact=True).click()
    expect(page).to_have_url(re.compile(r"/topics/open-source$"))
