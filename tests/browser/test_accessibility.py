"""axe-core finds nothing on any page, and nothing is wider than the window."""

from collections.abc import Callable

import pytest

from tests.browser.axe import in_every_look, violations
from tests.browser.conftest import STORY, Person
from tests.browser.scenes import ACTS, CLOSED, EMPTY, LONG, SCRIPTS, STATES

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]

VISITOR = [
    "/",
    "/?category=research",
    f"/articles/{STORY}",
    f"/articles/{STORY}?sort=newest",
    "/organisations",
    "/organisations/anthropic",
    "/topics",
    "/topics/open-source",
    "/categories",
    "/categories/research",
    "/search?q=open",
    "/search?q=nothing-has-this",
    "/about",
    "/writing",
    "/privacy",
    "/terms",
    "/contact",
    "/sign-in",
    "/join",
    "/theme",
    "/no-such-page",
    "/c/999999",
]
DISCUSSION = [
    f"/articles/{EMPTY}",
    f"/articles/{CLOSED}",
    f"/articles/{SCRIPTS}",
    f"/articles/{LONG}?show=staff",
    f"/articles/{LONG}?show=picks",
    f"/articles/{LONG}?new=1&since=60",
    f"/articles/{LONG}/seen",
    f"/articles/{LONG}/search",
    f"/articles/{LONG}/search?q=deep",
    f"/articles/{LONG}/search?q=no-comment-has-this",
    "/u/wren",
]
MEMBER = [
    f"/articles/{STORY}",
    f"/articles/{ACTS}?sort=newest",
    "/u/demo_reader",
    "/settings",
    *(f"/activity?tab={tab}" for tab in ("replies", "mentions", "written", "following", "saved")),
]
MODERATOR = ["/mod/reported", "/mod/pending", "/mod/approved", "/mod/rejected", "/mod/audit"]


def check(person: Person, paths: list[str], width: int) -> None:
    person.expect_message("Failed to load resource: the server responded with a status of 404")
    wrong = []
    for path in paths:
        wrong += in_every_look(person.open(path), path, (width,))
    assert wrong == []


by_width = pytest.mark.parametrize("width", [1280, 375])


@by_width
def test_a_visitors_pages_have_no_fault(visit: Visit, width: int) -> None:
    check(visit(width=width), VISITOR, width)


@by_width
def test_a_visitors_pages_of_discussions_have_no_fault(
    visit: Visit, scenes: Scenes, width: int
) -> None:
    paths = [*DISCUSSION, f"/c/{scenes[LONG]['deep-8']}", f"/c/{scenes[STATES]['edited']}/history"]
    check(visit(width=width), paths, width)


@by_width
def test_a_members_pages_have_no_fault(visit: Visit, scenes: Scenes, width: int) -> None:
    check(visit("demo_reader", width=width), MEMBER[:3], width)
    own, other = scenes[STATES]["own"], scenes[STATES]["named"]
    pages = [f"/c/{other}/reply", f"/c/{other}/report", f"/c/{own}/delete", f"/c/{own}/disown"]
    check(visit("lark", width=width), [*MEMBER[3:], *pages, f"/c/{own}"], width)


def test_the_moderation_panel_has_no_fault(visit: Visit) -> None:
    moderator = visit("demo_moderator")
    page = moderator.open("/mod/reported")
    number = str(page.locator("article.moderation-card").first.get_attribute("id")).removeprefix(
        "m-"
    )
    page.locator(f"#m-{number} [data-key=i]").click()
    page.locator("#pane h2").first.wait_for()
    page.locator(f"#m-{number}-reject").click()
    page.get_by_text("Which rule does it break").wait_for()
    wrong = [*in_every_look(page, "a rejection", (1280,))]
    page.set_viewport_size({"width": 375, "height": 900})
    wrong += in_every_look(page, "the drawer", (375,))
    page.get_by_role("button", name="Close").click()
    wrong += in_every_look(page, "a rejection", (375,))
    for path in (*MODERATOR, f"/mod/c/{number}", f"/mod/c/{number}/reject"):
        wrong += in_every_look(moderator.open(path), path)
    assert wrong == []


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_is_wider_than_a_narrow_window(visit: Visit, scenes: Scenes, width: int) -> None:
    people = [
        (visit(width=width), [*VISITOR, *DISCUSSION]),
        (visit("lark", width=width), [*MEMBER, f"/articles/{STATES}"]),
        (visit("demo_moderator", width=width), MODERATOR),
    ]
    for person, paths in people:
        person.expect_message("status of 404")
        for path in paths:
            page = person.open(path)
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path


def test_a_fault_would_be_found(visit: Visit) -> None:
    page = visit().open("/about")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=\"#\">')")
    assert any(line.startswith("image-alt") for line in violations(page))
