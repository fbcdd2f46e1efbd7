"""What is asked once before a comment goes out, as rules and as one posts."""

from collections.abc import Callable

import pytest
from flask import Flask

from app import text
from app.comments import operations
from app.comments.models import Comment
from app.db.base import db
from app.discussion.nudging import find_nudge
from app.errors import Nudge
from app.moderation import operations as moderation
from app.moderation.reasons import ReportReason
from app.screening import nudges
from app.screening.nudges import Facts
from tests.conftest import Browser, make_article, person, say, story

Browse = Callable[..., Browser]
HERE = "/articles/story/comments"


def facts(source: str = "Calm words.", **others: object) -> Facts:
    return Facts(source=source, html=str(text.render(source)), **others)  # type: ignore[arg-type]


QUESTIONS = [
    (facts(earlier=("other", "CALM   words.")), "same text"),
    (facts("https://example.org/a", is_first=True), "link alone"),
    (facts("THIS IS NOT WHAT THE PAPER SAYS AT ALL"), "capitals"),
    (facts(answers=7, answered=(7, 7)), "third reply in a row"),
    (facts(branch_reports=3), "heated"),
]
SILENCE = [
    facts(),
    facts(earlier=("other words",)),
    facts("https://example.org/a"),  # of somebody who has written before
    facts("Worth reading: https://example.org/a", is_first=True),
    facts("GPU and TPU prices"),
    facts(answers=7, answered=(7,)),
    facts(answers=7, answered=(7, 8, 7)),
    facts(answers=None, answered=(None, None)),
    facts(branch_reports=2),
]


@pytest.mark.parametrize(("given", "words"), QUESTIONS, ids=[words for _, words in QUESTIONS])
def test_a_question_is_asked_about(given: Facts, words: str) -> None:
    assert words in str(nudges.find_nudge(given))


@pytest.mark.parametrize("given", SILENCE)
def test_nothing_is_asked_about(given: Facts) -> None:
    assert nudges.find_nudge(given) is None


def ask(words: str, parent: Comment | None = None, who: str = "rhea") -> str | None:
    """Return the question that posting `words` raises; None when it was posted."""
    try:
        operations.post(person(who), story(), words, parent, ask=find_nudge)
    except Nudge as nudge:
        return nudge.message
    return None


def test_the_same_text_is_asked_about_in_any_discussion(site: Flask) -> None:
    say("rhea", "Once is enough.", article=make_article("another"))
    assert "same text" in str(ask("once is   ENOUGH."))


def test_a_third_reply_in_a_row_to_one_person_is_asked_about(site: Flask) -> None:
    first = say("ravi", "A claim.")
    assert ask("One.", first) is None
    assert ask("Two.", first) is None
    assert "third reply" in str(ask("Three.", first))
    assert ask("To somebody else.", say("mo", "Another claim.")) is None
    assert ask("Three again.", first) is None  # no longer in a row


def test_a_reply_below_three_reported_comments_is_asked_about(site: Flask) -> None:
    top = say("ravi", "A claim.")
    below = say("nils", "A sneer.", top)
    deeper = say("ravi", "A sneer back.", below)
    moderation.report(person("rhea"), below, ReportReason.ABUSE)
    moderation.report(person("mo"), below, ReportReason.ABUSE)
    assert ask("Calm.", deeper) is None
    moderation.report(person("rhea"), deeper, ReportReason.ABUSE)
    assert "heated" in str(ask("Calm again.", deeper))
    assert ask("Elsewhere.", say("ravi", "Something else.")) is None


def test_the_box_comes_back_with_the_question_and_a_second_sending_posts(browse: Browse) -> None:
    rhea = browse("rhea")
    loud = "WHY DOES NOBODY READ THE PAPER FIRST"
    asked = rhea.post(HERE, {"body": loud, "submission": "nudge-0001"}, htmx=True)
    assert asked.status_code == 200
    assert asked.headers["HX-Retarget"] == "#compose"
    assert "capitals" in asked.text
    assert "Post anyway" in asked.text
    assert loud in asked.text
    assert db.session.query(Comment).count() == 0
    again = {"body": loud, "submission": "nudge-0001", "nudged": "1"}
    assert rhea.post(HERE, again).status_code == 303
    assert db.session.query(Comment).count() == 1


def test_without_javascript_the_question_is_a_page_that_keeps_the_text(browse: Browse) -> None:
    asked = browse("rhea").post(HERE, {"body": "WHY DOES NOBODY READ THE PAPER FIRST"})
    assert asked.status_code == 200
    assert "WHY DOES NOBODY" in asked.text
    assert 'name="nudged" value="1"' in asked.text
    assert "Error:" not in asked.text


def test_a_form_sent_twice_is_answered_with_the_first_comment_not_with_a_question(
    browse: Browse,
) -> None:
    rhea, form = browse("rhea"), {"body": "Only once.", "submission": "twice-0001"}
    first, second = rhea.post(HERE, form), rhea.post(HERE, form)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
