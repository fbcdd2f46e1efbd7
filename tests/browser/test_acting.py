"""Acting in place: what is swapped, where the focus lands, and what is said aloud."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import STORY, Person

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def post(page: Page, words: str) -> str:
    """Post a comment in place; returns its number."""
    page.get_by_label("Add a comment").fill(words)
    page.get_by_role("button", name="Post comment").click()
    new = page.locator("#thread > .c", has_text=words).first
    expect(new).to_be_visible()
    return str(new.get_attribute("id")).removeprefix("c-")


def test_posting_puts_the_comment_on_top_and_empties_the_box(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{STORY}")
    count = page.locator("#cx-n").inner_text()
    number = post(page, "Posted in place.")
    expect(page.locator(f"#c-{number}-h")).to_be_focused()
    expect(page.locator("#live")).to_have_text("Comment posted")
    expect(page.locator("#cx-n")).not_to_have_text(count)
    expect(page.get_by_label("Add a comment")).to_have_value("")


def test_a_refused_comment_is_told_in_the_box_that_keeps_the_text(visit: Visit) -> None:
    person = visit("demo_reader")
    person.expect_message("status of 422|Response Status Error Code 422")
    page = person.open(f"/articles/{STORY}")
    long = "word " * 1_100
    page.get_by_label("Add a comment").fill(long)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("#compose-error")).to_contain_text("characters too long")
    expect(page.get_by_label("Add a comment")).to_have_value(long)
    expect(page.get_by_label("Add a comment")).to_be_focused()
    assert focused(page) == "compose-body"


def test_a_preview_leaves_the_text_and_the_focus_where_they_are(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{STORY}")
    page.get_by_label("Add a comment").fill("It is *important*.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#compose-preview em")).to_have_text("important")
    expect(page.locator("#live")).to_have_text("Preview updated")
    expect(page.get_by_label("Add a comment")).to_have_value("It is *important*.")
    assert focused(page) == "compose-preview-button"


def test_a_reply_opens_below_its_comment_and_cancelling_leads_back(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{STORY}")
    open_to_replies = page.locator("#thread > .c:has([id$='-reply'])")
    comment = str(open_to_replies.first.get_attribute("id"))
    opener = page.locator(f"#{comment}-reply")
    opener.click()
    box = page.locator(f"#{comment}-form-body")
    expect(box).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.locator(f"#{comment}-slot").get_by_role("link", name="Cancel").click()
    expect(box).to_have_count(0)
    expect(opener).to_be_focused()
    opener.click()
    box.fill("A reply in place.")
    page.get_by_role("button", name="Post reply").click()
    expect(page.locator(f"#{comment}-kids")).to_contain_text("A reply in place.")
    expect(page.locator("#live")).to_have_text("Reply posted")
    expect(box).to_have_count(0)
    assert re.fullmatch(r"c-\d+-h", focused(page))


def test_a_vote_keeps_the_focus_and_says_the_score(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{STORY}")
    up = page.locator("#thread > .c .up").first
    ident = str(up.get_attribute("id"))
    up = page.locator(f"#{ident}")
    shown = page.locator(f"#{ident.replace('-up', '-score')}").text_content()
    score = int(str(shown).split()[-1])
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#live")).to_have_text(f"Upvoted, score {score + 1}")
    assert focused(page) == ident
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text(f"Vote taken back, score {score}")


def test_an_edit_is_saved_in_place_and_marked(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{STORY}")
    number = post(page, "Before the edit.")
    page.locator(f"#c-{number}-edit").click()
    box = page.locator(f"#c-{number}-edit-form-body")
    expect(box).to_be_focused()
    box.fill("After the edit.")
    page.locator(f"#c-{number}-edit-form-post").click()
    expect(page.locator(f"#c-{number}-body")).to_have_text("After the edit.")
    expect(page.locator(f"#c-{number}-head")).to_contain_text("edited")
    expect(page.locator(f"#c-{number}-h")).to_be_focused()


def test_cancelling_an_edit_brings_the_text_back(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{STORY}")
    number = post(page, "Not to be changed.")
    page.locator(f"#c-{number}-edit").click()
    page.locator(f"#c-{number}-edit-form-body").fill("Something else")
    page.locator(f"#c-{number}-edit-form").get_by_role("link", name="Cancel").click()
    expect(page.locator(f"#c-{number}-body")).to_have_text("Not to be changed.")


def test_deleting_asks_and_then_takes_the_comment_away(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{STORY}")
    number = post(page, "Soon deleted.")
    page.locator(f"#c-{number}-del").click()
    page.locator(f"#c-{number}-delete").click()
    expect(page.locator(f"#c-{number}")).to_have_count(0)
    expect(page.locator("#live")).to_have_text("Comment deleted")
    expect(page.locator("#cx-h")).to_be_focused()


def test_sorting_swaps_the_threads_and_changes_the_address(visit: Visit) -> None:
    page = visit().open(f"/articles/{STORY}")
    page.get_by_role("link", name="Oldest").click()
    expect(page.locator("#sort-oldest")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"sort=oldest"))
    expect(page.locator("#live")).to_have_text("Sorted by oldest")
    assert focused(page) == "sort-oldest"


def test_more_replies_come_in_place_and_the_first_new_one_is_focused(visit: Visit) -> None:
    page = visit().open(f"/articles/{STORY}")
    more = page.get_by_role("link", name=re.compile(r"Show \d+ more repl")).first
    place = str(more.locator("xpath=../..").get_attribute("id"))
    before = page.locator(f"#{place} > .c").count()
    more.click()
    expect(page.locator(f"#{place} > .c")).not_to_have_count(before)
    expect(page.locator(f"#{place} > .c").nth(before).locator("h3").first).to_be_focused()


def test_a_lost_connection_loses_no_words(visit: Visit) -> None:
    person = visit("demo_reader")
    person.expect_message("Failed to load resource|htmx:(sendError|afterRequest)")
    page = person.open(f"/articles/{STORY}")
    page.get_by_label("Add a comment").fill("Words on a bad line.")
    page.route("**/comments", lambda route: route.abort())
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".toast")).to_contain_text("Nothing was lost")
    expect(page.get_by_label("Add a comment")).to_have_value("Words on a bad line.")
    page.unroute("**/comments")
    page.locator(".toast [data-retry]").click()
    expect(page.locator("#thread")).to_contain_text("Words on a bad line.")


def test_a_draft_is_there_again_after_the_window_was_closed(visit: Visit) -> None:
    person = visit("demo_reader")
    page = person.open(f"/articles/{STORY}")
    page.get_by_label("Add a comment").fill("Half a thought")
    page.get_by_label("Add a comment").blur()
    page.reload()
    expect(page.get_by_label("Add a comment")).to_have_value("Half a thought")
    expect(page.locator("[data-draft-note]").first).to_contain_text("restored")


def test_a_permalink_opens_its_thread_and_offers_all(visit: Visit) -> None:
    page = visit(js=False).open(f"/articles/{STORY}")
    deep = str(page.locator(".kids .kids .c").first.get_attribute("id"))
    page = visit().open(f"/c/{deep.removeprefix('c-')}")
    expect(page.locator(f"#{deep}.is-target")).to_be_in_viewport()
    expect(page.get_by_role("main")).to_contain_text("You are viewing one thread.")
    page.get_by_role("link", name=re.compile("Show all")).click()
    expect(page.locator("#thread > .c")).not_to_have_count(1)


def test_user_text_cannot_act_through_htmx(visit: Visit) -> None:
    page = visit("demo_reader").open(f"/articles/{STORY}")
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
