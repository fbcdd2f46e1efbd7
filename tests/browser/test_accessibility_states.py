"""axe-core in every state that a discussion can be in: many states on few pages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import in_both_schemes, in_every_look
from tests.browser.conftest import Person
from tests.browser.scenes import ACTS, CLOSED, LONG, STATES

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]


def open_all(page: Page) -> None:
    """Open whatever is folded away, but for menus, of which one is open at a time."""
    folded = "main details:not(.menu)"
    page.evaluate(f"for (const item of document.querySelectorAll('{folded}')) item.open = true")


def opened(page: Page, control: str, shown: str) -> None:
    page.locator(control).click()
    expect(page.locator(shown)).to_be_visible()


def test_the_states_of_comments_for_their_author_and_reader(visit: Visit, scenes: Scenes) -> None:
    named = scenes[STATES]
    person = visit("lark")
    gone, edited, asked = (person.post(STATES, f"{n} for axe.") for n in ("One", "Two", "Three"))
    page = person.open(f"/articles/{STATES}")
    for name in named:
        expect(page.locator(f"#c-{named[name]}")).to_have_count(1)
    expect(page.locator(f"#c-{named['pending']}-head")).to_contain_text("PENDING REVIEW")
    expect(page.locator(f"#c-{named['refused']}-head")).to_contain_text("NOT PUBLISHED")
    expect(page.locator(f"#c-{named['removed']}-body")).to_contain_text("[removed by a moderator")
    expect(page.locator(f"#c-{named['deleted']}-body")).to_contain_text("[deleted by its author]")
    expect(page.locator(f"#c-{named['liked']}-upvote")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"#c-{named['disliked']}-report")).to_have_text("Reported")
    expect(page.locator(f"#c-{named['muted']}-fold > summary")).to_be_visible()

    # One comment each: deleted with its Undo, edited now, asked about, reported, with its history.
    opened(page, f"#c-{gone}-delete", f"#c-{gone}-delete-confirm")
    opened(page, f"#c-{gone}-delete-confirm", f"#c-{gone}-undelete")
    opened(page, f"#c-{edited}-edit", f"#c-{edited}-edit-form-body")
    opened(page, f"#c-{asked}-delete", f"#c-{asked}-delete-confirm")
    opened(page, f"#c-{named['named']}-report", f"#c-{named['named']}-report-send")
    opened(page, f"#c-{named['edited']}-history", ".history .diff")
    opened(page, f"#c-{named['answer']}-reply", f"#c-{named['answer']}-form-body")
    page.get_by_label("Add a comment").press_sequentially("Ask @w")
    expect(page.get_by_role("option", name="wren")).to_be_visible()
    wrong = [*in_every_look(page, "every state")]
    open_all(page)
    wrong += in_every_look(page, "every state with all opened")
    assert wrong == []


def test_what_the_box_says(visit: Visit, scenes: Scenes) -> None:
    person = visit("stork")
    person.expect_message("status of 4|Response Status Error Code 4")
    page = person.open(f"/c/{scenes[ACTS]['t14']}")
    box, wrong = page.get_by_label("Add a comment"), []
    for words, told in (
        ("THIS IS SAID FAR TOO LOUD FOR A CALM TALK, AXE", "#compose-nudge"),
        ("word " * 1_100, "#compose-error"),
    ):
        box.fill(words)
        page.locator("#compose-post").click()
        expect(page.locator(told)).to_be_visible()
        wrong += in_every_look(page, told)
    box.fill("## A title\n\n> quoted\n\n```python\nx = 1\n```\n\n- https://example.org")
    page.locator("#compose-preview-button").click()
    expect(page.locator("#compose-preview pre")).to_be_visible()
    opened(page, f"#c-{scenes[ACTS]['t14']}-report", f"#c-{scenes[ACTS]['t14']}-report-send")
    page.locator(f"#c-{scenes[ACTS]['t14']}-report-send").click()
    expect(page.locator(".report .note.danger")).to_be_visible()
    wrong += in_every_look(page, "a preview and a refused report")
    assert wrong == []


def test_a_long_discussion_and_one_with_what_is_new(visit: Visit, scenes: Scenes) -> None:
    visitor = visit()
    page = visitor.open(f"/articles/{LONG}")
    expect(page.locator("#highlights")).to_be_visible()
    expect(page.locator(".read-more")).to_be_visible()
    expect(page.get_by_role("link", name="Continue this thread")).to_be_visible()
    wrong = [*in_every_look(page, "a long discussion")]
    page = visitor.open(f"/articles/{CLOSED}")
    page.get_by_role("button", name="Keys", exact=True).click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    wrong += in_every_look(page, "the dialog of keys")
    page = visitor.open(f"/articles/{STATES}")
    visit("stork", js=False).post(STATES, "New for axe.")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#new-comments-bar")).to_be_visible()
    wrong += in_every_look(page, "the bar of what is new")
    assert wrong == []


def test_what_staff_see(visit: Visit, scenes: Scenes) -> None:
    editor, comment, wrong = visit("demo_editor"), scenes[STATES]["liked"], []
    page = editor.open_menu(comment)
    expect(page.locator(f"#c-{comment}-disagreed")).to_have_text("1 reader disagrees")
    wrong += in_both_schemes(page, "the menu of an editor")
    opened(page, f"#c-{comment}-pick", f"#c-{comment}-unpick")
    wrong += in_every_look(page, "the form of a pick")
    page = visit("demo_moderator").open(f"/c/{scenes[STATES]['edited']}/history")
    open_all(page)
    wrong += in_every_look(page, "a redaction")
    assert wrong == []


def test_settings_with_a_refusal_and_failures_in_place(visit: Visit, scenes: Scenes) -> None:
    person = visit("lark")
    person.expect_message("status of 4|Response Status Error Code 4|Failed to load|htmx:")
    page = person.open("/settings")
    page.locator("#words-save").click()
    expect(page.locator("#pattern-error")).to_be_visible()
    page.route("**/settings/people", lambda route: route.abort())
    page.locator("#people-save").click()
    expect(page.locator(".toast")).to_be_visible()
    assert [*in_every_look(page, "refused settings and a toast")] == []
