"""The moderation queues: what stands in them, in which order, and what a card shows."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from app.moderation.models import Report
from app.moderation.reasons import RejectReason, ReportReason
from app.screening import operations as screening_operations
from app.screening.models import WordKind
from tests.cases import each
from tests.comments.threads import plant
from tests.conftest import Browser, fresh, make_article, person, say
from tests.moderation import desk

Browse = Callable[..., Browser]


def cards(page: str) -> list[int]:
    return [
        int(number) for number in re.findall(r'<article class="moderation-card" id="m-(\d+)"', page)
    ]


def queue(browser: Browser, name: str) -> list[int]:
    """Return the ids of a whole queue, page after page as the links lead."""
    found: list[int] = []
    path: str | None = f"/mod/{name}"
    pages = 0
    while path:
        page = browser.get(path).text
        found += cards(page)
        link = re.search(r'<a rel="next" href="([^"]+)"', page)
        path = link[1] if link else None
        pages += 1
        assert pages < 10
    return found


@pytest.mark.both_engines  # orders and paging
def test_the_most_reported_come_first_then_the_oldest(browse: Browse) -> None:
    once, twice, again = (say("rhea", f"Comment {number}") for number in range(3))
    for comment, names in ((once, ["ravi"]), (twice, ["ravi", "nils"]), (again, ["ravi"])):
        for name in names:
            desk.report(name, comment)
    assert queue(browse("mo"), "reported") == [twice.id, once.id, again.id]


@pytest.mark.both_engines  # orders and paging
def test_the_longest_waiting_come_first(browse: Browse) -> None:
    waiting = [desk.held(f"https://example.org/{number}") for number in range(3)]
    assert queue(browse("mo"), "pending") == [comment.id for comment in waiting]


@pytest.mark.both_engines  # orders and paging
def test_the_latest_decisions_come_first(browse: Browse) -> None:
    one, two, three = (say("rhea", f"Comment {number}") for number in range(3))
    for comment in (two, one, three):
        desk.reject("mo", comment)
    desk.approve("mo", two)
    mo = browse("mo")
    assert queue(mo, "rejected") == [three.id, one.id]
    assert queue(mo, "approved") == [two.id]


@pytest.mark.both_engines  # orders and paging
def test_a_decided_comment_is_in_one_queue_only(browse: Browse) -> None:
    comment = say("rhea", "Reported words")
    desk.report("ravi", comment)
    mo = browse("mo")
    names = ("reported", "pending", "approved", "rejected")
    assert [name for name in names if queue(mo, name)] == ["reported"]
    desk.approve("mo", comment)
    assert [name for name in names if queue(mo, name)] == ["approved"]
    desk.reject("mo", comment)
    assert [name for name in names if queue(mo, name)] == ["rejected"]


@pytest.mark.both_engines  # orders and paging
@pytest.mark.parametrize("name", ["reported", "pending", "rejected"])
def test_pages_hold_all_45_once_and_in_order(browse: Browse, name: str) -> None:
    states = dict.fromkeys(range(45), S.PENDING) if name == "pending" else {}
    ids = plant([None] * 45, [person("rhea")], states)
    assert ids == [*range(1, 46)]
    for comment in db.session.query(Comment).order_by(Comment.id).all():
        if name == "rejected":
            desk.reject("mo", comment)
        if name == "reported":
            reporters = ("ravi", "nils") if comment.id % 3 == 1 else ("ravi",)
            for who in reporters:
                row = Report(comment_id=comment.id, reporter_id=person(who).id, reason="spam")
                db.session.add(row)
            comment.report_count = len(reporters)
    db.session.commit()
    order = {
        "pending": ids,
        "rejected": ids[::-1],
        "reported": [n for n in ids if n % 3 == 1] + [n for n in ids if n % 3 != 1],
    }
    mo = browse("mo")
    assert len(cards(mo.get(f"/mod/{name}").text)) == 20
    assert queue(mo, name) == order[name]


@pytest.mark.both_engines  # orders and paging
@each("after", ["0", "999", "-1", "x", "99999999999999999999", "1; DROP TABLE"])
def test_a_place_that_is_no_place_shows_a_page(browse: Browse, after: str) -> None:
    say("rhea", "Comment")
    for name in ("reported", "pending", "approved", "rejected"):
        assert browse("mo").get(f"/mod/{name}?after={after}").status_code == 200


def test_the_panel_tells_how_many_wait(browse: Browse) -> None:
    for number in range(3):
        desk.held(f"https://example.org/{number}")
    comment = say("rhea", "Reported words")
    desk.report("ravi", comment)
    page = browse("mo").get("/mod/pending").text
    assert '<b id="n-reported">1</b>' in page
    assert '<b id="n-pending">3</b>' in page
    assert '<span id="queue-waiting">3 waiting' in page
    assert "PENDING 3 waiting" in page
    assert '<b id="moderation-count">4</b>' in browse("mo").get("/").text
    assert "moderation-count" not in browse("rhea").get("/").text


def test_an_empty_queue_says_so(browse: Browse) -> None:
    page = browse("mo").get("/mod/reported").text
    assert '<p class="empty" id="queue-clear">Queue clear.</p>' in page
    desk.held()
    assert 'id="queue-clear" hidden' in browse("mo").get("/mod/pending").text


def test_the_panels_door_leads_to_what_was_reported(browse: Browse) -> None:
    assert browse("mo").get("/mod/").location == "/mod/reported"
    assert browse("mo").get("/mod/unknown").status_code == 404


def test_a_card_shows_what_a_moderator_needs(browse: Browse) -> None:
    make_article("other", headline="A headline to be named")
    parent = say("ravi", "The words that were answered")
    comment = desk.held("An answer with https://example.org/", parent)
    page = browse("mo").get("/mod/pending").text
    for words in (
        *("nils", "A story called story", "replying to ravi: The words that were answered"),
        *("An answer with https://example.org/", "link from a new member: example.org"),
        *("new member", "1 comment ·", "0% rejected", "Approve", "Reject…", "Context", "Details"),
    ):
        assert words in page
    assert f'name="version" value="{fresh(comment).version}"' in page
    assert "A headline to be named" not in page


def test_a_reported_card_names_reasons_and_not_reporters(browse: Browse) -> None:
    comment = say("rhea", "Reported words")
    desk.report("ravi", comment, ReportReason.HATE)
    desk.report("nils", comment, ReportReason.OFF_TOPIC)
    mo = browse("mo")
    page = mo.get("/mod/reported").text
    assert "2 reports: hate, off-topic" in page
    assert "ravi" not in page
    pane = mo.get(f"/mod/c/{comment.id}", htmx=True).text
    assert "<b>ravi</b>: hate" in pane
    assert "<b>nils</b>: off-topic" in pane


def test_the_record_of_an_author_counts_what_was_rejected(browse: Browse) -> None:
    kept, first, second = (say("rhea", f"Comment {number}") for number in range(3))
    desk.reject("mo", first)
    desk.report("rhea", say("ravi", "Their words"))
    desk.report("ravi", kept)
    desk.reject("mo", second)
    page = browse("mo").get("/mod/reported").text
    assert "3 comments · 67% rejected" in page
    pane = browse("mo").get(f"/mod/c/{kept.id}", htmx=True).text
    assert "<dd>2 (67%)</dd>" in pane
    assert "<dd>1, 0 agreed</dd>" in pane


def test_listed_words_are_marked_and_the_text_is_escaped(browse: Browse) -> None:
    screening_operations.add_word(None, WordKind.SUSPECT, "crypto*")
    comment = say("rhea", "Buy CRYPTOcoins <script>alert(1)</script> <img src=x onerror=y>")
    page = browse("mo").get("/mod/pending").text
    assert cards(page) == [comment.id]
    assert "<mark>CRYPTOcoins</mark>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<img src=x" not in page


def test_the_context_shows_what_stands_above_and_below(browse: Browse) -> None:
    top = say("ravi", "Above it")
    middle = say("rhea", "The one itself", top)
    say("ravi", "Below it", middle)
    for htmx in (False, True):
        page = browse("mo").get(f"/mod/c/{middle.id}/context", htmx=htmx).text
        order = [page.index(words) for words in ("Above it", "The one itself", "Below it")]
        assert order == sorted(order)
    assert "stands alone" in browse("mo").get(f"/mod/c/{top.id}/context").text or top.reply_count


def test_the_details_tell_what_was_decided(browse: Browse) -> None:
    comment = say("rhea", "Words")
    desk.reject("mo", comment, RejectReason.OTHER, "the house rule on names")
    desk.approve("ada", comment)
    pane = browse("mo").get(f"/mod/c/{comment.id}", htmx=True).text
    assert "rejected by mo: against the house rules — the house rule on names" in pane
    assert "approved by ada" in pane


@pytest.mark.parametrize("path", ["", "/context", "/reject"])
def test_a_comment_that_does_not_exist_is_404(browse: Browse, path: str) -> None:
    for number in ("99", "99999999999999999999"):
        for htmx in (False, True):
            answer = browse("mo").get(f"/mod/c/{number}{path}", htmx=htmx)
            assert answer.status_code == 404


@pytest.mark.both_engines  # orders and paging
def test_a_queue_costs_the_same_queries_whatever_stands_in_it(
    browse: Browse, counting: Callable[[], Any]
) -> None:
    mo = browse("mo")
    seen = []
    for size in (2, 18):
        for number in range(size):
            comment = say(("rhea", "ravi")[number % 2], f"Comment {size}-{number}")
            desk.report("nils", comment)
        with counting() as queries:
            assert mo.get("/mod/reported").status_code == 200
        seen.append(queries.count)
    assert seen[0] == seen[1] <= 10


@pytest.mark.both_engines  # orders and paging
def test_the_oldest_that_waits_is_named(site: Flask, browse: Browse) -> None:
    comment = desk.held()
    comment.created_at = clock.now() - timedelta(hours=5)
    db.session.commit()
    assert re.search(r"oldest <time[^>]*>5 h ago</time>", browse("mo").get("/mod/pending").text)
