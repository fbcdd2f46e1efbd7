"""What moderators see is for moderators only."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.comments.models import Comment
from app.moderation.reasons import RejectReason, ReportReason
from tests.cases import each
from tests.conftest import Browser, fresh, say
from tests.moderation import desk

Browse = Callable[..., Browser]
STAFF_ROOMS = ("/mod/", "/newsroom/")
# Words that stand in hidden comments, in reports and in notes, and nowhere else.
CANARIES = ("hiddenbird", "pendingbird", "reportbird", "notebird")


@pytest.fixture
def hidden(site: Flask) -> Comment:
    """Add a comment removed by a moderator, with words in every place that readers must not see."""
    removed = say("rhea", "the hiddenbird sings")
    desk.report("ravi", removed, ReportReason.OTHER, "reportbird")
    desk.reject("mo", removed, RejectReason.HATE, "notebird")
    desk.held("the pendingbird waits at https://example.org/")
    return removed


def staff_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(STAFF_ROOMS)]


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every staff address with each of its methods; numbers are 1, names the first that fits."""
    found = []
    with app.test_request_context():
        for rule in staff_rules(app):
            values: dict[str, object] = {}
            for name in rule.arguments:
                values[name] = 1 if name.endswith("_id") else "reported"
            built = app.url_map.bind("localhost").build(rule.endpoint, values)
            found += [
                (method, built) for method in sorted({"GET", "POST"} & (rule.methods or set()))
            ]
    return found


def canaries(page: str) -> list[str]:
    return [word for word in CANARIES if word in page]


@each("htmx", [False, True])
@each("has_token", [True, False])
@each("name", [None, "rhea"])
def test_every_staff_route_refuses_visitors_and_readers(
    browse: Browse, hidden: Comment, name: str | None, has_token: bool, htmx: bool
) -> None:
    browser = browse(name)
    routes = addresses(browser.app)
    assert len(routes) >= 9
    token = browser.token() if has_token else None
    for method, path in routes:
        if method == "GET":
            answer = browser.get(path, htmx=htmx)
        else:
            answer = browser.post(path, {"version": "1", "reason": "spam"}, htmx, token)
        if name is None and method == "GET" and not htmx:
            assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")
        else:
            assert answer.status_code == (401 if name is None else 403), f"{method} {path}"
        assert canaries(answer.text) == []
    assert fresh(hidden).status == "rejected"
    assert desk.actions() == ["rejected", "held"]


@each("name", ["mo", "edda", "ada"])
def test_staff_see_every_queue(browse: Browse, hidden: Comment, name: str) -> None:
    browser = browse(name)
    for path in ("reported", "pending", "approved", "rejected", "audit"):
        assert browser.get(f"/mod/{path}").status_code == 200


@each("name", [None, "ravi"])
def test_hidden_words_stand_in_no_page_of_readers(
    browse: Browse, hidden: Comment, name: str | None
) -> None:
    browser = browse(name)
    pages = ["/", "/articles/story", "/articles/story?sort=newest", "/articles/story?sort=oldest"]
    pages += ["/u/rhea", "/u/nils", "/search?q=hiddenbird", "/organisations/example-lab"]
    for number in (1, 2):
        pages += [
            f"/c/{number}",
            f"/articles/story?c={number}",
            f"/c/{number}/replies",
            f"/c/{number}/report",
        ]
        pages += [
            f"/c/{number}/reported",
            f"/c/{number}/reply",
            f"/c/{number}/edit",
            f"/c/{number}/delete",
        ]
    for path in pages:
        for htmx in (False, True):
            text = browser.get(path, htmx=htmx, follow_redirects=not htmx).text
            assert [word for word in canaries(text) if f"q={word}" not in path] == [], path


ACTS = ["/c/{}/edit", "/c/{}/delete", "/c/{}/vote", "/c/{}/report", "/articles/story/comments"]


@each("act", [*ACTS, "/preview"])
@each("number", [1, 2])
def test_acting_on_a_hidden_comment_shows_nothing_of_it(
    browse: Browse, hidden: Comment, act: str, number: int
) -> None:
    sent = {"body": "x", "version": "1", "value": "1", "reason": "spam"}
    sent |= {"parent_id": str(number), "comment_id": str(number)} if "{}" not in act else {}
    ravi = browse("ravi")
    for htmx in (False, True):
        for token in ("fetch", None):
            answer = ravi.post(act.format(number), sent, htmx, token)
            assert answer.status_code in (400, 403, 404, 410)
            assert canaries(answer.text) == []


def test_hidden_comments_are_in_no_count_of_readers(browse: Browse, hidden: Comment) -> None:
    page = browse().get("/articles/story").text
    assert 'id="comment-count">(0)</span>' in page
    assert "0 comments" in browse().get("/").text


def test_the_author_sees_what_waits_but_not_who_reported(browse: Browse, hidden: Comment) -> None:
    assert "pendingbird" in browse("nils").get("/articles/story").text
    page = browse("rhea").get("/articles/story").text
    assert "reportbird" not in page
    assert "ravi" not in page
