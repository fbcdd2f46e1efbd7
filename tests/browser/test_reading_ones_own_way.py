"""Reading as one likes it: people and words that are muted, and what is new since the last time."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.scenes import ACTS, LONG

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]
HERE = f"/articles/{LONG}"
both = pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])


@both
def test_a_muted_person_is_folded_until_shown_once_or_unmuted(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    person, wren = visit("finch", js=js), scenes[LONG]["wren"]
    page = person.open_menu(wren)
    page.get_by_role("button", name="Mute wren", exact=True).click()
    if js:
        expect(page.locator("#live")).to_have_text("Muted wren")
        expect(page.locator(f"#c-{wren}-mute")).to_be_focused()
    page = person.open(f"{HERE}?sort=newest")
    fold = page.locator(f"#c-{wren}-fold")
    expect(fold.locator("summary").first).to_have_text("Comment from someone you muted. Show once")
    expect(page.locator(f"#c-{wren}-body")).to_be_hidden()
    expect(page.locator(f"#c-{wren}-heading")).to_have_text("Muted comment")
    fold.locator("summary").first.click()
    expect(page.locator(f"#c-{wren}-body")).to_be_visible()
    page.reload()
    expect(page.locator(f"#c-{wren}-body")).to_be_hidden()
    page = person.open("/settings")
    page.get_by_role("button", name="Unmute wren").click()
    if js:
        expect(page.locator("#live")).to_have_text("No longer muted")
    page = person.open(f"{HERE}?sort=newest")
    expect(page.locator(f"#c-{wren}-body")).to_be_visible()


@both
def test_a_muted_word_folds_comments_until_it_is_removed(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    person, comment = visit("finch", js=js), scenes[LONG]["zeppelin"]
    page = person.open("/settings")
    page.get_by_label("Word or phrase").fill("zeppel*")
    page.get_by_label("Last day").fill("2099-12-31")
    page.locator("#words-save").click()
    expect(page.locator("#words-list")).to_contain_text("zeppel* until 2099-12-31")
    page = person.open(HERE)
    fold = page.locator(f"#c-{comment}-fold > summary")
    expect(fold).to_have_text("Comment with a word you muted. Show once")
    expect(page.locator(f"#c-{comment}-body")).to_be_hidden()
    fold.click()
    expect(page.locator(f"#c-{comment}-body")).to_be_visible()
    page = person.open("/settings")
    page.get_by_role("button", name="Remove zeppel*").click()
    expect(page.locator("#words-list")).to_have_text("You have muted no words.")
    page = person.open(HERE)
    expect(page.locator(f"#c-{comment}-body")).to_be_visible()


def test_muting_nobody_and_no_word_is_told_where_it_was_typed(visit: Visit, scenes: Scenes) -> None:
    person = visit("finch")
    person.expect_message("status of 422|Response Status Error Code 422")
    page = person.open("/settings")
    page.get_by_label("Mute a member").fill("nobody-of-this-name")
    page.locator("#people-save").click()
    expect(page.locator("#name-error")).to_contain_text("There is no member with this name.")
    expect(page.get_by_label("Mute a member")).to_have_value("nobody-of-this-name")
    expect(page.get_by_label("Mute a member")).to_be_focused()
    page.get_by_label("Word or phrase").fill("elephant")
    page.get_by_label("Last day").fill("2020-01-01")
    page.locator("#words-save").click()
    expect(page.locator("#until-error")).to_be_visible()
    expect(page.get_by_label("Word or phrase")).to_have_value("elephant")


@both
def test_a_visitor_is_remembered_only_when_they_ask(visit: Visit, scenes: Scenes, js: bool) -> None:
    visitor = visit(js=js)
    page = visitor.open(f"/articles/{ACTS}")
    assert visitor.context.cookies() == []
    page.get_by_role("link", name="Remember where I was").click()
    page.get_by_role("button", name="Remember").click()
    expect(page).to_have_url(re.compile(rf"{ACTS}#comments$"))
    assert "read_marks" in {cookie["name"] for cookie in visitor.context.cookies()}
    expect(page.locator("#remember")).to_have_count(0)
    expect(page.locator("#new-count")).to_have_count(0)

    writer, suffix = visit("heron", js=False), "js" if js else "plain"
    first, second = (writer.post(ACTS, f"Heron's {n}, {suffix}.") for n in ("first", "second"))
    page = visitor.open(f"/articles/{ACTS}")
    expect(page.locator("#new-count")).to_have_text("2 new since you were here")
    page = visitor.open(f"/articles/{ACTS}?sort=newest")
    for number in (first, second):
        expect(page.locator(f"#c-{number}-head .badge.new")).to_have_text("NEW")
    page.locator("#mark-read").click()
    expect(page.locator("#new-count")).to_have_count(0)
    if js:
        expect(page.locator("#live")).to_have_text("All read")
        expect(page.locator("#discussion-heading")).to_be_focused()


@both
def test_only_what_is_new_stands_below_its_folded_ancestors(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    suffix, above = "js" if js else "plain", scenes[ACTS]["t1-reply"]
    reader = visit("stork", js=js)
    page = reader.open(f"/articles/{ACTS}")
    if page.locator("#mark-read").count():
        page.locator("#mark-read").click()
        expect(page.locator("#mark-read")).to_have_count(0)
    else:  # the first visit: what is there counts as read when the page is left
        page.locator("#seen").evaluate("form => form.submit()")
        expect(page.locator("#new-count")).to_have_count(0)
    writer = visit("finch", js=False)
    page = writer.open(f"/c/{above}/reply")
    page.get_by_label(re.compile("^Reply to")).fill(f"New below an old one, {suffix}.")
    page.get_by_role("button", name="Post reply").click()
    new = str(page.locator(".comment.is-target").get_attribute("id"))

    page = reader.open(f"/articles/{ACTS}?new=1")
    expect(page.locator("#one-thread")).to_contain_text("Only what is new since you were here.")
    expect(page.locator("#thread .comment.is-new")).to_have_count(1)
    expect(page.locator(f"#{new}-body")).to_be_visible()
    for name in ("t1", "t1-reply"):
        old = scenes[ACTS][name]
        expect(page.locator(f"#c-{old}-fold > summary")).to_have_text("You have read this. Show")
        expect(page.locator(f"#c-{old}-body")).to_be_hidden()
    page.locator(f"#c-{above}-fold > summary").click()
    expect(page.locator(f"#c-{above}-body")).to_be_visible()
    page.get_by_role("link", name=re.compile(r"^Show all \d+ comments$")).click()
    expect(page.locator("#thread .comment.was-read")).to_have_count(0)
