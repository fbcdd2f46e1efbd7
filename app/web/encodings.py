"""The encodings of responses."""

import gzip
from collections.abc import Callable

import brotli

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


def list_encodings(accepted: str | None) -> list[str]:
    """Return which of br and gzip an Accept-Encoding header allows, the better one first.

    A name may have a weight, of which 0 is a refusal (RFC 9110, 12.5.3).
    """
    if not accepted:
        return []
    parts = (part.replace(" ", "").partition(";q=") for part in accepted.lower().split(","))
    names = {name for name, _, weight in parts if weight.strip("0.") or not weight}
    return [name for name in COMPRESS if name in names]
