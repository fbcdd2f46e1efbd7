"""No page is stale or somebody else's: each act, then every page for everybody, through nginx.

What comes through nginx and the stores of the site's processes is compared with what an app
draws at the same time, from the same database, that has kept nothing.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.comments.models import Comment
from app.db.base import db
from tests.acts import Acts
from tests.conftest import say, story
from tests.deployed.conftest import HOST, Reader, one_process, two_machines
from tests.web.routes import routes

PATIENCE = 30  # seconds; nginx may hold a page for one
CANARY = "canary-of-nils"
# Tokens, times, ids of requests and of forms: what differs each time.
OWN = re.compile(
    r'(?:csrf_token|submission)" value="[^"]*"|datetime="[^"]*"|title="[^"]*UTC"'
    r"|\d+ (?:min|sec|h)\w* ago|just now|[0-9a-f]{16,}"
)
ACTS = ("edit", "post", "vote", "reject", "approve", "delete")
NO_PAGES = {"site.check_alive", "site.check_ready", "static"}
MORE = ("/articles/story?sort=newest", "/articles/story?show=staff", "/articles/other")


@contextmanager
def _one(folder: Path) -> Iterator[tuple[Flask, int]]:
    with one_process(folder) as running:
        yield running


@contextmanager
def _two(folder: Path) -> Iterator[tuple[Flask, int]]:
    with two_machines(folder) as machines:
        yield machines.app, machines.port


def drawn(app: Flask, path: str, reader: Reader) -> str:
    """Return what the app itself renders for a reader, past all caches."""
    inner = Client(app.extensions["pagestore"].inner, TestResponse, use_cookies=False)
    headers = {"Cookie": reader.cookie} if reader.cookies else {}
    with app.app_context():  # of its own, as under a server
        return OWN.sub("", inner.get(path, base_url=f"https://{HOST}", headers=headers).text)


Paths = dict[str, list[str]]


# Their pages tell nothing of a story: they are compared after the first act and around a sign-out.
STILL = ("site", "accounts", "members")


def compare(app: Flask, paths: Paths, readers: dict[str, Reader], after: str) -> None:
    """Every page for every reader; only visitors may wait for what nginx still holds."""
    app.extensions["pagestore"].forget()
    for name, reader in readers.items():
        expected = {path: drawn(app, path, reader) for path in paths[name]}
        stale, end = list(expected), time.monotonic() + PATIENCE
        while stale:
            sent = {path: OWN.sub("", reader.get(path).text) for path in stale}
            canaries = [path for path in sent if CANARY in sent[path]]
            assert name in ("nils", "mo") or canaries == []
            stale = [path for path in stale if sent[path] != expected[path]]
            if reader.cookies or time.monotonic() > end:
                break
        assert stale == [], f"for {name} after {after}"


@pytest.mark.parametrize("site", [_one, _two], ids=["one process", "two machines"])
def test_after_each_act_every_page_is_true_for_everybody(site: object, tmp_path: Path) -> None:
    with site(tmp_path) as (app, port):  # type: ignore[operator]
        readers = {"visitor": Reader(port, keeps_cookies=False)}
        for name in ("rhea", "nils", "mo"):
            readers[name] = Reader(port)
            readers[name].sign_in(name)
        acts = Acts(seed=3)
        # Below the other story, where no act publishes it.
        held = say("nils", f"See https://example.org/{CANARY}", article=story("other"))
        first = db.session.query(Comment).order_by(Comment.id).first()
        assert first is not None
        pages = {
            route.path(app, first.id): route.endpoint.partition(".")[0]
            for route in routes(app)
            if route.method == "GET" and route.endpoint not in NO_PAGES
        }
        paths = sorted({*pages, *MORE, f"/c/{held.id}"})
        # What somebody may not open now is left out: nothing is kept of a refusal.
        mine = {
            name: [path for path in paths if reader.get(path).status in (200, 204)]
            for name, reader in readers.items()
        }
        moving = {
            name: [path for path in own if pages.get(path) not in STILL]
            for name, own in mine.items()
        }
        rhea = readers.pop("rhea")
        for number, name in enumerate(ACTS):
            assert acts.do(name) == name
            if name == "edit":  # possible for some minutes only; scores are told of older ones
                for comment in db.session.query(Comment):
                    comment.created_at -= timedelta(hours=2)
                for article in (story(), story("other")):
                    article.version += 1
                db.session.commit()
            db.session.rollback()
            compare(app, moving if number else mine, readers, name)
        rhea.post("/sign-out", {})
        assert drawn(app, "/", rhea) == drawn(app, "/", readers["visitor"])
        compare(app, mine, {"rhea": rhea}, "signing out")
        rhea.sign_in("rhea")
        compare(app, mine, {"rhea": rhea, "visitor": readers["visitor"]}, "signing in")
        assert CANARY in readers["nils"].get("/articles/other").text
