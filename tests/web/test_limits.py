"""How often one may: a sentence with the wait, the text kept, and each counted for themselves."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from app import clock
from app.comments.models import Comment
from app.db.base import db
from tests.conftest import Browser, say
from tests.web.apps import ADDRESS, production

Browse = Callable[..., Browser]
POST = "/articles/story/comments"

# Each is refused for what is typed and counted all the same, which makes it cheap to repeat.
LIMITED = [
    (POST, {"body": ""}, 6, "rhea"),
    ("/c/1/edit", {"body": "Kept words"}, 20, "rhea"),
    ("/c/1/vote", {"value": "9"}, 60, "ravi"),
    ("/c/1/report", {"reason": "", "details": "Kept words"}, 20, "ravi"),
    ("/preview", {"body": "", "article": "story"}, 30, "rhea"),
    ("/articles/story/seen", {"publish_seq": ""}, 60, "rhea"),
    ("/drafts", {"place": "nowhere", "body": "Kept words"}, 60, "rhea"),
    ("/join", {"name": "wilma"}, 5, None),
    ("/sign-in", {"name": "wilma"}, 20, None),
]


def repeated(browser: Browser, path: str, form: dict[str, Any], times: int) -> list[int]:
    token = browser.token()
    return [browser.post(path, form, token=token).status_code for _ in range(times)]


def assert_too_often(answer: TestResponse, kept: str) -> None:
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3601
    assert "Too many tries. Wait " in answer.text
    assert kept in answer.text


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize(("path", "form", "most", "who"), LIMITED, ids=[row[0] for row in LIMITED])
def test_one_try_too_many_is_429_with_the_wait(
    browse: Browse, path: str, form: dict[str, str], most: int, who: str | None
) -> None:
    say("rhea", "Words")
    browser = browse(who)
    assert 429 not in repeated(browser, path, form, most)
    assert_too_often(browser.post(path, form), form.get("name", ""))
    htmx = browser.post(path, form, htmx=True)
    assert (htmx.status_code, "Retry-After" in htmx.headers) == (429, True)


@pytest.mark.usefixtures("limits")
def test_the_text_of_the_seventh_comment_is_kept_and_nothing_is_stored(browse: Browse) -> None:
    rhea = browse("rhea")
    repeated(rhea, POST, {"body": ""}, 6)
    for htmx in (False, True):
        assert_too_often(rhea.post(POST, {"body": "Kept words"}, htmx=htmx), ">Kept words<")
    assert db.session.query(Comment).count() == 0


@pytest.mark.usefixtures("limits")
def test_the_details_of_a_report_are_kept(browse: Browse) -> None:
    say("rhea", "Words")
    ravi, form = browse("ravi"), {"reason": "", "details": "Kept words"}
    repeated(ravi, "/c/1/report", form, 20)
    assert_too_often(ravi.post("/c/1/report", form), ">Kept words<")


@pytest.mark.usefixtures("limits")
def test_after_the_wait_it_works_again(browse: Browse) -> None:
    rhea = browse("rhea")
    repeated(rhea, POST, {"body": ""}, 7)
    later = clock.now().timestamp() + 61
    with time_machine.travel(later, tick=True):
        assert rhea.post(POST, {"body": "Words"}).status_code == 303


@pytest.mark.usefixtures("limits")
def test_members_are_counted_by_account_wherever_they_are(browse: Browse) -> None:
    rhea, ravi = browse("rhea"), browse("ravi")
    assert repeated(rhea, POST, {"body": ""}, 7)[-1] == 429
    assert ravi.post(POST, {"body": "Words"}).status_code == 303
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert rhea.post(POST, {"body": ""}, environ_overrides=elsewhere).status_code == 429
    assert browse("rhea").post(POST, {"body": ""}).status_code == 429


@pytest.mark.usefixtures("limits")
def test_visitors_are_counted_by_network_that_no_header_changes(browse: Browse) -> None:
    visitor = browse()
    assert repeated(visitor, "/join", {}, 6)[-1] == 429
    assert browse().post("/join").status_code == 429
    claims = {
        "X-Forwarded-For": "192.0.2.7",
        "X-Real-IP": "192.0.2.7",
        "Forwarded": "for=192.0.2.7",
    }
    assert visitor.post("/join", headers=claims).status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert visitor.post("/join", environ_overrides=elsewhere).status_code == 422


@pytest.mark.usefixtures("limits")
def test_one_address_cannot_guess_at_many_accounts(browse: Browse) -> None:
    visitor = browse()
    token = visitor.token()
    found = [
        visitor.post("/sign-in", {"name": f"name{n}"}, token=token).status_code for n in range(21)
    ]
    assert found == [422] * 20 + [429]


@pytest.mark.usefixtures("limits")
def test_searching_is_limited_and_reading_is_not(browse: Browse) -> None:
    visitor = browse()
    found = [visitor.get("/search?q=story").status_code for _ in range(61)]
    assert found == [200] * 60 + [429]
    assert {visitor.get(path).status_code for path in ("/search", "/", "/about") * 15} == {200}


@pytest.mark.parametrize(("hops", "seen"), [("none", "127.0.0.1"), ("1", "192.0.2.7")])
def test_a_proxys_word_counts_only_where_a_proxy_was_declared(
    site: Flask, hops: str, seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7", "X-Forwarded-Host": "news.example.org"}
    with production(site, BOTBEAT_PROXY_HOPS=hops) as app:
        app.test_client().post("/theme", base_url=ADDRESS, headers=claims)
        assert f'"from": "{seen}"' in capsys.readouterr().err
