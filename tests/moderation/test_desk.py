"""Working through a queue, and deciding about what nobody reported."""

import re
from collections.abc import Callable

from app.db.base import db
from app.moderation import operations
from app.moderation.queries import Queue, list_cards
from app.moderation.reasons import RejectReason, ReportReason
from tests.conftest import Browser, fresh, person, say

Browse = Callable[..., Browser]


def test_the_next_page_is_there_after_the_first_was_worked_through(browse: Browse) -> None:
    for number in range(25):
        comment = say("rhea", f"Reported words {number}")
        operations.report(person("ravi"), comment, ReportReason.SPAM)
    mo = browse("mo")
    following = re.search(r'href="([^"]*after=[^"]*)"', mo.get("/mod/reported").text)
    assert following is not None
    first_page, place = list_cards(person("mo"), Queue.REPORTED)
    assert place is not None
    for card in first_page:
        operations.reject(
            person("mo"), card.comment, fresh(card.comment).version, RejectReason.SPAM
        )
    db.session.expire_all()
    page = mo.get(following[1].replace("&amp;", "&")).text
    assert page.count('<article class="moderation-card"') == 5


def test_a_comment_that_nobody_reported_can_be_rejected(browse: Browse) -> None:
    comment = say("rhea", "Quietly wrong")
    page = browse("mo").get(f"/mod/c/{comment.id}").text
    assert f'href="/mod/c/{comment.id}/reject' in page


def test_a_note_typed_too_late_can_be_copied(browse: Browse) -> None:
    comment = say("rhea", "Decided twice")
    version = fresh(comment).version
    operations.reject(person("ada"), comment, version, RejectReason.SPAM)
    sent = {"version": version, "reason": "other", "note": "My careful note"}
    answer = browse("mo").post(f"/mod/c/{comment.id}/reject", sent)
    assert answer.status_code == 409
    assert "My careful note" in answer.text
