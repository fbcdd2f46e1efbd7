"""What gunicorn itself decides: whose turn it is, and what it answers before any app is asked."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.web.headers import SECURITY_HEADERS
from tests import services

HOST = "news.example.org"
EACH = 40  # requests that each connection sends at once
CLIENTS = "abc"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.Served]:
    env = {
        "BOTBEAT_ENV": "production",
        "BOTBEAT_SECRET_KEY": "k" * 40,
        "BOTBEAT_SITE_URL": f"https://{HOST}",
        "BOTBEAT_TRUSTED_HOSTS": HOST,
        "BOTBEAT_PROXY_HOPS": "1",
        "BOTBEAT_INSTANCE": str(tmp_path_factory.mktemp("served")),
    }
    services.flask(env, "db", "upgrade")
    with services.served(env) as running:
        yield running


def connect(served: services.Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(served.address).port or 0), timeout=30)


def request(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {HOST}", *headers, "", ""]).encode()


def order_of_answers(log: Path) -> list[str]:
    """Which client each of the answered requests was from, in the order of the log."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    paths = [line["path"] for line in lines if line["logger"] == "botbeat.access"]
    return [path.split("/")[2] for path in paths if path.startswith("/u/")]


def test_no_connection_answers_another_request_before_all_others_had_their_turn(
    served: services.Served,
) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(served)) for _ in CLIENTS]
        for line in lines:  # the server knows them all, and waits for what they ask next
            line.sendall(request("/healthz"))
            assert b" 200 OK" in line.recv(65_536)
        os.killpg(served.process.pid, signal.SIGSTOP)
        try:
            for name, line in zip(CLIENTS, lines, strict=True):
                asked = [request(f"/u/{name}/{n}") for n in range(EACH - 1)]
                line.sendall(b"".join([*asked, request(f"/u/{name}/last", "Connection: close")]))
        finally:
            os.killpg(served.process.pid, signal.SIGCONT)
        for line in lines:
            while line.recv(65_536):
                pass
    order = order_of_answers(served.log)
    assert {name: order.count(name) for name in CLIENTS} == dict.fromkeys(CLIENTS, EACH)
    # How many requests of one connection the others waited for, while they had some of their own.
    busy = order[: min(len(order) - order[::-1].index(name) for name in CLIENTS)]
    assert max(len(list(run)) for _, run in groupby(busy)) <= 2, "".join(order)


UNREADABLE = {
    "no request": (b"NONSENSE\r\n\r\n", 400),
    "markup": (b"GET /<script>alert(1)</script> HTTP/9.9\r\n\r\n", 400),
    "a method of small letters": (b"g<b>t / HTTP/1.1\r\n\r\n", 400),
    "an endless address": (b"GET /" + b"x" * 5_000 + b" HTTP/1.1\r\n\r\n", 414),
    "an endless header": (request("/", "X-Long: " + "x" * 8_300), 431),
    "seventy headers": (request("/", *(f"X-{n}: 1" for n in range(70))), 431),
    "a header without a name": (request("/", ": value"), 400),
    "a header with a space": (request("/", "X Y: value"), 400),
    "an unknown coding": (request("/", "Transfer-Encoding: cow"), 501),
    "two lengths": (request("/", "Content-Length: 1", "Content-Length: 2"), 400),
    "an unknown wish": (request("/", "Expect: a miracle"), 417),
}


def test_what_cannot_be_read_is_refused_with_the_headers_of_every_answer(
    served: services.Served,
) -> None:
    wrong = {}
    for kind, (sent, status) in UNREADABLE.items():
        with connect(served) as line:
            line.sendall(sent)
            answer = b""
            with suppress(ConnectionResetError):  # it closes without reading the rest
                while part := line.recv(65_536):
                    answer += part
        head, _, body = answer.decode().partition("\r\n\r\n")
        found = dict(row.split(": ", 1) for row in head.split("\r\n")[1:])
        expected = SECURITY_HEADERS | {"Content-Length": str(len(body.encode()))}
        if (
            not head.startswith(f"HTTP/1.1 {status} ")
            or not expected.items() <= found.items()
            or "Strict-Transport-Security" not in found
            or "script>" in answer.decode()
        ):
            wrong[kind] = answer[:600]
    assert wrong == {}
