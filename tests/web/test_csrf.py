"""Nothing is changed but by a form of our own pages."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.comments.models import Comment
from app.db.base import db
from tests.cases import each
from tests.conftest import PASSWORD, TOKEN, Browser, say
from tests.web.apps import ADDRESS, production
from tests.web.routes import routes, snapshot

Browse = Callable[..., Browser]
POST = "/articles/story/comments"


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_every_route_that_takes_a_form_asks_for_its_token(
    browse: Browse, token: str | None, htmx: bool
) -> None:
    ada, comment = browse("ada"), say("rhea", "Words")
    posted = [route for route in routes(ada.app) if route.method == "POST"]
    before = snapshot()
    found = {
        str(route): ada.post(route.path(ada.app, comment.id), token=token, htmx=htmx).status_code
        for route in posted
    }
    assert len(found) >= 12
    assert found == dict.fromkeys(found, 400)
    assert snapshot() == before


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_a_strangers_form_without_a_token_keeps_a_comment_for_later_and_does_nothing_else(
    browse: Browse, htmx: bool
) -> None:
    visitor, comment = browse(), say("rhea", "Words")
    before, ours = snapshot(), {"Sec-Fetch-Site": "same-origin"}
    for route in routes(visitor.app):
        if route.method == "POST":
            path, form = route.path(visitor.app, comment.id), {"body": "Words", "publish_seq": "1"}
            answer = visitor.post(path, form, token=None, htmx=htmx, headers=ours)
            way = answer.headers.get("HX-Redirect" if htmx else "Location", "")
            to_sign_in = way.startswith("/sign-in")
            assert to_sign_in or answer.status_code in (400, 401), route
    after = snapshot()
    assert len(after.pop("kept_texts")) == 1
    assert after == {name: rows for name, rows in before.items() if name != "kept_texts"}


def test_a_token_of_another_browser_is_refused(browse: Browse) -> None:
    stolen = browse("ravi").token()
    answer = browse("rhea").post(POST, {"body": "Kept words"}, token=stolen)
    assert answer.status_code == 400
    assert "Kept words" in answer.text


def test_a_token_may_come_in_the_header_that_scripts_set(browse: Browse) -> None:
    rhea = browse("rhea")
    answer = rhea.post(
        POST, {"body": "Words"}, token=None, htmx=True, headers={"X-CSRFToken": rhea.token()}
    )
    assert answer.status_code == 200


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8001"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost:80"},
    {"Origin": "localhost"},
    {"Origin": "http://localhost/"},
    {"Origin": "http://localhost, http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
]


@each("headers", FOREIGN)
def test_a_form_sent_from_another_site_is_refused_even_with_a_token(
    browse: Browse, headers: dict[str, str]
) -> None:
    rhea = browse("rhea")
    token, before = rhea.token(), snapshot()
    for path in (POST, "/sign-out", "/theme", "/preview"):
        answer = rhea.post(path, {"body": "Kept words"}, token=token, headers=headers)
        assert answer.status_code == 403
        assert "sent from another site" in answer.text
    assert snapshot() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_form_of_our_own_page_is_taken(browse: Browse, headers: dict[str, str]) -> None:
    assert browse("rhea").post(POST, {"body": "Words"}, headers=headers).status_code == 303


def test_over_https_a_browser_may_keep_its_referer_to_itself(site: Flask) -> None:
    with production(site) as app:
        visitor = app.test_client()
        token = TOKEN.search(visitor.get("/sign-in", base_url=ADDRESS).text)
        assert token is not None
        form = {"name": "rhea", "password": PASSWORD, "csrf_token": token[1]}
        foreign = {"Origin": "https://evil.example", "Referer": f"{ADDRESS}/sign-in"}
        refused = visitor.post("/sign-in", data=form, base_url=ADDRESS, headers=foreign)
        assert refused.status_code == 403
        taken = visitor.post("/sign-in", data=form, base_url=ADDRESS, headers={"Origin": ADDRESS})
        assert taken.status_code == 303


def test_in_production_only_a_page_of_https_at_the_same_host_and_port_is_ours(site: Flask) -> None:
    with production(site, BOTBEAT_PROXY_HOPS="1") as app:
        visitor, wrong = app.test_client(), {}
        for proto in ("https", "http", None):  # what the proxy says, or forgets to say
            told = {"X-Forwarded-Proto": proto} if proto else {}
            for origin, expected in {
                ADDRESS: 303,
                "http://news.example.org": 403,
                "https://news.example.org:8443": 403,
                "https://www.example.org": 403,
                "null": 403,
            }.items():
                page = visitor.get("/theme", base_url=ADDRESS).text
                token = TOKEN.search(page)
                assert token is not None
                found = visitor.post(
                    "/theme",
                    data={"csrf_token": token[1], "theme": "dark"},
                    base_url=ADDRESS,
                    headers=told | {"Origin": origin},
                ).status_code
                if found != expected:
                    wrong[proto, origin] = found
    assert wrong == {}


@pytest.mark.parametrize("who", [None, "rhea", "mo"])
def test_asking_for_a_page_changes_nothing(browse: Browse, who: str | None) -> None:
    browser, comment = browse(who), say("rhea", "Words")
    queries = (
        "",
        "?c=1&after=1&sort=newest&q=words&next=/topics&before=9&done=1&queue=pending&level=2",
        "?new=1&since=0&ids=1&page=2&tab=saved&value=1&publish_seq=1&key=0.5",
        "?show=staff&sort=discussed",
        "?by=rhea&sort=controversial",
    )
    before = snapshot()
    for route in routes(browser.app):
        if route.method == "GET":
            for query in queries:
                for htmx in (False, True):
                    browser.get(route.path(browser.app, comment.id) + query, htmx=htmx)
    assert snapshot() == before


def test_addresses_that_only_take_forms_refuse_to_be_opened(browse: Browse) -> None:
    ada, comment = browse("ada"), say("rhea", "Words")
    both = {route.endpoint for route in routes(ada.app) if route.method == "GET"}
    before = snapshot()
    for route in routes(ada.app):
        if route.endpoint not in both | {"discussion.create_comment"}:
            answer = ada.get(route.path(ada.app, comment.id) + "?value=1&version=1")
            assert answer.status_code == 405, route
            assert "POST" in answer.headers["Allow"]
    assert snapshot() == before
    assert db.session.query(Comment).count() == 1
