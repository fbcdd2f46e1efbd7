"""Writing: what the box helps with, and what it tells before and instead of posting."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Person
from tests.browser.scenes import ACTS, EMPTY, SLOW

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]
HERE = f"/articles/{ACTS}"
both = pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])


def box_of(page: Page) -> Locator:
    return page.get_by_label("Add a comment")


def begin(person: Person, path: str = f"/articles/{EMPTY}") -> Locator:
    """Return the empty box with its tools, which come when somebody enters it."""
    page = person.open(path)
    box_of(page).focus()
    expect(page.get_by_role("group", name="Formatting")).to_be_visible()
    box_of(page).fill("")  # what another test left of this person comes back as a draft
    return box_of(page)


def marked(box: Locator) -> str:
    return str(box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)"))


def test_the_buttons_put_markdown_around_what_is_marked(visit: Visit, scenes: Scenes) -> None:
    box = begin(visit("stork"))
    page = box.page
    for label, before, chosen, after in (
        ("Bold", "word", "word", "**word**"),
        ("Italic", "word", "word", "*word*"),
        ("Code", "word", "word", "`word`"),
        ("Quote", "one\ntwo", "> one\n> two", "> one\n> two"),
        ("Code", "one\ntwo", "one\ntwo", "```\none\ntwo\n```"),
        ("Link", "https://example.org", "text", "[text](https://example.org)"),
        ("Link", "word", "", "[word](https://)"),
        ("Bold", "", "bold", "**bold**"),
    ):
        box.fill(before)
        box.select_text()
        page.get_by_role("button", name=label, exact=True).click()
        expect(box).to_have_value(after)
        expect(box).to_be_focused()
        assert marked(box) == chosen
    page.keyboard.press("Control+z")  # the browser's own undo takes it back
    expect(box).to_have_value("")


@both
def test_the_box_of_a_visitor_posts_nothing_by_itself(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    page = visit(js=js).open(f"/articles/{EMPTY}")
    expect(page.locator("#thread-empty")).to_have_text("No comments yet. Be the first.")
    expect(page.locator("#compose-stranger")).to_contain_text("You write first")
    expect(page.get_by_role("button", name="Preview")).to_have_count(0)


def test_a_marked_sentence_becomes_a_quote_in_the_reply(visit: Visit, scenes: Scenes) -> None:
    comment = scenes[ACTS]["t7"]
    page = visit("stork").open(f"/c/{comment}")
    page.locator(f"#c-{comment}-body p").select_text()
    page.locator(f"#c-{comment}-reply").click()
    box = page.locator(f"#c-{comment}-form-body")
    quote = "> Opinion number 7, with some weight. A second sentence follows.\n\n"
    expect(box).to_have_value(quote)
    expect(box).to_be_focused()
    page.keyboard.type("I doubt it.")
    expect(box).to_have_value(f"{quote}I doubt it.")


def test_a_name_is_completed_by_keyboard_and_by_mouse(visit: Visit, scenes: Scenes) -> None:
    person = visit("lark")
    person.post(ACTS, "Lark takes part.")
    visit("wren", js=False).post(ACTS, "Wren takes part too.")
    visit("demo_editor", js=False).post(ACTS, "The newsroom reads along.")
    box = begin(person, HERE)
    page, names = box.page, box.page.get_by_role("listbox", name="People in this discussion")
    box.press_sequentially("Ask @")
    expect(names).to_be_visible()
    options = names.get_by_role("option")
    found = options.all_text_contents()
    assert {"wren", "demo_editor"} <= set(found)
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(options.nth(1).get_attribute("id")))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # around to the last
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(names).to_be_hidden()
    expect(box).to_be_focused()
    expect(box).to_have_value("Ask @")
    box.press_sequentially("wr")
    expect(options).to_have_text(["wren"])
    page.keyboard.press("Enter")
    expect(box).to_have_value("Ask @wren ")
    box.press_sequentially("or @demo_e")
    names.get_by_role("option", name="demo_editor").click()
    expect(box).to_have_value("Ask @wren or @demo_editor ")
    expect(box).to_be_focused()
    expect(names).to_be_hidden()


def test_the_counter_appears_when_500_characters_are_left(visit: Visit, scenes: Scenes) -> None:
    box = begin(visit("stork"))
    page, counter = box.page, box.page.locator("#compose [data-counter]")
    most = int(str(box.get_attribute("data-max")))
    box.fill("x" * (most - 501))
    expect(counter).to_be_empty()
    page.keyboard.press("End")
    box.press("y")
    expect(counter).to_have_text("500 left")
    box.fill("é" * most + "👍🏽")  # counted as the server counts
    expect(counter).to_have_text("2 too long")
    expect(counter).to_have_class(re.compile("over"))
    expect(page.locator("#live")).to_have_text("The comment is too long.")


def test_control_and_enter_send_and_enter_alone_does_not(visit: Visit, scenes: Scenes) -> None:
    person = visit("stork")
    box = begin(person, HERE)
    box.press_sequentially("A line")
    box.press("Enter")
    box.press_sequentially("and another.")
    expect(box).to_have_value("A line\nand another.")
    box.press("Control+Enter")
    expect(person.page.locator("#live")).to_have_text("Comment posted")
    expect(person.page.locator("#thread > .comment").first).to_contain_text("and another.")


@both
def test_a_nudge_asks_once_with_two_ways_on(visit: Visit, scenes: Scenes, js: bool) -> None:
    person, suffix = visit("stork", js=js), "THIS WAY" if js else "THAT WAY"
    person.expect_message("status of 4[0-9]{2}|Response Status Error Code 4[0-9]{2}")
    words = f"WHY DOES NOBODY EVER LISTEN TO WHAT WE SAY HERE, {suffix}"
    page = person.open(HERE)
    box_of(page).fill(words)
    page.get_by_role("button", name="Post comment").click()
    nudge = page.locator("#compose-nudge")
    expect(nudge).to_contain_text("Much of this is in capitals")
    expect(box_of(page)).to_have_value(words)
    if js:
        expect(box_of(page)).to_be_focused()
        expect(page.locator("#live")).to_contain_text("Much of this is in capitals")
    page.locator("#compose-again").click()
    expect(box_of(page)).to_be_focused()
    page.get_by_role("button", name="Post anyway").click()
    expect(page.locator(".comment-body", has_text=words).first).to_be_visible()


@both
def test_a_nudge_is_gone_when_the_text_was_changed(visit: Visit, scenes: Scenes, js: bool) -> None:
    person, suffix = visit("stork", js=js), "js" if js else "plain"
    person.expect_message("status of 4[0-9]{2}|Response Status Error Code 4[0-9]{2}")
    words = f"The same thing twice, {suffix}."
    person.post(ACTS, words)
    page = person.open(HERE)
    box_of(page).fill(words)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("#compose-nudge")).to_contain_text("You posted the same text before.")
    box_of(page).fill(f"Something else, {suffix}.")
    page.get_by_role("button", name="Post anyway").click()
    expect(
        page.locator(".comment-body", has_text=f"Something else, {suffix}.").first
    ).to_be_visible()


@both
def test_slow_mode_and_closing_are_told_before_one_writes(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    person = visit("stork" if js else "finch", js=js)
    person.expect_message("status of 429|Response Status Error Code 429")
    person.live.flask("articles", "discussion", SLOW, "--slow", "60", "--close-after", "300")
    try:
        page = person.open(f"/articles/{SLOW}")
        told = page.locator("#compose-slow")
        expect(told).to_contain_text("This discussion is in slow mode: one comment every 60 s")
        expect(told).not_to_contain_text("You can post again")
        expect(page.locator("#closing")).to_contain_text(
            re.compile(r"^Comments close on \d{4}-\d\d-\d\d, in \d+ days")
        )
        person.post(SLOW, f"Slowly spoken, {js}.")
        page = person.open(f"/articles/{SLOW}")
        expect(told).to_contain_text(re.compile(r"You can post again in \d+ s"))
        box_of(page).fill("Too soon.")
        page.get_by_role("button", name="Post comment").click()
        expect(page.locator("#compose-error")).to_contain_text("slow mode. Next comment in")
        expect(box_of(page)).to_have_value("Too soon.")
    finally:
        person.live.flask("articles", "discussion", SLOW, "--slow", "0", "--close-after", "0")


def test_the_box_leads_to_help_that_says_what_is_offered(visit: Visit, scenes: Scenes) -> None:
    page = visit().open(f"/articles/{EMPTY}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Markdown help").click()
    expect(opened.value.get_by_role("main")).to_contain_text("images")
