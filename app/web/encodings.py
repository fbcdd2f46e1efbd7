"""The encodings in which answers are sent."""

import gzip
from collections.abc import Callable

import brotli

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


def list_encodings(taken: str | None) -> list[str]:
    """Return which of br and gzip Accept-Encoding takes, the better one first.

    Each name has a share, of which 0 is a refusal (RFC 9110, 12.5.3).
    """
    if not taken:
        return []
    parts = (part.replace(" ", "").partition(";q=") for part in taken.lower().split(","))
    words = {name for name, _, share in parts if share.strip("0.") or not share}
    return [name for name in COMPRESS if name in words]
