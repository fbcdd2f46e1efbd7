"""After each act: which element has the focus, and what is said aloud.

A step is what is done, the id that has the focus then, and the words of the live region; where
nothing is said, that region stays empty.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person
from tests.browser.scenes import ACTS, LONG

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]
Step = tuple[Callable[[Page], None], str, str]


def click(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.click()


def press(link: str) -> Callable[[Page], None]:
    """Follow a link by key: threads that come into view move it under the mouse."""
    return lambda page: page.locator(link).press("Enter")


def type_and(words: str, box: str, button: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.locator(box).fill(words)
        page.locator(button).click()

    return act


def walk(page: Page, steps: list[Step]) -> None:
    """Do the steps on one page; an id may be a pattern."""
    for act, focus, words in steps:
        page.evaluate("document.getElementById('live').textContent = ''")
        act(page)
        expect(page.locator(":focus"), words).to_have_id(re.compile(f"^({focus})$"))
        expect(page.locator("#live"), focus).to_have_text(re.compile(f"^{words}$"))


def posted(page: Page, words: str) -> str:
    found = page.locator("#thread .comment", has_text=words).last.get_attribute("id")
    return str(found)


def test_writing(visit: Visit, scenes: Scenes) -> None:
    page, above = visit("heron").open(f"/articles/{ACTS}"), scenes[ACTS]["t9"]
    slot = f"#c-{above}-slot"
    walk(
        page,
        [
            (type_and("*So* it is.", "#compose-body", "#compose-preview-button"),
             "compose-preview-button", "Preview updated"),
            (click("#compose-post"), r"c-\d+-heading", "Comment posted"),
            (type_and("At https://example.org/speech too.", "#compose-body", "#compose-post"),
             r"c-\d+-heading", "Sent for review"),
            (click(f"#c-{above}-reply"), f"c-{above}-form-body", ""),
            (click(f"{slot} [data-cancel]"), f"c-{above}-reply", ""),
            (click(f"#c-{above}-reply"), f"c-{above}-form-body", ""),
            (click(f"#c-{above}-reply"), f"c-{above}-reply", ""),  # a second press closes
            (click(f"#c-{above}-reply"), f"c-{above}-form-body", ""),
            (type_and("Spoken in reply.", f"#c-{above}-form-body", f"#c-{above}-form-post"),
             r"c-\d+-heading", "Reply posted"),
        ],
    )  # fmt: skip
    mine = posted(page, "Spoken in reply.")
    walk(
        page,
        [
            (click(f"#{mine}-edit"), f"{mine}-edit-form-body", ""),
            (click(f"#{mine}-edit-form [data-cancel]"), f"{mine}-edit", ""),
            (click(f"#{mine}-edit"), f"{mine}-edit-form-body", ""),
            (type_and("Spoken better.", f"#{mine}-edit-form-body", f"#{mine}-edit-form-post"),
             f"{mine}-heading", "Saved"),
            (click(f"#{mine}-history"), f"{mine}-history-heading", ""),
            (click(f"#{mine}-slot [data-cancel]"), f"{mine}-history", ""),
            (click(f"#{mine}-delete"), f"{mine}-ask", ""),
            (click(f"#{mine}-slot [data-cancel]"), f"{mine}-delete", ""),
            (click(f"#{mine}-delete"), f"{mine}-ask", ""),
            (click(f"#{mine}-delete-confirm"), f"{mine}-undelete", "Comment deleted"),
            (click(f"#{mine}-undelete"), f"{mine}-heading", "Comment restored"),
        ],
    )  # fmt: skip


def test_refusals(visit: Visit, scenes: Scenes) -> None:
    person, above = visit("heron"), scenes[ACTS]["t10"]
    person.expect_message("status of 4|Response Status Error Code 4")
    page = person.open(f"/c/{above}")
    walk(
        page,
        [
            (type_and(" ", "#compose-body", "#compose-post"),
             "compose-body", "Comment can't be empty"),
            (type_and("THIS IS SAID FAR TOO LOUD FOR A CALM TALK", "#compose-body",
                      "#compose-post"), "compose-body", "Much of this is in capitals.*"),
            (click("#compose-again"), "compose-body", ""),
            (click(f"#c-{above}-report"), f"c-{above}-report-heading", ""),
            (click(f"#c-{above}-report-send"), f"c-{above}-report-heading", "Choose a reason"),
            (click(f"#c-{above}-slot [data-cancel]"), f"c-{above}-report", ""),
        ],
    )  # fmt: skip


def test_reacting_and_keeping(visit: Visit, scenes: Scenes) -> None:
    number = visit("wren", js=False).post(ACTS, "To be acted on by others.")
    visit("wren").live.written(number, minutes=90)
    c, menu = f"c-{number}", f"#c-{number}-acts"
    page = visit("demo_editor").open(f"/c/{number}")
    # The last words of a menu that closed may be said late, so it is opened for each act.
    walk(
        page,
        [
            (click(f"#{c}-upvote"), f"{c}-upvote", "Upvoted, score 1"),
            (click(f"#{c}-downvote"), f"{c}-downvote", "Downvoted, score -1"),
            (click(f"#{c}-downvote"), f"{c}-downvote", "Vote taken back, score 0"),
        ],
    )
    page.locator(menu).click()
    walk(
        page,
        [
            (click(f"#{c}-save"), f"{c}-save", "Comment saved"),
            (click(f"#{c}-save"), f"{c}-save", "No longer saved"),
            (click(f"#{c}-disagree"), f"{c}-disagree", "Noted privately"),
            (click(f"#{c}-disagree"), f"{c}-disagree", "Taken back"),
            (click(f"#{c}-mute"), f"{c}-mute", "Muted wren"),
            (click(f"#{c}-mute"), f"{c}-mute", "No longer muted"),
            (click(f"#{c}-pick"), f"{c}-why", ""),
            (type_and("Calm", f"#{c}-why", f"#{c}-pick-send"), f"{c}-heading", "Picked"),
        ],
    )
    page.locator(menu).click()
    walk(
        page,
        [
            (click(f"#{c}-pick"), f"{c}-why", ""),
            (click(f"#{c}-unpick"), f"{c}-heading", "Pick taken back"),
            (click(f"#{c}-report"), f"{c}-report-heading", ""),
            (click(f"#{c}-reason-1"), f"{c}-reason-1", ""),
            (click(f"#{c}-report-send"), f"{c}-report", "Report sent. A moderator will look."),
        ],
    )


def test_reading_on(visit: Visit, scenes: Scenes) -> None:
    page, talk = visit("demo_editor").open(f"/articles/{LONG}"), scenes[LONG]
    more = f"#c-{talk['busy']}-more a"
    walk(
        page,
        [
            (click(more), f"c-{talk['busy-4']}-heading", "20 more replies"),
            (click(more), f"c-{talk['busy-24']}-heading", "4 more replies"),
            (press("#more-threads a"), r"c-\d+-heading", "6 more threads"),
            (click("#follow-followed"), "follow-followed", "Following this discussion"),
            (click("#follow-followed"), "follow-followed", "No longer following"),
            (click("#follow-muted"), "follow-muted", "Discussion muted"),
            (click("#follow-muted"), "follow-muted", "No longer muted"),
            (click("#sort-oldest"), "sort-oldest", "Sorted by oldest"),
            (click("#sort-discussed"), "sort-discussed", "Sorted by most discussed"),
            (click("#sort-best"), "sort-best", "Sorted by best"),
        ],
    )  # fmt: skip


def test_what_is_new(visit: Visit, scenes: Scenes) -> None:
    page = visit().open(f"/articles/{ACTS}")
    number = visit("finch", js=False).post(ACTS, "New while somebody reads.")
    page.locator("#q").focus()
    asks = "document.dispatchEvent(new Event('visibilitychange'))"
    walk(page, [(lambda page: page.evaluate(asks), "q", "1 new comment")])
    walk(page, [(click("#new-comments-bar"), f"c-{number}-heading", "1 new comment")])


def test_settings_and_search(visit: Visit, scenes: Scenes) -> None:
    person = visit("finch")
    walk(
        person.open("/settings"),
        [
            (click("#reading-save"), "reading-save", "Saved"),
            (type_and("wren", "#name", "#people-save"), "people-save", "Muted wren"),
            (click("#people .item-list button"), r"muted-\d+", "No longer muted"),
            (type_and("gourd", "#pattern", "#words-save"), "words-save", "Saved"),
            (click("#words-list button"), "words-heading", "Removed"),
        ],
    )
    walk(
        person.open(f"/articles/{LONG}/search"),
        [(lambda page: page.locator("#inside-q").fill("zeppelin"), "inside-q", "1 result")],
    )


def test_moderating(visit: Visit, scenes: Scenes) -> None:
    author, reporter = visit("finch", js=False), visit("heron", js=False)
    numbers = []
    for n in ("First", "Second"):
        numbers.append(author.post(ACTS, f"{n} for the moderators."))
        page = reporter.open(f"/c/{numbers[-1]}/report")
        page.get_by_label("Spam").check()
        page.get_by_role("button", name="Send report").click()
    page = visit("demo_moderator").open("/mod/reported")
    m = f"m-{numbers[0]}"
    page.locator(f"#{m}").wait_for()
    left = page.locator("article.moderation-card").count() - 1
    walk(
        page,
        [
            (click(f"#{m}-context-open"), f"{m}-context", ""),
            (click(f"#{m} [data-key=i]"), f"pane-{numbers[0]}", ""),
            (click(f"#{m}-reject"), f"{m}-reason-1", ""),
            (click(f"#{m}-slot [data-cancel]"), f"{m}-reject", ""),
            (click(f"#{m}-approve"), r"m-\d+|m-\d+-heading", f"Approved. {left} left"),
            (click("#undo"), f"{m}-heading", "Restored"),
            (click(f"#{m}-reject"), f"{m}-reason-1", ""),
            (click(f"#{m}-reason-1"), f"{m}-reason-1", ""),
            (click(f"#{m}-reject-send"), r"m-\d+|m-\d+-heading", f"Rejected. {left} left"),
        ],
    )
