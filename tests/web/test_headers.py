"""The headers that every answer carries, and who may keep it."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.cache import http
from app.db.base import db
from tests.cases import each
from tests.conftest import Browser, say, story
from tests.web.apps import ADDRESS, production
from tests.web.routes import routes

Browse = Callable[..., Browser]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
STYLE = "/static/css/base.css"


def assert_secured(answer: TestResponse) -> None:
    headers = answer.headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert not any(name.startswith("Access-Control-") for name, _ in headers)
    assert "Server" not in headers


@each(
    ("path", "status"),
    [
        ("/", 200),
        ("/healthz", 200),
        ("/robots.txt", 200),
        (STYLE, 200),
        ("/c/1", 303),
        ("/mod", 308),
        ("/nothing", 404),
        ("/static/nothing.css", 404),
        ("/static/../wsgi.py", 404),
        ("/static/%2e%2e/wsgi.py", 404),
        ("/sign-out", 405),
    ],
)
def test_every_kind_of_answer_is_secured(browse: Browse, path: str, status: int) -> None:
    say("rhea", "Words")
    answer = browse().get(path, buffered=True)
    assert answer.status_code == status
    assert_secured(answer)


def test_answers_to_forms_are_secured(browse: Browse) -> None:
    rhea, comment = browse("rhea"), say("ravi", "Words")
    for path, data, htmx, status in (
        ("/articles/story/comments", {"body": "Words"}, True, 200),
        ("/articles/story/comments", {"body": "More words"}, False, 303),
        ("/articles/story/comments", {"body": ""}, False, 422),
        (f"/c/{comment.id}/delete", {}, True, 403),
        ("/nothing", {}, False, 404),
    ):
        answer = rhea.post(path, data, htmx=htmx)
        assert answer.status_code == status
        assert_secured(answer)


@pytest.mark.parametrize("path", ["/", STYLE])
def test_an_unchanged_page_or_file_is_not_sent_again(browse: Browse, path: str) -> None:
    visitor = browse()
    first = visitor.get(path, buffered=True)
    known = {"If-None-Match": first.headers["ETag"]} if "ETag" in first.headers else {}
    known |= {"If-Modified-Since": first.headers.get("Last-Modified", "")}
    again = visitor.get(path, headers=known, buffered=True)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_a_304_of_a_page_is_secured(browse: Browse) -> None:
    visitor = browse()
    etag = visitor.get("/").headers["ETag"]
    assert_secured(visitor.get("/", headers={"If-None-Match": etag}))


def test_files_are_kept_for_a_year_because_their_address_moves(browse: Browse) -> None:
    page = browse().get("/").text
    asked = page.split('href="/static/css/base.css?')[1].split('"')[0]
    assert asked.startswith("v=")
    answer = browse().get(f"{STYLE}?{asked}", buffered=True)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/nothing", STYLE])
def test_production_asks_browsers_to_stay_with_https(site: Flask, path: str) -> None:
    with production(site) as app:
        answer = app.test_client().get(path, base_url=ADDRESS, buffered=True)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in site.test_client().get(path, buffered=True).headers


# They need a token, so a session.
FORMS = {"accounts.sign_in", "accounts.join", "site.choose_theme", "discussion.mark_seen"}
# Who may keep a visitor's page for how long, and what makes it another one.
PAGE = (http.SHARED, {"Cookie", "HX-Request", "Accept-Encoding"})
POLL: tuple[str, set[str]] = ("public, max-age=5", set())  # members get the very same


def test_what_a_visitor_reads_is_the_same_for_all_and_sets_no_cookie(browse: Browse) -> None:
    comment = say("rhea", "Words")
    for route in routes(browse().app):
        if route.method != "GET" or route.endpoint in FORMS:
            continue
        path = route.path(browse().app, comment.id)
        answer = browse().get(path, buffered=True)
        assert "Set-Cookie" not in answer.headers, path
        assert "csrf_token" not in answer.text, path
        if answer.status_code != 200 or path in ("/healthz", "/readyz"):
            continue
        kept = POLL if route.endpoint == "discussion.poll" else PAGE
        assert (answer.headers["Cache-Control"], set(answer.vary)) == kept, path
        other = browse().get(path)
        assert (other.headers["ETag"], other.data) == (answer.headers["ETag"], answer.data), path


def test_a_change_of_what_is_shown_moves_the_etag(browse: Browse) -> None:
    visitor = browse()
    etags = [visitor.get("/articles/story").headers["ETag"]]
    say("rhea", "A comment")
    etags.append(visitor.get("/articles/story").headers["ETag"])
    story().headline = "Another headline"
    db.session.commit()
    etags.append(visitor.get("/articles/story").headers["ETag"])
    assert len(set(etags)) == 3
    stale = visitor.get("/articles/story", headers={"If-None-Match": etags[0]})
    assert (stale.status_code, "Another headline" in stale.text) == (200, True)


@pytest.mark.parametrize("who", ["rhea", "mo"])
def test_pages_of_members_are_stored_nowhere(browse: Browse, who: str) -> None:
    visitor, member = browse(), browse(who)
    for path in ("/", "/articles/story", "/about", "/u/rhea", "/nothing", "/search?q=story"):
        known = {"If-None-Match": visitor.get(path).headers.get("ETag", '"none"')}
        answer = member.get(path, headers=known)
        assert answer.status_code in (200, 404)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers
        assert "cookie" in answer.vary


@pytest.mark.parametrize("who", [None, "rhea"])
def test_fragments_are_stored_nowhere(browse: Browse, who: str | None) -> None:
    say("rhea", "Words")
    for path in ("/articles/story/comments?sort=oldest", "/c/1/replies", "/c/99/replies"):
        answer = browse(who).get(path, htmx=True)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert {"Cookie", "HX-Request"} <= set(answer.vary)


@pytest.mark.parametrize("path", ["/sign-in", "/join", "/theme"])
def test_a_page_with_a_token_is_stored_nowhere(browse: Browse, path: str) -> None:
    assert browse().get(path).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path", ["/u/rhea/x.css", "/mod/reported/x.css", "/sign-in/x.js", "/mod/x.png"]
)
def test_a_private_page_is_not_found_under_the_name_of_a_file(browse: Browse, path: str) -> None:
    assert browse("mo").get(path).status_code == 404
