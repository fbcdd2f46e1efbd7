"""axe-core finds nothing on any page, and nothing is wider than the window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import STORY, Person

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

# What came into view is laid out with the next frames.
TEN_FRAMES = """async () => {
    for (let frame = 0; frame < 10; frame += 1) await new Promise(requestAnimationFrame);
}"""

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
    "/privacy",
    "/terms",
    "/contact",
    "/sign-in",
    "/join",
    "/theme",
    "/no-such-page",
    "/c/999999",
]
MEMBER = [f"/articles/{STORY}", "/u/demo_reader"]
MODERATOR = ["/mod/reported", "/mod/pending", "/mod/approved", "/mod/rejected", "/mod/audit"]


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    width = (page.viewport_size or {"width": 1280})["width"]
    # Threads out of view are not laid out until they come into it, so all of them are in view.
    tall = page.locator(".thread").count() > 0
    page.set_viewport_size({"width": width, "height": 20_000 if tall else 900})
    page.evaluate(TEN_FRAMES)
    result: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS
    )
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"][:3]
    ]


def check(person: Person, paths: list[str]) -> None:
    person.expect_message("Failed to load resource: the server responded with a status of 404")
    wrong = []
    for path in paths:
        page = person.open(path)
        wrong += [f"{path} {line}" for line in violations(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{path} is wider than the window")
    assert wrong == []


LOOKS = pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")]
)


@LOOKS
def test_a_visitors_pages_have_no_fault(visit: Visit, width: int, scheme: str) -> None:
    check(visit(width=width, scheme=scheme), VISITOR)


@LOOKS
def test_a_members_pages_have_no_fault(visit: Visit, width: int, scheme: str) -> None:
    person = visit("demo_reader", width=width, scheme=scheme)
    check(person, MEMBER)
    control = person.open(f"/articles/{STORY}").locator(".c a[id$='-rep']").first
    number = str(control.get_attribute("id")).split("-")[1]
    check(person, [f"/c/{number}/reply", f"/c/{number}/report", f"/c/{number}"])


@LOOKS
def test_the_moderation_panel_has_no_fault(visit: Visit, width: int, scheme: str) -> None:
    moderator = visit("demo_moderator", width=width, scheme=scheme)
    page = moderator.open("/mod/reported")
    number = str(page.locator("article.mc").first.get_attribute("id")).removeprefix("m-")
    page.locator(f"#m-{number} [data-key=i]").click()
    page.locator("#pane h2").first.wait_for()
    if width < 1280:
        page.get_by_role("button", name="Close").click()
    page.locator(f"#m-{number}-reject").click()
    page.get_by_text("Which rule does it break").wait_for()
    assert violations(page) == []
    check(moderator, [*MODERATOR, f"/mod/c/{number}", f"/mod/c/{number}/reject"])


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_is_wider_than_a_narrow_window(visit: Visit, width: int) -> None:
    people = [(visit(width=width), VISITOR), (visit("demo_moderator", width=width), MODERATOR)]
    for person, paths in people:
        person.expect_message("status of 404")
        for path in paths:
            page = person.open(path)
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
