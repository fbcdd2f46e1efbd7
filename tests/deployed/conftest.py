"""The site as deployers run it: gunicorn behind the nginx of deploy/nginx.conf."""

import http.client
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock
from urllib.parse import urlencode

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.db.base import db
from devtools.steps import ROOT
from tests import databases, services
from tests.conftest import PASSWORD, TOKEN, people_and_a_story

HOST = "news.example.org"
CONFIG = ROOT / "deploy" / "nginx.conf"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Reader:
    """Somebody's browser at one port of this machine, which believes to be at HOST by https."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    keeps_cookies: bool = True

    def at(self, port: int) -> "Reader":
        """Return the same browser, sent to another server."""
        return Reader(port, self.cookies)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, str], token_at: str = "/theme") -> Answer:
        found = TOKEN.search(self.get(token_at).text)
        assert found is not None
        return self._ask("POST", path, urlencode(form | {"csrf_token": found[1]}))

    def sign_in(self, name: str) -> None:
        answer = self.post("/sign-in", {"name": name, "password": PASSWORD})
        assert answer.status == 303, answer.text

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST}
        if self.cookies:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            given = answer.headers.get_all("Set-Cookie") if self.keeps_cookies else None
            for cookie in given or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
                if "max-age=0" in cookie.lower():
                    del self.cookies[name]
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())


def settings(instance: Path, **more: str) -> dict[str, str]:
    """Return the environment of docs/production.md for one machine behind a proxy."""
    return {
        "BOTBEAT_ENV": "production",
        "BOTBEAT_SECRET_KEY": "k" * 40,
        "BOTBEAT_SITE_URL": f"https://{HOST}",
        "BOTBEAT_TRUSTED_HOSTS": HOST,
        "BOTBEAT_PROXY_HOPS": "1",
        "BOTBEAT_INSTANCE": str(instance),
    } | more


@contextmanager
def filled(env: dict[str, str]) -> Iterator[Flask]:
    """Yield an app of this process on the database of the site, which it migrates and fills."""
    with mock.patch.dict("os.environ", services.own_environment(env), clear=True):
        app = create_app({"TESTING": True})
    with app.app_context():
        upgrade()
        people_and_a_story()
        yield app
        db.session.remove()
    databases.close(app)


@contextmanager
def site_at(env: dict[str, str]) -> Iterator[int]:
    """Run a process of the site; yields its port."""
    with services.site(env) as url:
        yield int(url.rpartition(":")[2])


@contextmanager
def behind_nginx(servers: Sequence[int]) -> Iterator[int]:
    """nginx as deploy/nginx.conf has it, without the certificate; yields its port."""
    port, text = services.free_port(), CONFIG.read_text()
    upstream = "".join(f"server 127.0.0.1:{s} max_fails=1 fail_timeout=2s;\n" for s in servers)
    for pattern, new, times in (
        (r"server \{\s+listen 80.*?\n\}\n", "", 2),
        (r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};", 1),
        (r"ssl_certificate\w* [^;]*;", "", 2),
        (r"    server 127\.0\.0\.1:8001 .*?8002 [^;]*;\n", upstream, 1),
    ):
        text, found = re.subn(pattern, new, text, flags=re.DOTALL)
        assert found == times, pattern
    with services.nginx(text, port):
        yield port


@contextmanager
def one_process(folder: Path) -> Iterator[tuple[Flask, int]]:
    """SQLite and one process behind nginx; yields an app on the same data, and nginx's port."""
    env = settings(folder)
    with filled(env) as app, site_at(env) as server, behind_nginx([server]) as port:
        yield app, port


@dataclass
class Machines:
    """Two processes of the site with what they share."""

    app: Flask
    port: int
    servers: list[int]
    redis: ExitStack
    redis_port: int
    database: ExitStack
    cluster: Path


@contextmanager
def two_machines(folder: Path) -> Iterator[Machines]:
    """Two processes with folders of their own, one PostgreSQL, one Redis, nginx in front."""
    with ExitStack() as stack:
        cluster = stack.enter_context(services.cluster())
        database = stack.enter_context(ExitStack())
        redis = stack.enter_context(ExitStack())
        address = redis.enter_context(services.redis_server())
        shared = {
            "BOTBEAT_DATABASE_URL": database.enter_context(services.serving(cluster)),
            "BOTBEAT_REDIS_URL": address,
        }
        instances = [folder / "one", folder / "two"]
        app = stack.enter_context(filled(settings(folder / "here", **shared)))
        servers = [stack.enter_context(site_at(settings(i, **shared))) for i in instances]
        port = stack.enter_context(behind_nginx(servers))
        redis_port = int(address.rpartition(":")[2].partition("/")[0])
        yield Machines(app, port, servers, redis, redis_port, database, cluster)
