"""The keys of a discussion: what each does, where they are ignored, and how they are put off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person
from tests.browser.scenes import ACTS, LONG

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]
HERE = f"/articles/{LONG}"


def press(page: Page, *keys: str) -> None:
    """Press them one after another, each when the one before it has done its work."""
    for key in keys:
        page.keyboard.press(key)
        # The first one fetches what the keys do; its promise is kept before this one.
        page.evaluate("import(document.querySelector('script[data-keys]').dataset.keys).then()")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_j_and_k_lead_through_comments_and_capitals_through_threads(
    visit: Visit, scenes: Scenes
) -> None:
    page, talk = visit().open(HERE), scenes[LONG]
    for key, name in (
        ("j", "deep"),  # where no comment has the focus, the first one in view or below it
        ("j", "deep-2"),
        ("j", "deep-3"),
        ("k", "deep-2"),
        ("J", "long"),
        ("k", "deep-6"),  # the last that is shown of the thread above
        ("J", "long"),
        ("K", "deep"),
        ("k", "deep"),  # there is nothing above the first
    ):
        press(page, key)
        assert focused(page) == f"c-{talk[name]}-heading", key
    expect(page.locator(f"#c-{talk['deep']}")).to_be_in_viewport()
    press(page, "Tab")  # reading goes on from there
    expect(page.locator(f"#c-{talk['deep']} :focus")).to_have_count(1)


def test_p_leads_to_what_is_answered_and_x_closes_and_opens(visit: Visit, scenes: Scenes) -> None:
    page, talk = visit().open(HERE), scenes[LONG]
    press(page, "J", "j", "j", "p")
    assert focused(page) == f"c-{talk['deep-2']}-heading"
    press(page, "p")
    assert focused(page) == f"c-{talk['deep']}-heading"
    rest = page.locator(f"#c-{talk['deep']} > article > details")
    press(page, "x")
    expect(page.locator("#live")).to_have_text("Closed")
    expect(rest).not_to_have_attribute("open", "")
    press(page, "j")  # past what is closed
    assert focused(page) != f"c-{talk['deep-2']}-heading"
    press(page, "k", "x")
    expect(page.locator("#live")).to_have_text("Opened")
    expect(rest).to_have_attribute("open", "")
    assert focused(page) == f"c-{talk['deep']}-heading"


def test_r_c_slash_and_question_mark_open_what_they_name(visit: Visit, scenes: Scenes) -> None:
    page, talk = visit().open(HERE), scenes[LONG]
    press(page, "j", "r")
    box = page.locator(f"#c-{talk['deep']}-form-body")
    expect(box).to_be_focused()
    expect(box).to_have_value("")  # the key itself is not typed
    box.blur()
    press(page, "c")
    expect(page.get_by_label("Add a comment")).to_be_focused()
    expect(page.get_by_label("Add a comment")).to_have_value("")
    page.get_by_label("Add a comment").blur()
    press(page, "/")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("")
    page.locator("#q").blur()
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    for key in "jkJKnNpxrc/?":
        expect(dialog.locator("kbd").get_by_text(key, exact=True).first).to_be_visible()
    press(page, "Escape")
    expect(dialog).to_be_hidden()


def test_n_leads_to_what_is_new_and_back(visit: Visit, scenes: Scenes) -> None:
    reader, writer = visit("heron"), visit("lark", js=False)
    page = reader.open(f"/articles/{ACTS}")
    if page.locator("#mark-read").count():
        page.locator("#mark-read").click()
        expect(page.locator("#live")).to_have_text("All read")
    else:
        page.locator("#seen").evaluate("form => form.submit()")
        page.wait_for_url(f"**/{ACTS}#comments")
    older, newer = (writer.post(ACTS, f"{n} for the keys.") for n in ("First", "Second"))
    page = reader.open(f"/articles/{ACTS}?sort=newest")
    for key, focus in (("n", newer), ("n", older), ("N", newer)):
        press(page, key)
        assert focused(page) == f"c-{focus}-heading", key
    press(page, "N")
    expect(page.locator("#live")).to_have_text("No new comments before this one")
    press(page, "n", "n")
    expect(page.locator("#live")).to_have_text("No more new comments")
    assert focused(page) == f"c-{older}-heading"


def test_keys_are_ignored_in_fields_with_modifiers_and_in_dialogs(
    visit: Visit, scenes: Scenes
) -> None:
    page = visit().open(HERE)
    box = page.get_by_label("Add a comment")
    box.focus()
    page.keyboard.type("jkJKnNpxrc/?")
    expect(box).to_have_value("jkJKnNpxrc/?")
    expect(box).to_be_focused()
    box.fill("")
    box.blur()
    for keys in ("Control+j", "Alt+j", "Meta+x"):
        press(page, keys)
        assert focused(page) == "", keys
    press(page, "?", "j", "c")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog').id") == "keys"
    page.get_by_role("button", name="Close").click()
    press(page, "j")
    assert focused(page).startswith("c-")


def test_a_visitor_puts_the_keys_off_for_this_browser(visit: Visit, scenes: Scenes) -> None:
    page = visit().open(HERE)
    page.get_by_role("button", name="Keys", exact=True).click()
    page.get_by_label("Keys are on in this browser").uncheck()
    page.get_by_role("button", name="Close").click()
    for turn in ("at once", "after loading again"):
        page.locator("#main").focus()
        press(page, "j", "?")
        assert focused(page) == "main", turn
        expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
        page.reload()
    page.get_by_role("button", name="Keys", exact=True).click()
    page.get_by_label("Keys are on in this browser").check()
    press(page, "Escape", "j")
    assert focused(page).startswith("c-")


def test_a_member_puts_the_keys_off_in_the_settings(visit: Visit, scenes: Scenes) -> None:
    person = visit("stork")
    for on in (False, True):
        page = person.open("/settings")
        page.get_by_label("Keyboard shortcuts").set_checked(on)
        page.locator("#reading-save").click()
        expect(page.locator("#live")).to_have_text("Saved")
        page = person.open(HERE)
        press(page, "j")
        assert focused(page).startswith("c-") is on
        page.get_by_role("button", name="Keys", exact=True).click()
        switch = page.get_by_label("Keys are on in this browser")
        expect(switch).to_be_enabled(enabled=on)
        expect(page.get_by_role("dialog", name="Keys").get_by_role("link")).to_have_count(1 - on)
