"""axe-core finds nothing on any page, and nothing is wider than its window."""

from collections.abc import Callable

import pytest

from tests.browser.axe import in_both_schemes, in_every_look, violations
from tests.browser.conftest import STORY, Person
from tests.browser.scenes import ACTS, CLOSED, EMPTY, LONG, SCRIPTS, STATES

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Scenes = dict[str, dict[str, int]]

VISITOR = [
    "/",
    "/?category=research",
    f"/articles/{STORY}",
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
    f"/articles/{CLOSED}?sort=newest",
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
    f"/articles/{ACTS}?sort=newest",
    "/u/demo_reader",
    "/settings",
    *(f"/activity?tab={tab}" for tab in ("replies", "mentions", "written", "following", "saved")),
]
MODERATOR = ["/mod/reported", "/mod/pending", "/mod/approved", "/mod/rejected", "/mod/audit"]


def check(person: Person, paths: list[str]) -> None:
    person.expect_message("Failed to load resource: the server responded with a status of 404")
    wrong = []
    for path in paths:
        wrong += in_every_look(person.open(path), path)
    assert wrong == []


def test_a_visitors_pages_have_no_fault(visit: Visit) -> None:
    check(visit(), VISITOR)


def test_a_visitors_pages_of_discussions_have_no_fault(visit: Visit, scenes: Scenes) -> None:
    paths = [*DISCUSSION, f"/c/{scenes[LONG]['deep-8']}", f"/c/{scenes[STATES]['edited']}/history"]
    check(visit(), paths)


def test_a_members_pages_have_no_fault(visit: Visit, scenes: Scenes) -> None:
    check(visit("demo_reader"), MEMBER[:2])
    own, other = scenes[STATES]["own"], scenes[STATES]["named"]
    pages = [f"/c/{other}/reply", f"/c/{other}/report", f"/c/{own}/delete", f"/c/{own}/disown"]
    check(visit("lark"), [*MEMBER[2:], *pages, f"/c/{own}"])


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
    wrong = [*in_both_schemes(page, "a rejection")]
    page.set_viewport_size({"width": 375, "height": 900})
    wrong += in_both_schemes(page, "the drawer")
    page.get_by_role("button", name="Close").click()
    wrong += in_both_schemes(page, "a rejection")
    for path in (*MODERATOR, f"/mod/c/{number}", f"/mod/c/{number}/reject"):
        wrong += in_every_look(moderator.open(path), path)
    assert wrong == []


def test_a_fault_would_be_found(visit: Visit) -> None:
    page = visit().open("/about")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=\"#\">')")
    assert any(line.startswith("image-alt") for line in violations(page))
