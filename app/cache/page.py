"""A finished answer of the app, to be sent again: in its encodings, and by other processes."""

import json
from typing import Any

import brotli

from app.cache.memo import LIFE
from app.cache.versions import Scope, ScopeKey, Versions
from app.web.encodings import COMPRESS, list_encodings

_OF_THIS_REQUEST = ("X-Request-ID", "Date")
_SMALL = 256  # bytes that are not worth compressing

Headers = list[tuple[str, str]]


class Page:
    """An answer of the app: kept while `numbers` hold, and not past `until` (Unix time)."""

    def __init__(self, status: str, headers: Headers, body: bytes, asked: ScopeKey | None) -> None:
        told = {name.lower(): value for name, value in headers}
        self.status_line, self.body, self.asked = status, body, asked
        self.headers = [pair for pair in headers if pair[0] not in _OF_THIS_REQUEST]
        self.etag = told.get("etag", "")
        self.is_public = (
            status[:3] in ("200", "204")
            and bool(self.etag)
            and told.get("cache-control", "").startswith("public")
            and "set-cookie" not in told
        )
        self.varies = len(body) >= _SMALL and "Accept-Encoding" in told.get("vary", "")
        self.numbers: Versions | None = None
        self.until = 0.0
        self.is_common = False  # many readers are given its address
        self._forms: dict[str, tuple[Headers, bytes]] = {"": (self.headers, body)}

    def form(self, encoding: str) -> tuple[Headers, bytes]:
        """Headers and body in an encoding; compressed once, by the first who takes it."""
        if encoding not in self._forms:
            self._add(encoding, COMPRESS[encoding](self.body))
        return self._forms[encoding]

    def encoding(self, taken: str | None) -> str:
        """The best of what a reader's Accept-Encoding takes; an empty string for the plain form."""
        return next(iter(list_encodings(taken)), "") if self.varies else ""

    def is_named_by(self, told: str) -> bool:
        """Whether If-None-Match names it, in whichever encoding it was sent."""
        tags = (tag.strip().removeprefix("W/").strip('"') for tag in told.split(","))
        own = self.etag[1:-1]
        return any(tag == "*" or tag in (own, f"{own}-br", f"{own}-gzip") for tag in tags)

    def frozen(self) -> bytes:
        """The bytes for `thawed`: a line of JSON, then the body, compressed if it can be."""
        encoding = "br" if self.varies else ""
        head = {
            "status": self.status_line,
            "headers": self.headers,
            "asked": (self.asked[0].name, self.asked[1]) if self.asked else None,
            "numbers": self.numbers,
            "until": self.until,
            "encoding": encoding,
        }
        return json.dumps(head).encode() + b"\n" + self.form(encoding)[1]

    def _add(self, encoding: str, body: bytes) -> None:
        own = ("ETag", "Content-Length")
        headers = [pair for pair in self.headers if pair[0] not in own]
        headers += [
            ("ETag", f'{self.etag[:-1]}-{encoding}"'),
            ("Content-Encoding", encoding),
            ("Content-Length", str(len(body))),
        ]
        self._forms[encoding] = (headers, body)

    @classmethod
    def thawed(cls, data: bytes, now: float) -> "Page":
        """The page of `frozen`; `now` is Unix time, for no clock may prolong a page's life."""
        line, _, body = data.partition(b"\n")
        head: dict[str, Any] = json.loads(line)
        asked = (Scope[head["asked"][0]], head["asked"][1])
        headers = [(name, value) for name, value in head["headers"]]
        is_plain = not head["encoding"]
        plain = body if is_plain else brotli.decompress(body)
        page = cls(head["status"], headers, plain, asked)
        page.numbers, page.until = tuple(head["numbers"]), min(head["until"], now + LIFE)
        page.is_common = True  # others do not get there
        if not is_plain:
            page._add("br", body)
        return page
