"""The menu of a comment: it comes when it is opened, and is a page without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.axe import in_both_schemes, in_every_look, violations
from tests.browser.conftest import Person
from tests.browser.scenes import ACTS

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]


def watch(page: Page) -> list[str]:
    """Return a list to which each further request of a menu is added."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/acts"):
            asked.append(request.url)

    page.on("request", note)
    return asked


def test_it_comes_once_and_opens_and_closes_as_a_disclosure(visit: Visit, scenes: Scenes) -> None:
    number = scenes[ACTS]["t6"]
    page = visit("stork").open(f"/c/{number}")
    asked, control = watch(page), page.locator(f"#c-{number}-acts")
    name = "More to do with the comment by by_t6"
    expect(page.get_by_role("link", name=name)).to_have_attribute("aria-expanded", "false")
    assert asked == []
    control.focus()
    page.keyboard.press("Enter")
    save = page.locator(f"#c-{number}-save")
    expect(save).to_be_visible()
    expect(control).to_be_focused()
    assert control.evaluate("item => item.tagName + item.parentElement.open") == "SUMMARYtrue"
    expect(control).to_have_text(name)
    page.keyboard.press("Tab")
    expect(save).to_be_focused()
    page.keyboard.press("Escape")
    expect(control).to_be_focused()
    expect(save).to_be_hidden()
    page.keyboard.press("Enter")
    expect(save).to_be_visible()
    page.locator(f"#c-{number}-heading").click()
    expect(save).to_be_hidden()
    assert len(asked) == 1


def test_opening_one_closes_another(visit: Visit, scenes: Scenes) -> None:
    page = visit("stork").open(f"/articles/{ACTS}")
    one, other = (scenes[ACTS][name] for name in ("t6", "t7"))
    page.locator(f"#c-{one}-acts").click()
    expect(page.locator(f"#c-{one}-save")).to_be_visible()
    page.locator(f"#c-{other}-acts").click()
    expect(page.locator(f"#c-{other}-save")).to_be_visible()
    expect(page.locator(f"#c-{one}-save")).to_be_hidden()


def test_a_phone_opens_all_of_it_with_one_press(visit: Visit, scenes: Scenes) -> None:
    number = scenes[ACTS]["t6"]
    page = visit("stork", width=375).open(f"/c/{number}")
    asked = watch(page)
    more = page.locator(f"#c-{number}-actions .more-actions > summary")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#c-{number}-save")).to_be_visible()
    expect(page.locator(f"#c-{number}-report")).to_be_visible()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#c-{number}-save")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator(f"#c-{number}-save")).to_be_visible()
    assert len(asked) == 1


def test_a_wide_window_opens_nothing_by_itself(visit: Visit, scenes: Scenes) -> None:
    """There the row stands open: what moves the focus into it must not open the menu."""
    number = scenes[ACTS]["t6"]
    page = visit("stork").open(f"/c/{number}")
    asked = watch(page)
    page.locator(f"#c-{number}-report").click()
    expect(page.locator(f"#c-{number}-report-heading")).to_be_focused()
    page.locator(f"#c-{number}-slot [data-cancel]").click()
    expect(page.locator(f"#c-{number}-report")).to_be_focused()
    assert asked == []


def test_without_connection_the_control_stays_and_works_later(visit: Visit, scenes: Scenes) -> None:
    number, person = scenes[ACTS]["t8"], visit("stork")
    person.expect_message("Failed to load|htmx:")
    page = person.open(f"/c/{number}")
    page.route("**/acts", lambda route: route.abort())
    page.locator(f"#c-{number}-acts").click()
    expect(page.locator(".toast")).to_contain_text("No connection")
    page.unroute("**/acts")
    page.locator(".toast [data-retry]").click()
    expect(page.locator(f"#c-{number}-save")).to_be_visible()


def test_a_comment_that_went_meanwhile_says_so_below_itself(visit: Visit, scenes: Scenes) -> None:
    author, person = visit("wren", js=False), visit("stork")
    number = author.post(ACTS, "Deleted while somebody reads.")
    person.expect_message("status of 410|Response Status Error Code 410")
    page = person.open(f"/c/{number}")
    author.open(f"/c/{number}/delete").locator(f"#c-{number}-delete-confirm").click()
    page.locator(f"#c-{number}-acts").click()
    expect(page.locator(f"#c-{number}-slot")).to_contain_text("deleted by its author")
    expect(page.locator(f"#c-{number}-acts")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 375])
def test_without_javascript_it_is_a_page(visit: Visit, scenes: Scenes, width: int) -> None:
    number = scenes[ACTS][{1280: "t9", 375: "t11"}[width]]
    page = visit("finch", js=False, width=width).open(f"/c/{number}")

    def press() -> None:
        if width == 375:
            page.locator(f"#c-{number}-actions .more-actions > summary").click()
        page.locator(f"#c-{number}-acts").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("More to do with a comment")

    press()
    expect(page.locator(".quoted")).to_contain_text("Opinion number")
    save = page.locator(f"#c-{number}-save")
    save.click()
    expect(page.get_by_role("main")).to_contain_text("Comment saved")
    press()
    expect(save).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Back").click()
    expect(page.locator(f"#c-{number}.is-target")).to_be_visible()


def test_axe_finds_nothing_in_the_menu_and_on_its_page(visit: Visit, scenes: Scenes) -> None:
    editor, number = visit("demo_editor"), scenes[ACTS]["t10"]
    page = editor.open_menu(number)
    wrong = [*in_both_schemes(page, "the menu")]
    page = visit("stork", width=375).open(f"/c/{number}")
    page.locator(f"#c-{number}-actions .more-actions > summary").click()
    expect(page.locator(f"#c-{number}-save")).to_be_visible()
    wrong += violations(page)
    page = editor.open(f"/c/{number}/acts")
    wrong += in_every_look(page, "its page")
    assert wrong == []


PICTURE = """item => {
    const style = getComputedStyle(item, '::before');
    return [style.backgroundColor, getComputedStyle(item).color];
}"""


@pytest.mark.parametrize("forced", ["none", "active"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_have_the_colour_of_their_words(
    visit: Visit, scenes: Scenes, scheme: str, forced: str
) -> None:
    """In forced colours too, where a background is otherwise replaced by that of the page."""
    number = scenes[ACTS]["t10"]
    page = visit("stork", scheme=scheme).open(f"/c/{number}")
    page.emulate_media(forced_colors=forced)  # type: ignore[arg-type]
    for part in ("upvote", "reply", "report", "acts"):
        picture, words = page.locator(f"#c-{number}-{part}").evaluate(PICTURE)
        assert picture == words, part
