"""Which files a browser fetches for a page before anybody does anything on it."""

import re
from collections.abc import Callable
from urllib.parse import urljoin

KINDS = {"stylesheet": "css", "preload": "font", "icon": "image"}


def assets(html: str, style: Callable[[str], str]) -> set[tuple[str, str]]:
    """Kind (css, js, font, image) and address of each file of `html`, a sprite counted once.

    `style` gives the text of the style sheet at an address, for its fonts. The slanted one is
    left out: it comes only when words in it come into view.
    """
    found = {("js", path) for path in re.findall(r'<script[^>]*\ssrc="([^"]+)', html)}
    for tag in re.findall(r"<link\b[^>]*>", html):
        rel, path = (re.search(rf'\b{name}="([^"]+)', tag) for name in ("rel", "href"))
        if rel and path and rel[1] in KINDS:
            found.add((KINDS[rel[1]], path[1]))
    for name in (r"img\b[^>]*\ssrc", r"use\b[^>]*\shref"):
        found |= {("image", path) for path in re.findall(rf'<{name}="([^"#]+)', html)}
    for kind, sheet in list(found):
        if kind == "css":
            fonts = re.findall(r'url\("([^"]+\.woff2)"\)', style(sheet))
            found |= {("font", urljoin(sheet, path)) for path in fonts if "italic" not in path}
    return found
