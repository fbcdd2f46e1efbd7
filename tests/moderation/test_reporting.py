"""Reporting a comment, by form and over HTMX."""

import json
from collections.abc import Callable

import pytest
from flask import Flask

from app.errors import Conflict
from app.moderation.reasons import DETAILS_MAX, REPORT_LABELS, ReportReason
from tests.cases import each
from tests.conftest import Browser, fresh, say
from tests.moderation import desk

Browse = Callable[..., Browser]


def spoken(answer: object) -> str:
    """Return what the page announces through its live region."""
    headers = answer.headers  # type: ignore[attr-defined]
    said: str = json.loads(headers["HX-Trigger-After-Settle"])["bb:announce"]["msg"]
    return said


def test_a_report_by_form_lands_on_a_page_that_thanks(browse: Browse) -> None:
    comment = say("rhea", "Reported words")
    ravi = browse("ravi")
    answer = ravi.post(f"/c/{comment.id}/report", {"reason": "hate", "details": "So much."})
    assert (answer.status_code, answer.location) == (303, f"/c/{comment.id}/reported")
    page = ravi.get(answer.location).text
    assert "A moderator will look." in page
    assert f'href="/articles/story?c={comment.id}#c-{comment.id}"' in page
    (report,) = desk.reports()
    assert (report.reason, report.details, report.reporter.name) == ("hate", "So much.", "ravi")
    assert fresh(comment).report_count == 1


def test_a_report_over_htmx_says_so_in_its_place(browse: Browse) -> None:
    comment = say("rhea", "Reported words")
    answer = browse("ravi").post(f"/c/{comment.id}/report", {"reason": "spam"}, htmx=True)
    assert answer.status_code == 200
    assert "A moderator will look" in spoken(answer)
    assert f'id="c-{comment.id}-report"' in answer.text
    assert "<html" not in answer.text
    assert fresh(comment).report_count == 1


@pytest.mark.parametrize("reason", ReportReason)
def test_every_reason_can_be_given(browse: Browse, reason: ReportReason) -> None:
    comment = say("rhea", "Reported words")
    ravi = browse("ravi")
    form = ravi.get(f"/c/{comment.id}/report").text
    assert f'value="{reason}"' in form
    assert REPORT_LABELS[reason] in form
    ravi.post(f"/c/{comment.id}/report", {"reason": reason, "details": "Words"})
    assert [report.reason for report in desk.reports()] == [reason]


@each("htmx", [False, True])
@each(
    ("sent", "sentence"),
    [
        ({}, "Choose a reason"),
        ({"reason": "boredom"}, "Choose a reason"),
        ({"reason": "other"}, "Say in a few words what is wrong"),
        ({"reason": "other", "details": " \n "}, "Say in a few words what is wrong"),
        ({"reason": "spam", "details": "y" * (DETAILS_MAX + 7)}, "Details are 7 characters too"),
    ],
)
def test_a_refused_report_keeps_what_was_typed(
    browse: Browse, sent: dict[str, str], sentence: str, htmx: bool
) -> None:
    comment = say("rhea", "Reported words")
    answer = browse("ravi").post(f"/c/{comment.id}/report", sent, htmx=htmx)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f">{sent.get('details', '')}</textarea>" in answer.text
    assert ('value="spam" checked' in answer.text) == (sent.get("reason") == "spam")
    assert desk.reports() == []
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"
        assert sentence in spoken(answer)


def test_details_of_exactly_the_limit_are_taken(browse: Browse) -> None:
    comment = say("rhea", "Reported words")
    sent = {"reason": "spam", "details": "é" * DETAILS_MAX}
    assert browse("ravi").post(f"/c/{comment.id}/report", sent).status_code == 303


@pytest.mark.parametrize("htmx", [False, True])
def test_a_second_report_is_refused_in_words(browse: Browse, htmx: bool) -> None:
    comment = say("rhea", "Reported words")
    desk.report("ravi", comment)
    answer = browse("ravi").post(f"/c/{comment.id}/report", {"reason": "hate"}, htmx=htmx)
    assert answer.status_code == 409
    assert "You already reported this." in answer.text
    assert fresh(comment).report_count == 1


def test_a_decided_report_cannot_be_made_again(site: Flask) -> None:
    comment = say("rhea", "Reported words")
    desk.report("ravi", comment)
    desk.approve("mo", comment)
    with pytest.raises(Conflict, match="already reported"):
        desk.report("ravi", comment)


def test_ones_own_comment_cannot_be_reported(browse: Browse) -> None:
    comment = say("rhea", "My words")
    rhea = browse("rhea")
    assert rhea.get(f"/c/{comment.id}/report").status_code == 403
    answer = rhea.post(f"/c/{comment.id}/report", {"reason": "spam"})
    assert answer.status_code == 403
    assert "You can&#39;t report your own comment." in answer.text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_comment_that_is_gone_cannot_be_reported(browse: Browse, htmx: bool) -> None:
    comment = say("rhea", "Soon gone")
    browse("rhea").post(f"/c/{comment.id}/delete")
    answer = browse("ravi").post(f"/c/{comment.id}/report", {"reason": "spam"}, htmx=htmx)
    assert answer.status_code == 410
    assert "no longer exists" in answer.text
    assert browse("ravi").post("/c/99/report", {"reason": "spam"}, htmx=htmx).status_code == 404


def test_a_comment_that_a_moderator_removed_cannot_be_reported(browse: Browse) -> None:
    comment = say("rhea", "Soon removed")
    desk.reject("mo", comment)
    answer = browse("ravi").post(f"/c/{comment.id}/report", {"reason": "spam"})
    assert answer.status_code == 410
    assert "Soon removed" not in answer.text
    assert desk.reports() == []


def test_a_visitor_is_shown_the_way_to_sign_in(browse: Browse) -> None:
    comment = say("rhea", "Reported words")
    path = f"/c/{comment.id}/report"
    answer = browse().get(path)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")
    assert browse().post(path, {"reason": "spam"}, token=None).status_code == 401
    assert f"/sign-in?next={path}" in browse().get("/articles/story").text


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_report_without_the_token_is_kept_and_not_counted(
    browse: Browse, token: str | None
) -> None:
    comment = say("rhea", "Reported words")
    sent = {"reason": "other", "details": "Kept words"}
    answer = browse("ravi").post(f"/c/{comment.id}/report", sent, token=token)
    assert answer.status_code == 400
    assert "Kept words" in answer.text
    assert desk.reports() == []


def test_the_reporter_is_shown_to_moderators_alone(browse: Browse) -> None:
    comment = say("rhea", "Reported words")
    desk.report("ravi", comment, ReportReason.OTHER, "tell-tale details")
    for name in (None, "rhea", "nils"):
        browser = browse(name)
        for path in ("/articles/story", f"/articles/story?c={comment.id}", "/u/rhea", "/u/ravi"):
            page = browser.get(path).text
            assert "tell-tale" not in page
            assert "ravi" not in page or path == "/u/ravi"
    assert "ravi" in browse("mo").get(f"/mod/c/{comment.id}").text


def test_a_reported_comment_stays_as_it_was_for_readers(browse: Browse) -> None:
    comment = say("rhea", "Reported words")
    before = browse().get("/articles/story").text
    desk.report("ravi", comment)
    assert browse().get("/articles/story").text == before
