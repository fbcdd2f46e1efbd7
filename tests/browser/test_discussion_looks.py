"""Every script in a narrow window, and finding words inside a discussion."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import STORY, Person
from tests.browser.scenes import LONG, SCRIPTS

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]
both = pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])
ALL_IN_VIEW = 12_000  # threads out of view are not laid out

# What sticks out of the window, though it stands in nothing that scrolls by itself.
STICKING_OUT = """() => [...document.querySelectorAll('main *')].filter(item => {
    const box = item.getBoundingClientRect();
    if (!box.width || (box.left >= -0.5 && box.right <= innerWidth + 0.5)) return false;
    for (let up = item; up; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== 'visible') return false;
    return !item.closest('.visually-hidden, svg') && !item.matches('.skip-link');
}).map(item => item.outerHTML.slice(0, 80))"""


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("width", [320, 375, 640, 1280])
def test_every_script_fits_into_the_window(visit: Visit, scenes: Scenes, width: int) -> None:
    # A window of 1280 pixels at 400 % is 320 of its own pixels wide.
    page = visit(width=width).open(f"/articles/{SCRIPTS}")
    page.set_viewport_size({"width": width, "height": ALL_IN_VIEW})
    for name, number in scenes[SCRIPTS].items():
        body = page.locator(f"#c-{number}-body")
        expect(body, name).to_be_visible()
        box = body.bounding_box()
        assert box is not None
        assert box["width"] >= 200 if width == 320 else box["width"] > 0, name
    assert page.evaluate(STICKING_OUT) == []
    assert not is_too_wide(page)


def test_each_text_runs_in_its_own_direction(visit: Visit, scenes: Scenes) -> None:
    page, named = visit(width=320).open(f"/articles/{SCRIPTS}"), scenes[SCRIPTS]
    for name in ("arabic", "hebrew", "arabic-2"):
        expect(page.locator(f"#c-{named[name]}-body")).to_have_css("direction", "rtl")
    for name in ("chinese", "japanese", "code", "quotes"):
        expect(page.locator(f"#c-{named[name]}-body")).to_have_css("direction", "ltr")


def test_a_wide_line_of_code_is_broken_and_coloured(visit: Visit, scenes: Scenes) -> None:
    page = visit(width=320).open(f"/c/{scenes[SCRIPTS]['code']}")
    block = page.locator(f"#c-{scenes[SCRIPTS]['code']}-body pre")
    assert block.evaluate("item => item.scrollWidth <= item.clientWidth")
    expect(block).to_have_css("white-space", "pre-wrap")
    word, text = block.get_by_text("def", exact=True), block.get_by_text("f", exact=True)
    colour = "item => getComputedStyle(item).color"
    assert word.evaluate(colour) != text.evaluate(colour)


def test_nothing_is_lost_when_letters_are_twice_as_large(visit: Visit, scenes: Scenes) -> None:
    page = visit(width=640).open(f"/articles/{SCRIPTS}")
    page.set_viewport_size({"width": 640, "height": ALL_IN_VIEW})
    # The size of the root, as a reader's own setting makes it.
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(STICKING_OUT) == []
    assert not is_too_wide(page)


@both
def test_a_visitor_finds_words_inside_a_discussion(visit: Visit, scenes: Scenes, js: bool) -> None:
    page = visit(js=js).open(f"/articles/{LONG}")
    page.locator("#search-inside").click()
    box = page.get_by_label("Words in comments")
    box.fill("zeppelin")
    if js:  # it finds while one types
        expect(page).to_have_url(re.compile("q=zeppelin"))
        expect(box).to_be_focused()
    else:
        page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.locator("#results-heading")).to_have_text("1 comment")
    expect(page.locator(".hit mark")).to_have_text("zeppelin")
    page.get_by_role("link", name=re.compile("Read in the discussion")).click()
    expect(page.locator(f"#c-{scenes[LONG]['zeppelin']}.is-target")).to_be_in_viewport()


@both
def test_what_holds_more_of_the_words_comes_first(visit: Visit, scenes: Scenes, js: bool) -> None:
    page = visit(js=js).open(f"/articles/{LONG}/search?q=thread+deep")
    hits = page.locator(".hit")
    expect(hits.first.locator("mark")).to_have_text(["thread", "deep"])
    expect(hits.first).to_contain_text("The thread that goes deep.")  # the shortest of them
    assert hits.count() > 5
    page = visit(js=js).open(f"/articles/{LONG}/search?q=no-comment-has-this")
    expect(page.get_by_role("main")).to_contain_text("No comment here holds")
    page.get_by_role("link", name="Read all comments").click()
    expect(page.locator("#thread > .comment").first).to_be_visible()


@both
def test_nothing_is_set_in_the_browser_of_who_only_reads(
    visit: Visit, scenes: Scenes, js: bool
) -> None:
    visitor = visit(js=js)
    for path in (f"/articles/{STORY}", f"/articles/{LONG}/search?q=deep", "/writing"):
        visitor.open(path)
    assert visitor.context.cookies() == []
