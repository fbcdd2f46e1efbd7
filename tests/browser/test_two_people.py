"""Two people at two windows talk to each other: nothing moves by itself, and nothing is missed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BRIEF, Person

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
HERE = f"/articles/{BRIEF}"


def post(page: Page, words: str) -> str:
    page.get_by_label("Add a comment").fill(words)
    page.get_by_role("button", name="Post comment").click()
    new = page.locator("#thread > .comment", has_text=words).first
    expect(new).to_be_visible()
    return str(new.get_attribute("id"))


def look_again(page: Page) -> None:
    """As when the window comes to the front: the page asks what is new."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def look_at_the_thread(page: Page) -> None:
    page.locator("#thread").scroll_into_view_if_needed()
    expect(page.locator("#seen[data-looked]")).to_have_count(1)


def put_away(page: Page) -> None:
    """As when another window covers this one: what was read is noted."""
    with page.expect_response(re.compile(r"/seen$")):
        page.evaluate(
            """() => {
                Object.defineProperty(document, 'hidden', { value: true, configurable: true });
                document.dispatchEvent(new Event('visibilitychange'));
            }"""
        )


def test_a_talk_in_two_windows(visit: Visit) -> None:
    anna, ben = visit("demo_reader").open(HERE), visit("demo_editor").open(HERE)
    first = post(anna, "A claim to be answered.")

    # He is told, and nothing has moved.
    shown = ben.locator("#thread > .comment").count()
    look_again(ben)
    expect(ben.locator("#new-comments-bar")).to_have_text("1 new comment — show")
    expect(ben.locator("#live")).to_have_text("1 new comment")
    assert ben.locator("#thread > .comment").count() == shown
    ben.locator("#new-comments-bar").click()
    expect(ben.locator(f"#{first}-heading")).to_be_focused()
    expect(ben.locator("#new-comments-bar")).to_be_hidden()

    # He answers, naming her; she is told where, in its thread.
    ben.locator(f"#{first}-reply").click()
    box = ben.locator(f"#{first}-form-body")
    expect(box).to_be_focused()
    box.press_sequentially("Agreed, @demo_r")
    expect(ben.get_by_role("option", name="demo_reader")).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("Agreed, @demo_reader ")
    box.press("Control+Enter")
    answer = ben.locator(f"#{first}-replies > .comment").first
    expect(answer).to_contain_text("Agreed, @demo_reader")
    reply = str(answer.get_attribute("id"))

    look_again(anna)
    told = anna.locator(f"#{first}-new")
    expect(told).to_have_text("1 new reply — show")
    expect(anna.locator(f"#{reply}")).to_have_count(0)
    told.click()
    expect(anna.locator(f"#{reply}-body")).to_contain_text("Agreed")
    expect(told).to_have_count(0)

    # She votes for it, and he sees the vote on his next page.
    anna.locator(f"#{reply}-upvote").click()
    expect(anna.locator(f"#{reply}-upvote")).to_have_attribute("aria-pressed", "true")

    # He edits; on her next page it says so, and shows what changed.
    ben.locator(f"#{reply}-edit").click()
    ben.locator(f"#{reply}-edit-form-body").fill("Agreed in part, @demo_reader.")
    ben.locator(f"#{reply}-edit-form-post").click()
    expect(ben.locator(f"#{reply}-body")).to_contain_text("in part")
    anna.reload()
    anna.locator(f"#{reply}-history").click()
    expect(anna.locator(f"#{reply}-slot ins").first).to_contain_text("in part")

    # She finds the answer in her activity.
    anna.goto(anna.url.split("/articles")[0] + "/activity")
    expect(anna.get_by_role("main")).to_contain_text("Agreed in part")

    # He deletes, thinks better of it, and it is there again.
    ben.locator(f"#{reply}-delete").click()
    ben.locator(f"#{reply}-delete-confirm").click()
    expect(ben.locator(f"#{reply}-undelete")).to_be_focused()
    expect(ben.locator("#live")).to_have_text("Comment deleted")
    anna.goto(anna.url.split("/activity")[0] + HERE)
    expect(anna.locator(f"#{reply}")).to_have_count(0)
    ben.locator(f"#{reply}-undelete").click()
    expect(ben.locator(f"#{reply}-body")).to_contain_text("in part")
    anna.reload()
    expect(anna.locator(f"#{reply}-body")).to_contain_text("in part")


def test_what_came_while_away_is_marked_and_counted(visit: Visit) -> None:
    anna, ben = visit("demo_reader"), visit("demo_editor")
    page = anna.open(HERE)
    look_at_the_thread(page)
    put_away(page)
    words = post(ben.open(HERE), "Written while she was away.")
    page = anna.open(HERE)
    expect(page.locator("#new-count")).to_have_text(re.compile("^1 new"))
    expect(page.locator(f"#{words}")).to_have_class(re.compile("is-new"))
    page.keyboard.press("n")
    expect(page.locator(f"#{words}-heading")).to_be_focused()
    page.locator("#new-count").click()
    expect(page.locator("#one-thread")).to_contain_text("Only what is new")
    expect(page.locator("#thread .comment.is-new")).to_have_count(1)
    page.locator("#mark-read").click()
    expect(page.locator("#live")).to_have_text("All read")
    expect(page.locator(".is-new")).to_have_count(0)


def test_the_poll_slows_down_and_stops(visit: Visit) -> None:
    person = visit()
    person.page.clock.install()
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    page = person.open(HERE)

    def polls() -> int:
        return len([url for url in asked if "/new?since=" in url])

    page.clock.run_for(20_500)
    assert polls() == 1
    page.clock.run_for(10 * 60_000)
    in_ten_minutes = polls()
    assert 4 <= in_ten_minutes <= 9
    page.clock.run_for(60 * 60_000)
    in_an_hour = polls()
    page.clock.run_for(60 * 60_000)
    assert polls() == in_an_hour


def test_following_a_link_to_one_comment_does_not_mark_the_others_read(visit: Visit) -> None:
    anna, ben = visit("demo_reader"), visit("demo_editor")
    look_at_the_thread(anna.open(HERE))
    put_away(anna.page)
    talk = ben.open(HERE)
    one, two = post(talk, "The one that she is led to."), post(talk, "The one that she is not.")
    anna.open(f"/c/{one.removeprefix('c-')}").locator("#thread").scroll_into_view_if_needed()
    anna.open("/about")
    page = anna.open(HERE)
    expect(page.locator(f"#{two}")).to_have_class(re.compile("is-new"))
    expect(page.locator("#new-count")).to_have_text(re.compile("^2 new"))


def test_what_is_new_is_not_put_into_a_list_where_it_does_not_belong(visit: Visit) -> None:
    anna, ben = visit("demo_reader").open(f"{HERE}?show=staff"), visit("demo_editor").open(HERE)
    new = post(ben, "Told to somebody who reads a part.")
    look_again(anna)
    expect(anna.locator("#new-comments-bar")).to_have_text("1 new comment — show")
    anna.locator("#new-comments-bar").click()
    expect(anna.locator("#one-thread")).to_contain_text("Only what is new")
    expect(anna.locator(f"#{new}")).to_be_visible()
