"""The servers of a run: gunicorn with the site's settings, and nginx; nothing is left over."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.debian import find, tools_environment
from devtools.server import stop
from devtools.steps import ROOT, Stop
from tests.services import free_port, own_environment

DEADLINE = 60  # seconds until a server answers

NGINX = """
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
daemon off;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  default_type text/html;
  server {{
    listen 127.0.0.1:{port};
    location = /healthz {{ return 200 up; }}
    location /page/ {{ alias {pages}/; }}
  }}
}}
"""


@dataclass(frozen=True)
class Server:
    """A running server and the processes that work for it (their first ones)."""

    name: str
    port: int
    pids: tuple[int, ...]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def gunicorn(
    name: str, module: str, env: Mapping[str, str], log: Path, also: tuple[int, ...] = ()
) -> Iterator[Server]:
    """Run `module` (as in "wsgi:app") under gunicorn.conf.py; `also` are processes that it uses."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", module]
    whole = own_environment({**env, "BOTBEAT_BIND": f"127.0.0.1:{port}"})
    with running(name, command, whole, port, log) as process:
        yield Server(name, port, (process.pid, *also))


@contextmanager
def nginx(pages: Path, folder: Path) -> Iterator[Server]:
    """nginx with the captured answers as files."""
    program = find("nginx")
    if program is None:
        raise Stop("nginx is missing: start this as `python3 dev.py bench`, it fetches it.")
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(user=user, folder=folder, port=port, pages=pages))
    command = [str(program), "-e", str(folder / "nginx.log"), "-c", str(file)]
    with running("nginx", command, tools_environment(), port, folder / "nginx.out") as process:
        yield Server("nginx", port, (process.pid,))


@contextmanager
def running(
    name: str,
    command: list[str],
    env: Mapping[str, str],
    port: int,
    log: Path,
    ready: str = "/healthz",
) -> Iterator[subprocess.Popen[str]]:
    """Keep `command` running in a process group of its own, from when it answers on `port`.

    `ready` is a path that answers when the server is up.
    """
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, text=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + DEADLINE
        while not (_is_up(port, ready)):
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                raise Stop(f"{said}\n{name} did not start; what it said stands above.")
            time.sleep(0.1)
        yield process
    finally:
        stop(process)


def _is_up(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
