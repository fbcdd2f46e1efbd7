"""nginx as deploy/nginx.conf has it: names that are not the site's get no answer at all."""

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from devtools.debian import tools_environment
from tests import services
from tests.deployed.conftest import CONFIG, HOST


class Ports(NamedTuple):
    plain: int
    tls: int


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """Run an nginx with a new certificate for HOST and no site behind; yields its ports."""
    folder, text = tmp_path_factory.mktemp("certificate"), CONFIG.read_text()
    certificate(folder)
    found = Ports(services.free_port(), services.free_port())
    for pattern, new, times in (
        (r"listen 80\b", f"listen 127.0.0.1:{found.plain}", 2),
        (r"listen 443\b", f"listen 127.0.0.1:{found.tls}", 2),
        (r"/etc/letsencrypt/live/news\.example\.org", str(folder), 2),
    ):
        text, count = re.subn(pattern, new, text)
        assert count == times, pattern
    with services.nginx(text, found.plain):
        yield found


def certificate(folder: Path) -> None:
    names = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command = [services.program("openssl"), "req", "-x509", *kind, *names, "-subj", f"/CN={HOST}"]
    subprocess.run(command, check=True, capture_output=True, env=tools_environment())


def ask(line: socket.socket, host: str) -> bytes:
    """Return the head of what nginx answers; nothing when it closes the line."""
    line.settimeout(20)
    line.sendall(f"GET /sign-in?next=/ HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = b""
    with line.makefile("rb") as answer:
        while (part := answer.readline()) not in (b"", b"\r\n"):
            head += part
    return head


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


FOREIGN = ["evil.example", "news.example.org.evil.example", "127.0.0.1", "_", "", "x:80"]


def test_port_80_sends_only_the_sites_own_name_to_https(ports: Ports) -> None:
    for host in (HOST, HOST.upper(), f"{HOST}:80"):
        with connect(ports.plain) as line:
            answer = ask(line, host)
        assert b" 301 " in answer, host
        assert f"Location: https://{HOST}/sign-in?next=/\r\n".encode() in answer, host
    answered = {}
    for host in FOREIGN:
        with connect(ports.plain) as line:
            answer = ask(line, host)
        if answer and b" 400 " not in answer:
            answered[host] = answer
    assert answered == {}


def test_port_443_shakes_hands_for_the_sites_own_name_alone(ports: Ports) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    for name in ("evil.example", None):
        with connect(ports.tls) as line, pytest.raises(ssl.SSLError):
            trusting.wrap_socket(line, server_hostname=name)
    for host in FOREIGN:  # who says one name to the certificate and another one to the site
        with closing(trusting.wrap_socket(connect(ports.tls), server_hostname=HOST)) as line:
            answer = ask(line, host)
            assert not answer or b" 400 " in answer or b" 421 " in answer, host
    with closing(trusting.wrap_socket(connect(ports.tls), server_hostname=HOST)) as line:
        assert b" 502 " in ask(line, HOST)  # from the site, which is not there
