"""No words are ever lost: each test types, breaks something, and finds the text again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import BRIEF, Person

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
HERE = f"/articles/{BRIEF}"
both = pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])


def type_in(page: Page, words: str) -> None:
    page.get_by_label("Add a comment").fill(words)


def send(page: Page) -> None:
    page.get_by_role("button", name="Post comment").click()


def sign_out_elsewhere(person: Person) -> None:
    """End the session while the page stays open, as an expiry does."""
    person.context.clear_cookies()


@both
def test_a_session_that_expired(visit: Visit, js: bool) -> None:
    person = visit("demo_reader", js=js)
    page = person.open(HERE)
    words = f"Typed before the session ended, {js}."
    type_in(page, words)
    sign_out_elsewhere(person)
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.locator("#kept")).to_contain_text("Your comment is kept")
    page.get_by_label("Username").fill("demo_reader")
    page.get_by_label("Password", exact=True).fill(person.live.passwords["demo_reader"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your comment was kept")
    page.get_by_role("link", name="Not now").click()
    page.locator(".masthead .menu summary").click()
    page.get_by_role("link", name="Text not posted yet").click()
    expect(page.get_by_label("Add a comment")).to_have_value(words)
    send(page)
    expect(page.locator(".comment.is-target .comment-body").first).to_have_text(words)
    page = person.open(HERE)
    expect(page.get_by_label("Add a comment")).to_have_value("")
    expect(page.locator(".masthead")).not_to_contain_text("Text not posted yet")


@both
def test_a_stranger_writes_first_and_joins_after(visit: Visit, js: bool) -> None:
    person = visit(js=js)
    page = person.open(HERE)
    words = f"A stranger's first words, {js}."
    type_in(page, words)
    send(page)
    expect(page.locator("#kept")).to_be_visible()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Username").fill(f"stranger_{'js' if js else 'plain'}")
    page.get_by_label("Password", exact=True).fill("a-long-enough-phrase")
    page.get_by_label("I agree to").check()
    page.get_by_role("button", name="Create account").click()
    expect(page.locator(".comment.is-target .comment-body").first).to_have_text(words)


@both
def test_who_comes_next_is_asked_about_the_words_of_a_stranger(visit: Visit, js: bool) -> None:
    person = visit(js=js)
    page = person.open(HERE)
    type_in(page, "Words of the first at this computer.")
    send(page)
    expect(page.locator("#kept")).to_be_visible()
    person.sign_in("demo_moderator")
    expect(page.get_by_label("Add a comment")).to_have_value("Words of the first at this computer.")
    page.get_by_role("button", name="Discard this comment").click()
    page = person.open(HERE)
    expect(page.get_by_label("Add a comment")).to_have_value("")
    expect(page.locator("#compose")).not_to_contain_text("before you signed in")
    expect(page.locator("#thread")).not_to_contain_text("Words of the first")


def test_what_was_typed_and_not_sent_is_offered_after_signing_in(visit: Visit) -> None:
    person = visit()
    page = person.open(HERE)
    type_in(page, "Typed, then signed in.")
    person.sign_in("demo_moderator")
    page = person.open(HERE)
    box = page.get_by_label("Add a comment")
    expect(box).to_have_value("")
    page.get_by_role("button", name="Show what was typed here before you signed in").click()
    expect(box).to_have_value("Typed, then signed in.")
    box.fill("")
    page = person.open(HERE)
    expect(page.locator("#compose")).not_to_contain_text("before you signed in")


@both
def test_refused_by_a_filter(visit: Visit, js: bool) -> None:
    person = visit("demo_reader", js=js)
    person.expect_message("status of 422|Response Status Error Code 422")
    word = f"zorch{'js' if js else 'plain'}"
    person.live.flask("words", "add", "banned", word)
    page = person.open(HERE)
    type_in(page, f"Nothing but {word} here.")
    send(page)
    expect(page.locator("#compose-error")).to_contain_text(word)
    expect(page.get_by_label("Add a comment")).to_have_value(f"Nothing but {word} here.")


def test_a_lost_connection_and_a_retry(visit: Visit) -> None:
    person = visit("demo_reader")
    person.expect_message("Failed to load resource|htmx:(sendError|afterRequest)")
    page = person.open(HERE)
    type_in(page, "Words on a bad line, again.")
    page.route("**/comments", lambda route: route.abort())
    send(page)
    expect(page.locator(".toast")).to_contain_text("No connection. Nothing was lost.")
    expect(page.get_by_label("Add a comment")).to_have_value("Words on a bad line, again.")
    page.unroute("**/comments")
    page.locator(".toast [data-retry]").click()
    expect(page.locator("#thread")).to_contain_text("Words on a bad line, again.")


def test_an_answer_that_was_lost_on_the_way_back_is_not_posted_twice(visit: Visit) -> None:
    person = visit("demo_reader")
    person.expect_message("Failed to load resource|htmx:(sendError|afterRequest)")
    page = person.open(HERE)
    words = "Stored once, though the answer was lost."
    type_in(page, words)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/comments", lose)
    send(page)
    expect(page.locator(".toast")).to_be_visible()
    page.unroute("**/comments")
    page.locator(".toast [data-retry]").click()
    expect(page.locator("#thread > .comment", has_text=words)).to_have_count(1)
    page.goto(page.url + "?sort=newest")
    expect(page.locator("#thread > .comment", has_text=words)).to_have_count(1)


def test_a_server_that_takes_too_long(visit: Visit) -> None:
    person = visit("demo_reader")
    person.expect_message("htmx:(timeout|afterRequest|sendError)|Failed to load resource")
    page = person.open(HERE)
    page.evaluate("window.htmx.config.timeout = 50")
    type_in(page, "Patience.")
    page.route("**/comments", lambda route: None)  # never answered
    send(page)
    expect(page.locator(".toast")).to_contain_text("The server took too long")
    expect(page.get_by_label("Add a comment")).to_have_value("Patience.")
    page.unroute_all(behavior="ignoreErrors")


def test_a_server_error(visit: Visit) -> None:
    person = visit("demo_reader")
    person.expect_message("status of 500|Response Status Error Code 500")
    page = person.open(HERE)
    type_in(page, "Words that broke it.")
    page.route("**/comments", lambda route: route.fulfill(status=500, body="broken"))
    send(page)
    expect(page.locator(".toast")).to_contain_text("Our fault, not yours")
    expect(page.get_by_label("Add a comment")).to_have_value("Words that broke it.")


def test_a_server_error_without_javascript_is_left_by_going_back(visit: Visit) -> None:
    person = visit("demo_reader", js=False)
    person.expect_message("status of 500")
    page = person.open(HERE)
    type_in(page, "Words of a plain form.")
    page.route("**/comments", lambda route: route.fulfill(status=500, body="broken"))
    send(page)
    page.unroute("**/comments")
    page.go_back()
    expect(page.get_by_label("Add a comment")).to_have_value("Words of a plain form.")


@both
def test_an_edit_that_met_a_newer_version(visit: Visit, js: bool) -> None:
    person = visit("demo_reader", js=js)
    person.expect_message("status of 409|Response Status Error Code 409")
    page = person.open(HERE)
    words = f"To be edited twice, {js}."
    type_in(page, words)
    send(page)
    comment = page.locator(".comment", has_text=words).last
    number = str(comment.get_attribute("id")).removeprefix("c-")
    first, second = page, person.context.new_page()
    for window in (first, second):
        window.goto(person.live.url + f"/c/{number}/edit")
    second.locator("textarea").fill("The newer version.")
    second.get_by_role("button", name="Save").click()
    expect(second.locator(f"#c-{number}-body")).to_have_text("The newer version.")
    first.locator("textarea").fill("The other version.")
    first.get_by_role("button", name="Save").click()
    expect(first.locator(".note.danger")).to_contain_text("A newer version was saved")
    expect(first.locator("textarea")).to_have_value("The other version.")


def test_closed_while_writing(visit: Visit) -> None:
    person = visit("demo_reader")
    person.expect_message("status of 403|Response Status Error Code 403")
    slug = "harvey-reaches-11-billion-dollar-valuation"
    page = person.open(f"/articles/{slug}")
    type_in(page, "A moment too late.")
    person.live.flask("articles", "discussion", slug, "--mode", "closed")
    try:
        send(page)
        expect(page.locator("#compose-error")).to_contain_text("closed")
        expect(page.get_by_label("Add a comment")).to_have_value("A moment too late.")
    finally:
        person.live.flask("articles", "discussion", slug, "--mode", "open")


@both
def test_a_double_click_posts_once(visit: Visit, js: bool) -> None:
    page = visit("demo_reader", js=js).open(HERE)
    words = f"Clicked twice, {js}."
    type_in(page, words)
    page.get_by_role("button", name="Post comment").dblclick()
    expect(page.locator(".comment-body", has_text=words).first).to_be_visible()
    page.goto(page.url.split("?")[0].split("#")[0] + "?sort=newest")
    expect(page.locator("#thread > .comment", has_text=words)).to_have_count(1)


def test_the_back_button_finds_what_was_typed(visit: Visit) -> None:
    page = visit("demo_reader").open(HERE)
    type_in(page, "Typed, then wandered off.")
    page.locator(".organisation").click()
    expect(page).to_have_url(re.compile("/organisations/"))
    page.go_back()
    expect(page.get_by_label("Add a comment")).to_have_value("Typed, then wandered off.")


def test_two_tabs_keep_what_was_typed_in_either(visit: Visit) -> None:
    person = visit("demo_reader")
    first, second = person.open(HERE), person.context.new_page()
    second.goto(person.live.url + HERE)
    type_in(first, "From the first tab.")
    with first.expect_event("close"):
        first.close(run_before_unload=True)
    second.reload()
    expect(second.get_by_label("Add a comment")).to_have_value("From the first tab.")


def test_a_draft_follows_its_writer_to_another_device(visit: Visit) -> None:
    page = visit("demo_moderator").open(HERE)
    with page.expect_response(re.compile(r"/drafts$")):
        page.get_by_label("Add a comment").press_sequentially("Begun on the train")
    other = visit("demo_moderator").open(HERE)
    expect(other.get_by_label("Add a comment")).to_have_value("Begun on the train")
    expect(other.locator("[data-draft-note]").first).to_contain_text("restored")
    with other.expect_response(re.compile(r"/drafts/discard$")):
        other.get_by_role("button", name="Discard").click()
    expect(other.get_by_label("Add a comment")).to_have_value("")


def test_without_javascript_a_preview_keeps_the_draft(visit: Visit) -> None:
    person = visit("demo_moderator", js=False)
    page = person.open(HERE)
    type_in(page, "Looked at *before* sending.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview em").first).to_have_text("before")
    page = person.open(HERE)
    expect(page.get_by_label("Add a comment")).to_have_value("Looked at *before* sending.")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Add a comment")).to_have_value("")
