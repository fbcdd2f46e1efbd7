"""Every refusal and failure: a page in words, a fragment for HTMX, and nothing of the inside."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, abort
from werkzeug.exceptions import RequestEntityTooLarge

from app import clock
from app.articles.enums import ArticleStatus
from app.articles.models import Article
from app.errors import Gone, Invalid, TooOften
from app.policy import Permission
from app.web.guards import requires
from tests.cases import each
from tests.conftest import Browser, make_article, say
from tests.web.apps import beside, move

Browse = Callable[..., Browser]

RAISED = {
    400: lambda: abort(400),
    403: lambda: abort(403),
    404: lambda: abort(404),
    405: lambda: abort(405),
    410: lambda: _raise(Gone("It is gone.")),
    413: lambda: _raise(RequestEntityTooLarge()),
    422: lambda: _raise(Invalid("It is wrong.")),
    429: lambda: _raise(TooOften("Too many tries. Wait 7 seconds.", 7)),
    418: lambda: abort(418),
    500: lambda: {}["SELECT secret FROM users"],
}
TITLES = {
    400: "This request can&#39;t be read",
    403: "No access",
    404: "Nothing here",
    405: "Not this way",
    410: "No longer here",
    413: "Too much at once",
    422: "There is a problem",
    429: "Too many tries",
    418: "I&#39;m a teapot",
    500: "Something broke on our side",
}


def _raise(error: Exception) -> None:
    raise error


@pytest.fixture
def broken(site: Flask) -> Iterator[Flask]:
    """Yield a throw-away app whose `/raise/404` fails with that status."""
    with beside(site) as app:
        app.logger.handlers = []

        @app.route("/raise/<code>", methods=["GET", "POST"])
        @requires(Permission.PUBLIC)
        def raise_it(code: str) -> str:
            RAISED[int(code)]()
            return "nothing was raised"

        yield app


@each("who", [None, "rhea"])
@each("status", RAISED)
def test_a_failure_is_a_page_with_its_status_a_way_on_and_a_reference(
    browse: Browse, broken: Flask, status: int, who: str | None
) -> None:
    answer = move(browse(who), broken).get(f"/raise/{status}")
    assert answer.status_code == status
    assert f"<h1>{TITLES[status]}</h1>" in answer.text
    assert f'<p class="error-code">{status}</p>' in answer.text
    assert f"Reference {answer.headers['X-Request-ID']}" in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text
    assert re.search(r'<a class="button" href="/">', answer.text)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Security-Policy"]


@each("status", [code for code in RAISED if code != 500])
def test_over_htmx_a_failure_is_a_note_that_is_also_spoken(
    browse: Browse, broken: Flask, status: int
) -> None:
    answer = move(browse("rhea"), broken).get(f"/raise/{status}", htmx=True)
    assert answer.status_code == status
    assert answer.headers["BB-Fragment"] == "1"
    assert answer.text.startswith('<p class="note danger"')
    assert "bb:announce" in answer.headers["HX-Trigger-After-Settle"]


def test_over_htmx_a_crash_is_plain_words_for_the_pages_own_message(
    browse: Browse, broken: Flask
) -> None:
    answer = move(browse("rhea"), broken).get("/raise/500", htmx=True)
    assert answer.status_code == 500
    assert "BB-Fragment" not in answer.headers
    assert answer.text.startswith("It has been logged as ")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_crash_shows_nothing_of_the_inside(browse: Browse, broken: Flask, method: str) -> None:
    rhea = move(browse("rhea"), broken)
    answer = getattr(rhea, method)("/raise/500")
    assert answer.status_code == 500
    for inside in ("Traceback", "SELECT", "KeyError", "/app/", ".py", "werkzeug", "Flask"):
        assert inside not in answer.text


def test_the_wait_is_told_in_a_header_as_well(browse: Browse, broken: Flask) -> None:
    answer = move(browse(), broken).get("/raise/429")
    assert answer.headers["Retry-After"] == "7"
    assert "Wait 7 seconds." in answer.text


def test_a_withdrawn_story_says_when_and_why(browse: Browse) -> None:
    make_article(
        "wrong",
        status=ArticleStatus.WITHDRAWN,
        withdrawn_at=clock.now(),
        withdrawn_reason="the figures were made up",
    )
    for who in (None, "rhea"):
        answer = browse(who).get("/articles/wrong")
        assert answer.status_code == 410
        today = clock.now().strftime("%Y-%m-%d")
        assert f"This story was withdrawn on {today}: the figures were made up" in answer.text


@pytest.fixture
def withdrawn(site: Flask) -> Article:
    return make_article("wrong", status=ArticleStatus.WITHDRAWN, withdrawn_at=clock.now())


@each("htmx", [False, True])
@each(
    ("path", "form", "status"),
    [
        ("/articles/nothing/comments", {"body": "Kept words"}, 404),
        ("/articles/wrong/comments", {"body": "Kept words"}, 410),
        ("/c/99/report", {"reason": "spam"}, 404),
        ("/c/99/vote", {"value": "1"}, 404),
        ("/c/99/delete", {}, 404),
        ("/preview", {"body": "Words", "article": "nothing"}, 404),
        ("/mod/c/99/approve", {"version": "1"}, 404),
        ("/mod/c/99/reject", {"version": "1", "reason": "spam"}, 404),
        ("/mod/undo/99", {}, 404),
    ],
)
def test_an_act_on_what_is_not_there_is_refused_in_words(
    browse: Browse, withdrawn: Article, path: str, form: dict[str, str], status: int, htmx: bool
) -> None:
    answer = browse("mo").post(path, form, htmx=htmx)
    assert answer.status_code == status
    # Over HTMX the form stays where it is; a page replaces it, and so must show the text.
    assert htmx or form.get("body", "") in answer.text


def test_more_than_the_site_takes_is_413(browse: Browse) -> None:
    say("rhea", "Words")
    for path in ("/articles/story/comments", "/c/1/vote", "/sign-in", "/nothing"):
        for htmx in (False, True):
            answer = browse("rhea").post(path, {"body": "x" * 300_000}, htmx=htmx)
            assert answer.status_code == 413, path


def test_too_many_fields_are_413(browse: Browse) -> None:
    form = {f"field{number}": "x" for number in range(200)}
    answer = browse("rhea").post(
        "/articles/story/comments", form, content_type="multipart/form-data"
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/", "/theme", "/articles/story/comments", "/mod/undo/1"])
def test_a_file_is_refused_wherever_it_is_sent(browse: Browse, path: str) -> None:
    mo = browse("mo")
    token = mo.token()
    with open(__file__, "rb") as file:  # noqa: PTH123 - as a browser sends it
        answer = mo.post(path, {"body": "x", "file": (file, "x.png")}, token=token)
    assert answer.status_code == 400


def test_an_empty_file_field_is_no_file(browse: Browse) -> None:
    form = {"body": "Words", "file": ""}
    answer = browse("rhea").post(
        "/articles/story/comments", form, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
