"""A finished answer of the app, to be sent again and again, in the encoding of each reader."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.http import is_entity_header

from app.web.encodings import COMPRESS, list_encodings

_OF_ONE_REQUEST = ("X-Request-ID", "Date")  # headers that are not sent again
_SMALL = 256  # bytes that are not worth compressing

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[..., Iterable[bytes]]


class FinishedAnswer:
    """The status, headers and body of an answer, compressed once for each encoding."""

    def __init__(self, status: str, headers: Headers, body: bytes) -> None:
        values = {name.lower(): value for name, value in headers}
        self.status_line, self.body = status, body
        self.headers = [pair for pair in headers if pair[0] not in _OF_ONE_REQUEST]
        self.etag = values.get("etag", "")
        self.is_public = (
            status[:3] in ("200", "204")
            and bool(self.etag)
            and values.get("cache-control", "").startswith("public")
            and "set-cookie" not in values
        )
        self._varies = len(body) >= _SMALL and "Accept-Encoding" in values.get("vary", "")
        self._forms: dict[str, tuple[Headers, bytes]] = {"": (self.headers, body)}

    @classmethod
    def of(cls, app: App, environ: Environ) -> tuple["FinishedAnswer", Headers]:
        """Let a WSGI app answer; return that, and its headers for this request.

        `send` compares If-None-Match, and not the app, which knows one encoding only.
        """
        started: list[Any] = []
        if_none_match = environ.pop("HTTP_IF_NONE_MATCH", None)

        def start(status: str, headers: Headers, error: Any = None) -> Callable[[bytes], Any]:
            started[:] = [status, headers]
            return started.append

        chunks = app(environ, start)
        try:
            body = b"".join(chunks)
        finally:
            if close := getattr(chunks, "close", None):
                close()
        if if_none_match is not None:
            environ["HTTP_IF_NONE_MATCH"] = if_none_match
        return cls(started[0], started[1], body), started[1]

    def choose_encoding(self, accepted: str | None) -> str:
        """Return the best encoding that an Accept-Encoding header allows, empty for plain."""
        return next(iter(list_encodings(accepted)), "") if self._varies else ""

    def send(self, environ: Environ, start: Start, request_id: Callable[[str], str]) -> list[bytes]:
        """Send it in an encoding of this reader, or 304 if they have it already.

        `request_id` returns the id of the request, given the status.
        """
        headers, body = self._encode(self.choose_encoding(environ.get("HTTP_ACCEPT_ENCODING")))
        status, if_none_match = self.status_line, environ.get("HTTP_IF_NONE_MATCH")
        if if_none_match is not None and self._is_named_by(if_none_match):
            status, body = "304 NOT MODIFIED", b""
            headers = [pair for pair in headers if not is_entity_header(pair[0])]
        start(status, [*headers, ("X-Request-ID", request_id(status))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _encode(self, encoding: str) -> tuple[Headers, bytes]:
        if encoding not in self._forms:
            body, own = COMPRESS[encoding](self.body), ("ETag", "Content-Length")
            headers = [pair for pair in self.headers if pair[0] not in own]
            headers += [
                ("ETag", f'{self.etag[:-1]}-{encoding}"'),
                ("Content-Encoding", encoding),
                ("Content-Length", str(len(body))),
            ]
            self._forms[encoding] = (headers, body)
        return self._forms[encoding]

    def _is_named_by(self, if_none_match: str) -> bool:
        """Return whether the header names this page, in whichever encoding it was sent."""
        tags = (tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(","))
        own = self.etag[1:-1]
        return any(tag == "*" or tag in (own, f"{own}-br", f"{own}-gzip") for tag in tags)
