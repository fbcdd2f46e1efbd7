"""Logs: JSON lines in production, readable lines elsewhere, each with the id of its request."""

import json
import logging
import re
import secrets
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request
from flask_login import current_user

access = logging.getLogger("botbeat.access")
security = logging.getLogger("botbeat.security")
request_id: ContextVar[str] = ContextVar("request_id", default="-")
_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON, which no value can break out of."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id.get(),
        }
        line.update(getattr(record, "facts", {}))
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def init_app(app: Flask) -> None:
    handler = logging.StreamHandler()
    if app.config["PRODUCTION"]:
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger("botbeat")
    root.handlers = [handler]
    root.setLevel(logging.INFO if app.config["PRODUCTION"] else logging.WARNING)
    root.propagate = False
    app.logger = root
    app.before_request(_begin_request)
    app.after_request(_end_request)


def note_event(what: str, outcome: str, who: str = "") -> None:
    """Write to the security log what was tried, by whom, from where, and with which outcome."""
    facts = {"what": what, "outcome": outcome, "who": who, "from": request.remote_addr}
    security.info("%s: %s", what, outcome, extra={"facts": facts})


def log_answered(environ: dict[str, Any], status: str, began: float) -> str:
    """Log a request that the page store answered, and return the id of the request.

    `began` is the reading of `time.perf_counter` when the request came.
    """
    ident = _make_id(environ.get("HTTP_X_REQUEST_ID", ""))
    if access.isEnabledFor(logging.INFO):
        request_id.set(ident)
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        _note_access(environ["REQUEST_METHOD"], path, int(status[:3]), began, None)
    return ident


def _make_id(given: str) -> str:
    return given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


def _begin_request() -> None:
    g.request_id = _make_id(request.headers.get("X-Request-ID", ""))
    g.began = time.perf_counter()
    request_id.set(g.request_id)


def _end_request(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    began = g.get("began", time.perf_counter())
    user = getattr(current_user, "id", None) if "_login_user" in g else None
    _note_access(request.method, request.path, response.status_code, began, user)
    return response


def _note_access(method: str, path: str, status: int, began: float, user: int | None) -> None:
    facts = {
        "method": method,
        "path": path,
        "status": status,
        "ms": round((time.perf_counter() - began) * 1000, 1),
        "user": user,
    }
    access.info("%(method)s %(path)s %(status)s", facts, extra={"facts": facts})
