"""The whole of taking part without a mouse: every step is a key, and the focus is never lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person
from tests.browser.scenes import ACTS

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]

# A focus that can be seen: a ring of its own, or one around the box or the comment that holds it.
HAS_A_RING = """() => {
    for (let item = document.activeElement; item; item = item.parentElement) {
        const style = getComputedStyle(item);
        if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) return true;
    }
    return false;
}"""


def expect_focus(page: Page, selector: str) -> None:
    """Assert that the focus is there, can be seen, and is in view."""
    expect(page.locator(selector)).to_be_focused()
    assert page.evaluate(HAS_A_RING), selector
    expect(page.locator(selector)).to_be_in_viewport()


def tab_to(page: Page, selector: str, key: str = "Tab", most: int = 60) -> None:
    """Press Tab until the focus is there; it may never fall out of the page on its way."""
    for _ in range(most):
        page.keyboard.press(key)
        place = page.evaluate("document.activeElement.tagName")
        assert place != "BODY", f"on the way to {selector}"
        if page.locator(f"{selector}:focus").count():
            expect_focus(page, selector)
            return
    raise AssertionError(f"{selector} is not reached by {most} times {key}")


def test_posting_replying_voting_closing_and_reporting(visit: Visit, scenes: Scenes) -> None:
    person, other = visit("finch"), scenes[ACTS]["t12"]
    page = person.open(f"/c/{other}")
    keys = page.keyboard
    expect_focus(page, f"#c-{other}-heading")  # a linked comment has it from the start

    # Past the head of the page to the box: to write there, look at it, and send it.
    page = person.open(f"/articles/{ACTS}")
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to comments")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#comments")).to_be_focused()
    tab_to(page, "#compose-body")
    keys.type("Typed without a *mouse*.")
    tab_to(page, "#compose-preview-button")
    keys.press("Space")
    expect(page.locator("#compose-preview em")).to_have_text("mouse")
    expect_focus(page, "#compose-preview-button")
    tab_to(page, "#compose-post")
    keys.press("Enter")
    mine = page.locator("#thread > .comment", has_text="Typed without a mouse.").first
    expect(mine).to_be_visible()
    number = str(mine.get_attribute("id"))
    expect_focus(page, f"#{number}-heading")

    # On to somebody else's thread: close it, open it, vote, take it back.
    keys.press("J")
    expect(page.locator(f"#{number}-heading")).not_to_be_focused()
    first = str(page.evaluate("document.activeElement.id")).removesuffix("-heading")
    expect_focus(page, f"#{first}-heading")
    tab_to(page, f"#{first} > article > .comment-content > summary")
    keys.press("Enter")
    expect(page.locator(f"#{first}-body")).to_be_hidden()
    keys.press("Space")
    expect(page.locator(f"#{first}-body")).to_be_visible()
    tab_to(page, f"#{first}-upvote")
    keys.press("Space")
    expect(page.locator(f"#{first}-upvote")).to_have_attribute("aria-pressed", "true")
    expect_focus(page, f"#{first}-upvote")
    keys.press("Enter")
    expect(page.locator(f"#{first}-upvote")).to_have_attribute("aria-pressed", "false")
    expect_focus(page, f"#{first}-upvote")

    # Reply, and leave a second reply by Cancel.
    tab_to(page, f"#{first}-reply")
    keys.press("Enter")
    expect_focus(page, f"#{first}-form-body")
    keys.type("Answered by keys.")
    keys.press("Control+Enter")
    reply = page.locator(f"#{first}-replies > .comment", has_text="Answered by keys.")
    expect(reply).to_be_visible()
    expect_focus(page, f"#{reply.get_attribute('id')}-heading")
    keys.press("p")
    expect_focus(page, f"#{first}-heading")
    keys.press("r")
    expect_focus(page, f"#{first}-form-body")
    tab_to(page, f"#{first}-slot [data-cancel]")
    keys.press("Enter")
    expect_focus(page, f"#{first}-reply")

    # Report; and save by the menu, which Escape closes.
    tab_to(page, f"#{first}-report")
    keys.press("Enter")
    expect_focus(page, f"#{first}-report-heading")
    tab_to(page, f"#{first}-reason-1")
    keys.press("ArrowDown")
    expect(page.locator(f"#{first}-reason-2")).to_be_checked()
    tab_to(page, f"#{first}-report-send")
    keys.press("Enter")
    expect_focus(page, f"#{first}-report")
    expect(page.locator(f"#{first}-slot")).to_contain_text("Report sent.")
    menu = f"#{first}-acts"
    tab_to(page, menu)
    keys.press("Enter")
    expect(page.locator(f"#{first}-save")).to_be_visible()
    expect_focus(page, menu)
    tab_to(page, f"#{first}-save")
    keys.press("Space")
    expect(page.locator(f"#{first}-save")).to_have_attribute("aria-pressed", "true")
    expect_focus(page, f"#{first}-save")
    keys.press("Escape")
    expect_focus(page, menu)
    expect(page.locator(f"#{first}-save")).to_be_hidden()


def test_editing_and_deleting_by_keys(visit: Visit, scenes: Scenes) -> None:
    person = visit("heron")
    number = person.post(ACTS, "To be edited by keys.")
    page = person.open(f"/c/{number}")
    keys = page.keyboard
    tab_to(page, f"#c-{number}-edit")
    keys.press("Enter")
    expect_focus(page, f"#c-{number}-edit-form-body")
    keys.press("Control+a")
    keys.type("Edited by keys.")
    keys.press("Control+Enter")
    expect(page.locator(f"#c-{number}-body")).to_have_text("Edited by keys.")
    expect_focus(page, f"#c-{number}-heading")
    tab_to(page, f"#c-{number}-history")
    keys.press("Enter")
    expect_focus(page, f"#c-{number}-history-heading")
    tab_to(page, f"#c-{number}-slot [data-cancel]")
    keys.press("Enter")
    expect_focus(page, f"#c-{number}-history")
    tab_to(page, f"#c-{number}-delete")
    keys.press("Enter")
    expect_focus(page, f"#c-{number}-ask")
    tab_to(page, f"#c-{number}-delete-confirm")
    keys.press("Enter")
    expect_focus(page, f"#c-{number}-undelete")
    keys.press("Enter")
    expect(page.locator(f"#c-{number}-body")).to_have_text("Edited by keys.")
    expect_focus(page, f"#c-{number}-heading")
