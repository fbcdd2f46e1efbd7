"""axe-core over pages as they are looked at: light and dark, wide and narrow."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from devtools.steps import ROOT

AXE = ROOT / "devtools" / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
WIDTHS = (1280, 375)

# What came into view is laid out with the next frames.
TEN_FRAMES = """async () => {
    for (let frame = 0; frame < 10; frame += 1) await new Promise(requestAnimationFrame);
}"""
RUN = "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})"
# The rules that see colours; no other rule finds anything in the dark that it missed by day.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def violations(page: Page, only: object = TAGS) -> list[str]:
    """Return what axe finds on the page as it is, and whether it is wider than its window."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    width = (page.viewport_size or {"width": 1280})["width"]
    # Threads out of view are not laid out until they come into it, so all of them are in view.
    tall = page.locator(".thread").count() > 0
    page.set_viewport_size({"width": width, "height": 20_000 if tall else 900})
    if tall:
        page.evaluate(TEN_FRAMES)
    result: dict[str, Any] = page.evaluate(RUN, only)
    wrong = [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"][:3]
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append("is wider than the window")
    return wrong


def in_every_look(page: Page, what: str, widths: tuple[int, ...] = WIDTHS) -> Iterator[str]:
    """Return the violations of an open page in each width and scheme; its state does not change."""
    before = page.viewport_size
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        for line in violations(page):
            yield f"{what} at {width}: {line}"
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        for line in violations(page, COLOURS):
            yield f"{what} at {width}, dark: {line}"
    if before:
        page.set_viewport_size(before)
