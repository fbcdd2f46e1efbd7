"""Whatever a program sends, the site answers in its own words and never with a crash."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.cases import each
from tests.conftest import Browser, say
from tests.web.apps import ADDRESS, production
from tests.web.routes import routes, snapshot

Browse = Callable[..., Browser]
BIG = "9" * 30
ENDLESS = "9" * 4_301  # more digits than Python reads
FORM = "application/x-www-form-urlencoded"
VALUES = {
    "nothing": "",
    "NUL": "a\x00b",
    "lone surrogate": "\ud800",
    "not UTF-8": "\udcff\udcfe",
    "negative": "-1",
    "far below": f"-{BIG}",
    "past 32 bits": "2147483648",
    "past 64 bits": BIG,
    "endless": ENDLESS,
    "superscript": "²",
    "not a number": "1e5",
    "no place": f"1-{ENDLESS}",
    "too early a place": "-5-5",
    "markup": '"><script>alert(1)</script>{{ 7*7 }}',
    "right to left": "\u202e\u2066",
    "SQL": "' OR 1=1; --",
}
NAMES = (
    *("after", "before", "by", "c", "category", "done", "ids", "key", "level", "new", "newer"),
    *("next", "older", "page", "q", "queue", "show", "since", "sort", "tab"),
)
FIELDS = (
    *("agreed", "article", "body", "comment_id", "details", "name", "next", "note", "nudged"),
    *("parent_id", "password", "pattern", "place", "queue", "reason", "publish_seq", "shortcuts"),
    *("sort", "submission", "theme", "until", "value", "version", "website", "why"),
)


# What PostgreSQL refuses as a number, a text or a place in a list; SQLite is asked with all.
PAST_A_TYPE = (
    *("NUL", "lone surrogate", "not UTF-8", "negative", "far below", "past 32 bits"),
    *("past 64 bits", "endless", "too early a place"),
)


@pytest.mark.one_engine("postgresql")
@each("value", [VALUES[name] for name in PAST_A_TYPE])
def test_no_value_past_a_type_breaks_a_page_of_postgresql(browse: Browse, value: str) -> None:
    mo, comment = browse("mo"), say("rhea", "Words")
    query = "&".join(f"{name}={_quoted(value)}" for name in NAMES)
    for route in routes(mo.app):
        if route.method == "GET":
            answer = mo.get(f"{route.path(mo.app, comment.id)}?{query}")
            assert answer.status_code < 500, route


# A fragment is asked for with the same names as its page; these are what it might echo or drop.
OF_FRAGMENTS = ("nothing", "NUL", "endless", "markup")


@each(("name", "htmx"), [*((n, False) for n in VALUES), *((n, True) for n in OF_FRAGMENTS)])
def test_no_query_string_breaks_a_page(browse: Browse, name: str, htmx: bool) -> None:
    mo, comment = browse("mo"), say("rhea", "Words")
    query = "&".join(f"{key}={_quoted(VALUES[name])}" for key in NAMES)
    for route in routes(mo.app):
        if route.method == "GET":
            answer = mo.get(f"{route.path(mo.app, comment.id)}?{query}", htmx=htmx)
            assert answer.status_code < 500, route
            assert "<script>alert" not in answer.text


# What decides which part of a discussion is shown; together they would hide each other.
PARTS = (
    *("c={}", "by={}", "show={}", "new={}", "new=1&since={}", "new=1&after={}", "sort={}"),
    *("sort=newest&after={}", "sort=oldest&after={}", "sort=discussed&after=1&key={}"),
    *("ids={}", "after={0}&level={0}"),
)


@each("value", VALUES.values())
def test_no_part_of_a_discussion_that_nobody_made_breaks_it(browse: Browse, value: str) -> None:
    _ask_for_parts(browse, value)


@pytest.mark.one_engine("postgresql")
@each("name", PAST_A_TYPE)
def test_no_part_past_a_type_breaks_a_discussion_of_postgresql(browse: Browse, name: str) -> None:
    _ask_for_parts(browse, VALUES[name])


def _ask_for_parts(browse: Browse, value: str) -> None:
    top = say("rhea", "Words")
    say("ravi", "A reply", top)
    rhea, typed = browse("rhea"), _quoted(value)
    for query in [part.format(typed) for part in PARTS]:
        for path in ("/articles/story", "/articles/story/comments", f"/c/{top.id}/replies"):
            answer = rhea.get(f"{path}?{query}", htmx=True)
            assert answer.status_code in (200, 404), (path, query)
            assert "<script>alert" not in answer.text
    assert browse().get(f"/articles/1/new?since={typed}").status_code in (200, 204)


@pytest.mark.parametrize("name", VALUES)
def test_no_field_of_a_form_breaks_an_act(browse: Browse, name: str) -> None:
    _act_with(browse, VALUES[name])


@pytest.mark.one_engine("postgresql")
@pytest.mark.parametrize("name", PAST_A_TYPE)
def test_no_field_past_a_type_breaks_an_act_of_postgresql(browse: Browse, name: str) -> None:
    _act_with(browse, VALUES[name])


def _act_with(browse: Browse, value: str) -> None:
    comment = say("rhea", "Words")
    fields = [f"{name}={_quoted(value)}" for name in FIELDS]
    for browser in (browse("mo"), browse()):
        body = "&".join([f"csrf_token={browser.token()}", *fields])
        for route in routes(browser.app):
            if route.method == "POST" and route.endpoint != "accounts.sign_out":
                path = route.path(browser.app, comment.id)
                assert sent(browser, path, body.encode(), FORM) < 500, route


def sent(browser: Browser, path: str, body: bytes, content_type: str, **headers: str) -> int:
    """Return the status of a body sent as it is."""
    with browser.app.app_context():
        return browser.client.post(
            path,
            data=body,
            content_type=content_type,
            headers=headers,
            base_url="http://localhost",
        ).status_code


def _quoted(value: str) -> str:
    raw = value.encode("utf-8", "surrogateescape" if "\udcff" in value else "surrogatepass")
    return quote(raw, safe="")


@pytest.mark.both_engines  # limits of types
def test_fields_sent_twice_or_as_lists_break_nothing(browse: Browse) -> None:
    mo, comment = browse("mo"), say("rhea", "Words")
    token = mo.token()
    twice = MultiDict([("csrf_token", token), ("csrf_token", "other")])
    for name in FIELDS:
        for value in ("1", "x", ""):
            twice.add(name, value)
            twice.add(f"{name}[]", value)
            twice.add(f"{name}[key]", value)
    for route in routes(mo.app):
        if route.method == "POST" and route.endpoint != "accounts.sign_out":
            form = {key: twice.getlist(key) for key in twice}
            answer = mo.post(route.path(mo.app, comment.id), form, token=token)
            assert answer.status_code < 500, route


@each(
    ("content_type", "body"),
    [
        ("application/json", b'{"body": ["x"], "csrf_token": {}}'),
        ("application/json", b"[" * 5_000),
        ("text/plain", b"body=x"),
        ("application/x-www-form-urlencoded", b"\xff\xfe%zz&&&===&" * 50),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=" + "x" * 500, b"--"),
        ("nonsense", b"\x00" * 100),
    ],
)
def test_a_body_that_is_no_form_is_refused(browse: Browse, content_type: str, body: bytes) -> None:
    mo, comment = browse("mo"), say("rhea", "Words")
    before = snapshot()
    for route in routes(mo.app):
        if route.method == "POST":
            status = sent(mo, route.path(mo.app, comment.id), body, content_type)
            assert status in (400, 413), route
    assert snapshot() == before


def test_json_is_no_form_even_with_a_token(browse: Browse) -> None:
    mo, comment = browse("mo"), say("rhea", "Words")
    token, before = mo.token(), snapshot()
    wrong = {"body": {"a": 1}, "value": 1, "reason": ["spam"], "version": True, "name": 7}
    for body in (json.dumps(wrong).encode(), b"[" * 5_000, b"7"):
        for route in routes(mo.app):
            if route.method == "POST" and route.endpoint != "accounts.sign_out":
                path = route.path(mo.app, comment.id)
                header = {"X-CSRFToken": token}
                assert sent(mo, path, body, "application/json", **header) < 500, route
    assert snapshot() == before


@pytest.mark.both_engines  # limits of types
@each(
    "path",
    [
        *("/articles/%00", "/u/%00", "/topics/a%00b", "/organisations/%00", "/categories/%00"),
        *("/articles/%ff%fe", "/u/%ed%a0%80", "/articles/%00/comments", "/mod/%00", "/%00"),
        *(f"/c/{BIG}", f"/c/{ENDLESS}", f"/c/{BIG}/replies", f"/c/{BIG}/report", "/c/2147483648"),
        *(f"/c/{BIG}/edit", f"/mod/c/{BIG}", f"/mod/c/{BIG}/reject", "/c/-1", "/c/1.0", "/c/²"),
        *("/articles/" + "x" * 3_000, "/articles/..%2f..%2fetc", "/articles/%2e%2e/story/x"),
    ],
)
def test_an_address_of_nothing_is_404_however_it_is_written(browse: Browse, path: str) -> None:
    mo = browse("mo")
    assert mo.get(path).status_code == 404
    assert mo.post(path, {"body": "x"}).status_code in (404, 405)


@each("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "BREW"])
def test_a_method_that_no_view_declares_is_405(browse: Browse, method: str) -> None:
    ada = browse("ada")
    for path in ("/", "/articles/story", "/sign-in", "/mod/reported", "/healthz"):
        with ada.app.app_context():
            answer = ada.client.open(path, method=method, base_url="http://localhost")
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]


@each("host", ["evil.example", "localhost.evil.example", "evil.example:8000", "127.0.0.2", "[::1]"])
@each("htmx", [False, True])
def test_another_host_name_is_refused_and_never_drawn(
    browse: Browse, host: str, htmx: bool
) -> None:
    visitor = browse()
    for method in ("get", "post"):
        for path in ("/", "/sign-in", "/nothing"):
            with visitor.app.app_context():
                answer = getattr(visitor.client, method)(
                    path,
                    base_url=f"http://{host}",
                    headers={"HX-Request": "true"} if htmx else {},
                )
            assert answer.status_code == 400
            assert host not in answer.text
            assert "Set-Cookie" not in answer.headers


def test_addresses_in_pages_come_from_the_settings_not_from_the_request(site: Flask) -> None:
    claims = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    with production(site) as app:
        page = app.test_client().get("/articles/story", base_url=ADDRESS, headers=claims).text
    assert f'<link rel="canonical" href="{ADDRESS}/articles/story">' in page
    assert "evil.example" not in page
