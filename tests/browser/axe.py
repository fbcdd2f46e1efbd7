"""axe-core over pages as they are looked at: light and dark, wide and narrow."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from devtools.steps import ROOT

AXE = ROOT / "devtools" / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# Each page is looked at in the light on a wide screen and in the dark on a narrow one: colours do
# not depend on the width, see tests/test_static.py, and no other rule depends on the colours.
LOOKS = ((1280, "light"), (375, "dark"))
NARROW = (320, 640)  # nothing may be wider than such windows either

# What came into view is laid out with the next frames.
TEN_FRAMES = """async () => {
    for (let frame = 0; frame < 10; frame += 1) await new Promise(requestAnimationFrame);
}"""
# Without `preload` axe reads no style sheet again; the one rule that needs it looks for a page that
# is turned by the device's orientation, and tests/test_static.py forbids to ask for that.
RUN = "only => axe.run(document, {runOnly: only, resultTypes: ['violations'], preload: false})"
# The rules that see colours; no other rule finds anything in the dark that it missed by day.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
WIDER = "document.documentElement.scrollWidth > innerWidth"


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
    if page.evaluate(WIDER):
        wrong.append("is wider than the window")
    return wrong


def in_every_look(page: Page, what: str) -> Iterator[str]:
    """Return the violations of an open page, wide and narrow; its state does not change."""
    before = page.viewport_size
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        yield from _look(page, what, scheme)
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate(WIDER):
            yield f"{what} is wider than {width}"
    if before:
        page.set_viewport_size(before)


def in_both_schemes(page: Page, what: str) -> Iterator[str]:
    """Return the violations of an open page, by day and in the dark, as wide as it is."""
    before = page.viewport_size
    yield from _look(page, what, "light")
    yield from _look(page, what, "dark", COLOURS)
    if before:
        page.set_viewport_size(before)


def _look(page: Page, what: str, scheme: Any, only: object = TAGS) -> Iterator[str]:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    width = (page.viewport_size or {})["width"]
    for line in violations(page, only):
        yield f"{what} at {width}, {scheme}: {line}"
