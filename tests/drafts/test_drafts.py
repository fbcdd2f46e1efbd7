"""What a member types is kept on the server for a week, in the box where it was typed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from app import clock
from app.db.base import db
from app.drafts.models import DRAFT_LIFE, Draft
from tests.conftest import Browser, say, story

Browse = Callable[..., Browser]
HERE = "/articles/story"


def place(parent_id: int = 0) -> str:
    return f"a-{story().id}" + (f"-c-{parent_id}" if parent_id else "")


def test_a_draft_stands_in_the_box_on_every_device_of_its_writer(browse: Browse) -> None:
    rhea = browse("rhea")
    assert rhea.post("/drafts", {"place": place(), "body": "Half a thought"}).status_code == 204
    page = browse("rhea").get(HERE).text
    assert "Half a thought" in page
    assert "restored" in page
    assert "data-drafted=" in page
    for who in ("ravi", "mo", None):
        assert "Half a thought" not in browse(who).get(HERE).text


def test_a_reply_has_a_draft_of_its_own(browse: Browse) -> None:
    above, rhea = say("ravi", "A claim."), browse("rhea")
    rhea.post("/drafts", {"place": place(above.id), "body": "Half an answer"})
    assert "Half an answer" in rhea.get(f"/c/{above.id}/reply", htmx=True).text
    assert "Half an answer" not in rhea.get(HERE).text


def test_typing_on_replaces_the_draft_and_an_empty_box_forgets_it(browse: Browse) -> None:
    rhea = browse("rhea")
    for body in ("One", "One and two"):
        rhea.post("/drafts", {"place": place(), "body": body})
    assert [draft.body for draft in db.session.query(Draft)] == ["One and two"]
    rhea.post("/drafts", {"place": place(), "body": "  "})
    db.session.expire_all()
    assert db.session.query(Draft).count() == 0


def test_discarding_works_without_javascript(browse: Browse) -> None:
    rhea = browse("rhea")
    rhea.post("/drafts", {"place": place(), "body": "Half a thought"})
    form = {"place": place(), "article": "story", "body": "Half a thought"}
    answer = rhea.post("/drafts/discard", form)
    assert (answer.status_code, answer.location) == (303, f"{HERE}#comments")
    assert "Half a thought" not in rhea.get(HERE).text


def test_posting_forgets_the_draft(browse: Browse) -> None:
    above, rhea = say("ravi", "A claim."), browse("rhea")
    for box in (place(), place(above.id)):
        rhea.post("/drafts", {"place": box, "body": "Half a thought"})
    rhea.post(f"{HERE}/comments", {"body": "A whole answer.", "parent_id": above.id})
    db.session.expire_all()
    assert [draft.draft_key for draft in db.session.query(Draft)] == [place()]
    rhea.post(f"{HERE}/comments", {"body": "A whole thought."})
    db.session.expire_all()
    assert db.session.query(Draft).count() == 0


def test_a_preview_without_javascript_keeps_the_draft(browse: Browse) -> None:
    rhea = browse("rhea")
    rhea.post("/preview", {"article": "story", "body": "*Half* a thought"})
    assert "*Half* a thought" in rhea.get(HERE).text


@pytest.mark.both_engines  # times, and rows that others hold are skipped
def test_after_a_week_a_draft_is_forgotten(browse: Browse) -> None:
    rhea = browse("rhea")
    rhea.post("/drafts", {"place": place(), "body": "Half a thought"})
    db.session.execute(update(Draft).values(updated_at=clock.now() - DRAFT_LIFE))
    db.session.commit()
    assert "Half a thought" not in rhea.get(HERE).text
    browse("ravi").post("/drafts", {"place": place(), "body": "Another"})
    db.session.expire_all()
    assert [draft.body for draft in db.session.query(Draft)] == ["Another"]
    assert timedelta(days=7) == DRAFT_LIFE


@pytest.mark.parametrize("box", ["", "a-", "a-0x1", "e-4-2", "a-1-c-", "a-99999", "a-1; drop"])
def test_a_place_that_is_no_box_is_refused(browse: Browse, box: str) -> None:
    assert browse("rhea").post("/drafts", {"place": box, "body": "x"}).status_code in (404, 422)
    assert db.session.query(Draft).count() == 0


def test_a_text_that_no_comment_can_hold_is_refused(browse: Browse) -> None:
    answer = browse("rhea").post("/drafts", {"place": place(), "body": "x" * 10_001})
    assert answer.status_code == 422


@pytest.mark.both_engines  # LIKE
def test_names_complete_from_the_people_in_the_discussion(browse: Browse) -> None:
    say("ravi", "A claim.")
    say("mo", "Another.")
    say("nils", "See https://example.org/x")  # waits for a moderator
    rhea = browse("rhea")
    ask = f"{HERE}/people"
    assert rhea.get(f"{ask}?q=R").json == {"names": ["ravi"]}
    assert rhea.get(ask).json == {"names": ["mo", "ravi"]}
    assert rhea.get(f"{ask}?q=n").json == {"names": []}
    assert rhea.get(f"{ask}?q=%25").json == {"names": []}
    assert browse().get(ask).status_code == 303


@pytest.mark.usefixtures("limits")
def test_names_are_completed_so_often(browse: Browse) -> None:
    rhea = browse("rhea")
    answers = [rhea.get(f"{HERE}/people?q=ra").status_code for _ in range(121)]
    assert answers == [200] * 120 + [429]
    assert browse("ravi").get(f"{HERE}/people?q=ra").status_code == 200
