"""Each request has a name, and each line of production's log is one JSON object."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.policy import Permission
from app.web.guards import requires
from tests.conftest import PASSWORD, TOKEN, Browser
from tests.web.apps import ADDRESS, production

Browse = Callable[..., Browser]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged since the last look: every line must be JSON by itself."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def sign_in(visitor: FlaskClient, name: str, password: str, **options: Any) -> int:
    token = TOKEN.search(visitor.get("/sign-in", base_url=ADDRESS).text)
    assert token is not None
    form = {"name": name, "password": password, "csrf_token": token[1]}
    return visitor.post("/sign-in", data=form, base_url=ADDRESS, **options).status_code


def test_a_request_keeps_the_id_that_a_proxy_gave_it(browse: Browse) -> None:
    answer = browse().get("/nothing", headers={"X-Request-ID": "abc-DEF-0123456789"})
    assert answer.headers["X-Request-ID"] == "abc-DEF-0123456789"
    assert "Reference abc-DEF-0123456789" in answer.text


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with space", "<script>", "ünïcode-id", '12345678"']
)
def test_a_request_without_a_good_id_gets_one_of_its_own(browse: Browse, given: str) -> None:
    visitor = browse()
    ids = {visitor.get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"] for _ in "12"}
    assert len(ids) == 2
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in ids)


def test_in_production_a_request_is_one_line_of_json(
    site: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    with production(site) as app:
        answer = app.test_client().get("/about", base_url=ADDRESS)
        (line,) = lines(capsys)
    assert line["request"] == answer.headers["X-Request-ID"]
    assert line["at"].endswith("+00:00")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/about", 200)
    assert (line["level"], line["user"]) == ("INFO", None)
    assert line["ms"] > 0


def test_nothing_that_is_sent_can_break_out_of_its_line(
    site: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = 'x\n{"level": "INFO", "message": "forged"}\r\n\u2028\x1b[31m'
    with production(site) as app:
        visitor = app.test_client()
        visitor.get("/" + quote(forged), base_url=ADDRESS)
        sign_in(visitor, forged, "wrong", headers={"User-Agent": "a\tb"})
        written = capsys.readouterr().err
    assert written.isascii()
    assert not any(letter in written for letter in "\r\x1b\t")
    logged = [json.loads(line) for line in written.split("\n") if line]
    assert not any(line["message"] == "forged" for line in logged)
    assert logged[0]["path"] == "/" + forged
    assert any(line.get("who", "").startswith("x\n{") for line in logged)


def test_the_security_log_tells_of_sign_ins_without_any_password(
    site: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    with production(site) as app:
        visitor = app.test_client()
        assert sign_in(visitor, "rhea", "a wrong guess") == 422
        assert sign_in(visitor, "rhea", PASSWORD) == 303
        written = capsys.readouterr().err
    noted = [json.loads(line) for line in written.splitlines() if "botbeat.security" in line]
    assert [(n["what"], n["outcome"], n["who"]) for n in noted] == [
        ("sign-in", "refused 422", "rhea"),
        ("sign-in", "done", "rhea"),
    ]
    assert {n["from"] for n in noted} == {"127.0.0.1"}
    assert PASSWORD not in written
    assert "a wrong guess" not in written


def test_the_security_log_tells_of_refused_forms_and_doors(
    site: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    with production(site) as app:
        visitor = app.test_client()
        visitor.post("/theme", base_url=ADDRESS)
        visitor.post("/theme", base_url=ADDRESS, headers={"Origin": "https://evil.example"})
        noted = [n for n in lines(capsys) if n["logger"] == "botbeat.security"]
    assert [(n["what"], n["outcome"]) for n in noted] == [
        ("POST /theme", "refused 400"),
        ("POST /theme", "refused 403"),
    ]


def test_a_crash_is_logged_with_its_traceback_in_one_line(
    site: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    with production(site) as app:

        @app.get("/crash")
        @requires(Permission.PUBLIC)
        def crash() -> str:
            raise RuntimeError("two\nlines")

        answer = app.test_client().get("/crash", base_url=ADDRESS)
        assert answer.status_code == 500
        error, _ = lines(capsys)
    assert error["level"] == "ERROR"
    assert error["request"] == answer.headers["X-Request-ID"]
    assert "RuntimeError: two\nlines" in error["traceback"]
