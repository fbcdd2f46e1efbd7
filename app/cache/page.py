"""A finished answer of the app that can be sent again, in its encodings."""

from app.cache.versions import ScopeKey, Versions
from app.web.encodings import COMPRESS, list_encodings

_OF_ONE_REQUEST = ("X-Request-ID", "Date")  # headers that are not sent again
_SMALL = 256  # bytes that are not worth compressing

Headers = list[tuple[str, str]]


class Page:
    """An answer of the app, to be sent while `versions` are current and until `until` (Unix time).

    `key` names what it depends on, None if it may not be cached.
    """

    def __init__(self, status: str, headers: Headers, body: bytes, key: ScopeKey | None) -> None:
        values = {name.lower(): value for name, value in headers}
        self.status_line, self.body, self.key = status, body, key
        self.headers = [pair for pair in headers if pair[0] not in _OF_ONE_REQUEST]
        self.etag = values.get("etag", "")
        self.is_public = (
            status[:3] in ("200", "204")
            and bool(self.etag)
            and values.get("cache-control", "").startswith("public")
            and "set-cookie" not in values
        )
        self.varies = len(body) >= _SMALL and "Accept-Encoding" in values.get("vary", "")
        self.versions: Versions | None = None
        self.until = 0.0
        self.is_common = False  # whether our pages give its address to many readers
        self._forms: dict[str, tuple[Headers, bytes]] = {"": (self.headers, body)}

    def form(self, encoding: str) -> tuple[Headers, bytes]:
        """Return headers and body in an encoding, compressed on its first use."""
        if encoding not in self._forms:
            self._add(encoding, COMPRESS[encoding](self.body))
        return self._forms[encoding]

    def encoding(self, accepted: str | None) -> str:
        """Return the best encoding that an Accept-Encoding header allows, empty for plain."""
        return next(iter(list_encodings(accepted)), "") if self.varies else ""

    def is_named_by(self, if_none_match: str) -> bool:
        """Return whether the header names this page, in whichever encoding it was sent."""
        tags = (tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(","))
        own = self.etag[1:-1]
        return any(tag == "*" or tag in (own, f"{own}-br", f"{own}-gzip") for tag in tags)

    def _add(self, encoding: str, body: bytes) -> None:
        own = ("ETag", "Content-Length")
        headers = [pair for pair in self.headers if pair[0] not in own]
        headers += [
            ("ETag", f'{self.etag[:-1]}-{encoding}"'),
            ("Content-Encoding", encoding),
            ("Content-Length", str(len(body))),
        ]
        self._forms[encoding] = (headers, body)
