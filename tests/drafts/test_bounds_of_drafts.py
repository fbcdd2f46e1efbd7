"""Which drafts the server keeps, how many of one person, and what is said of the others."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from app import clock
from app.articles import operations as articles
from app.articles.enums import ArticleStatus, CommentsMode
from app.comments import operations as comments
from app.db.base import db
from app.drafts import operations
from app.drafts.models import DRAFT_LIFE, DRAFTS_CHARACTERS, DRAFTS_MAX, Draft
from app.errors import Invalid
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.screening import operations as screening_operations
from app.screening.models import WordKind
from tests.comments.test_at_once import together
from tests.comments.threads import plant
from tests.conftest import Browser, fresh, make_article, person, say, story

pytestmark = pytest.mark.both_engines  # sums in SQL, locks and races

Browse = Callable[..., Browser]
FETCH = {"Accept": "application/json"}
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "htmx": {"htmx": True},
    "fetch": {"headers": FETCH},
}


def places() -> list[str]:
    db.session.expire_all()
    return [draft.draft_key for draft in db.session.query(Draft).order_by(Draft.draft_key)]


def answer_of(response: TestResponse) -> tuple[int, str]:
    """Return the status and the words, without the request's own number."""
    text = re.sub(r"Reference [\w-]+", "", response.text)
    return response.status_code, re.sub(r'name="csrf_token" value="[^"]+"', "", text)


def hidden_boxes() -> dict[str, str]:
    """Boxes that Rhea cannot answer in, by why; each beside one of the open story."""
    here, other, never = story(), make_article("other"), say("nils", "See https://example.org/1")
    draft = make_article("unwritten", status=ArticleStatus.DRAFT)
    to_come = make_article(
        "to-come",
        status=ArticleStatus.SCHEDULED,
        published_at=clock.now() + timedelta(days=3),
    )
    withdrawn = make_article("withdrawn", status=ArticleStatus.WITHDRAWN)
    below = make_article("below")
    unpublished = say("ravi", "Said while it was public.", article=below)
    below.status = ArticleStatus.DRAFT
    db.session.commit()
    gone, tombstone = say("ravi", "Taken back."), say("ravi", "Taken back, with an answer.")
    say("mo", "An answer.", tombstone)
    for comment in (gone, tombstone):
        comments.delete(person("ravi"), comment)
    rejected, refused = say("ravi", "Rude."), say("nils", "See https://example.org/2")
    for comment in (rejected, refused):
        moderation.reject(person("mo"), comment, comment.version, RejectReason.SPAM)
    screening_operations.add_word(None, WordKind.SUSPECT, "dubious")
    elsewhere, own = say("ravi", "Elsewhere.", article=other), say("rhea", "Dubious.")
    return {
        "no article": "a-99999",
        "no such number": "a-9999999999",
        "a draft": f"a-{draft.id}",
        "a story to come": f"a-{to_come.id}",
        "a withdrawn story": f"a-{withdrawn.id}",
        "no comment": f"a-{here.id}-c-99999",
        "no such number of a comment": f"a-{here.id}-c-9999999999",
        "a comment of another article": f"a-{here.id}-c-{elsewhere.id}",
        "a comment without its article": f"a-99999-c-{elsewhere.id}",
        "held": f"a-{here.id}-c-{never.id}",
        "one's own, held": f"a-{here.id}-c-{own.id}",
        "deleted": f"a-{here.id}-c-{gone.id}",
        "deleted with replies": f"a-{here.id}-c-{tombstone.id}",
        "removed": f"a-{here.id}-c-{rejected.id}",
        "never published": f"a-{here.id}-c-{refused.id}",
        "of an unpublished story": f"a-{below.id}-c-{unpublished.id}",
    }


def test_hidden_boxes_are_refused_like_those_that_never_were(browse: Browse) -> None:
    rhea, boxes = browse("rhea"), hidden_boxes()
    token = rhea.token()
    for way, options in WAYS.items():
        answers = {}
        for why, box in boxes.items():
            sent = {"place": box, "body": "Half a thought"}
            answers[why] = answer_of(rhea.post("/drafts", sent, token=token, **options))
        odd = {why: got[0] for why, got in answers.items() if got != answers["no article"]}
        assert odd == {}, f"{way}: told apart from an article that is not there"
        status, text = answers["no article"]
        assert (status, operations.NO_BOX in text) == (404, True), way
    assert places() == []


def test_the_box_of_a_comment_that_can_be_answered_is_kept(browse: Browse) -> None:
    above, rhea = say("ravi", "A claim."), browse("rhea")
    for box in (f"a-{story().id}", f"a-{story().id}-c-{above.id}"):
        assert rhea.post("/drafts", {"place": box, "body": "x"}).status_code == 204
    assert rhea.post("/drafts", {"place": f"a-0{story().id}", "body": "x"}).status_code == 422
    assert len(places()) == 2


def test_a_discussion_that_closed_keeps_what_it_had_and_says_why_not_more(browse: Browse) -> None:
    above, rhea = say("ravi", "A claim."), browse("rhea")
    boxes = [f"a-{story().id}", f"a-{story().id}-c-{above.id}"]
    for box in boxes:
        rhea.post("/drafts", {"place": box, "body": "Before"})
    articles.set_discussion("story", mode=CommentsMode.CLOSED)
    for box in boxes:
        for who in ("rhea", "ravi"):
            sent = {"place": box, "body": "After"}
            answer = browse(who).post("/drafts", sent, headers=FETCH)
            assert answer.status_code == 403
            assert answer.json == {"message": "Comments on this article are closed."}
    assert [draft.body for draft in db.session.query(Draft)] == ["Before"] * 2
    assert rhea.post("/drafts", {"place": boxes[0], "body": " "}).status_code == 204
    articles.set_discussion("story", mode=CommentsMode.OPEN)
    assert "Before" in rhea.get(f"/c/{above.id}/reply").text
    assert places() == boxes[1:]


def test_the_draft_of_a_reply_to_what_was_removed_waits_and_can_be_forgotten(
    browse: Browse,
) -> None:
    above, rhea = say("ravi", "A claim."), browse("rhea")
    box = f"a-{story().id}-c-{above.id}"
    rhea.post("/drafts", {"place": box, "body": "Half an answer"})
    comments.delete(person("ravi"), above)
    assert rhea.post("/drafts", {"place": box, "body": "More of it"}).status_code == 404
    comments.undelete(person("ravi"), fresh(above))
    assert "Half an answer" in rhea.get(f"/c/{above.id}/reply").text
    comments.delete(person("ravi"), fresh(above))
    assert rhea.post("/drafts", {"place": box, "body": ""}).status_code == 204
    assert places() == []


# -- how many ----------------------------------------------------------------------------------


def fill(number: int, length: int = 10) -> list[str]:
    """Let Rhea have `number` drafts, each of so many characters; returns their boxes."""
    here, rhea, now = story().id, person("rhea").id, clock.now()
    boxes = [f"a-{here}-c-{above}" for above in plant([None] * number, [person("ravi")])]
    for i, box in enumerate(boxes):
        at, body = now - timedelta(minutes=number - i), "x" * length
        values = {"article_id": here, "body": body, "updated_at": at}
        db.session.add(Draft(user_id=rhea, draft_key=box, **values))
    db.session.commit()
    return boxes


def test_the_draft_after_the_fiftieth_is_refused_in_words(browse: Browse) -> None:
    boxes, rhea, here = fill(DRAFTS_MAX), browse("rhea"), f"a-{story().id}"
    answer = rhea.post("/drafts", {"place": here, "body": "One more"}, headers=FETCH)
    assert answer.status_code == 422
    oldest = (clock.now() - timedelta(minutes=DRAFTS_MAX) + DRAFT_LIFE).strftime("%Y-%m-%d")
    assert str(DRAFTS_MAX) in str(answer.json)
    assert f"the oldest is forgotten on {oldest}" in str(answer.json)
    assert "One more" in rhea.post("/drafts", {"place": here, "body": "One more"}).text
    assert rhea.post("/drafts", {"place": here, "body": ""}).status_code == 204
    assert len(places()) == DRAFTS_MAX
    # What is there can be changed, others are not concerned, and one that goes makes room.
    assert rhea.post("/drafts", {"place": boxes[3], "body": "More of it"}).status_code == 204
    assert browse("ravi").post("/drafts", {"place": here, "body": "His"}).status_code == 204
    assert rhea.post("/drafts", {"place": boxes[7], "body": ""}).status_code == 204
    assert rhea.post("/drafts", {"place": here, "body": "One more"}).status_code == 204


def test_drafts_of_a_week_ago_make_room(browse: Browse) -> None:
    boxes, rhea = fill(DRAFTS_MAX), browse("rhea")
    old = clock.now() - DRAFT_LIFE - timedelta(minutes=1)
    db.session.execute(update(Draft).where(Draft.draft_key == boxes[0]).values(updated_at=old))
    db.session.commit()
    assert rhea.post("/drafts", {"place": f"a-{story().id}", "body": "x"}).status_code == 204
    assert len(places()) == DRAFTS_MAX
    assert boxes[0] not in places()


def test_the_drafts_of_one_person_are_bounded_together(browse: Browse) -> None:
    length = DRAFTS_CHARACTERS // 20
    boxes, rhea, here = fill(20, length), browse("rhea"), f"a-{story().id}"
    for box, body, status in (
        (here, "x", 422),
        (boxes[0], "x" * (length + 1), 422),
        (boxes[0], "\x00" * 10 + "x" * length, 204),  # what a comment drops counts nothing
        (boxes[0], "x" * (length - 1), 204),
        (here, "x", 204),
        (here, "xx", 422),
    ):
        answer = rhea.post("/drafts", {"place": box, "body": body})
        assert answer.status_code == status, (box, len(body), answer.text)
    assert sum(len(draft.body) for draft in db.session.query(Draft)) == DRAFTS_CHARACTERS


def test_a_preview_without_javascript_shows_the_text_that_is_not_kept(browse: Browse) -> None:
    fill(DRAFTS_MAX)
    rhea = browse("rhea")
    answer = rhea.post("/preview", {"article": "story", "body": "*Looked* at"})
    assert answer.status_code == 200
    assert "<em>Looked</em>" in answer.text
    assert "*Looked* at</textarea>" in answer.text
    assert f"You have {DRAFTS_MAX} drafts already" in answer.text
    assert "in this box only" in answer.text
    articles.set_discussion("story", mode=CommentsMode.CLOSED)
    closed = rhea.post("/preview", {"article": "story", "body": "*Looked* at"})
    assert "Comments on this article are closed. This text is in this box only." in closed.text


# -- at once -----------------------------------------------------------------------------------


def test_of_two_tabs_that_take_the_last_place_one_is_refused(site: Flask) -> None:
    boxes = fill(DRAFTS_MAX - 1)
    others = [f"a-{make_article(f'more-{i}').id}" for i in range(5)]

    def saving(box: str) -> Callable[[], None]:
        return lambda: operations.save_draft(person("rhea"), box, "The last one")

    for pair in pairwise(others):
        results = together(site, [saving(box) for box in pair])
        assert sorted(map(type, results), key=str) == [type(None), Invalid], results
        assert len(places()) == DRAFTS_MAX
        for box in pair:
            operations.forget_draft(person("rhea"), box)
    assert len(places()) == len(boxes)


def test_posting_and_saving_at_once_stop_neither(site: Flask) -> None:
    above = say("ravi", "A claim.")
    article_id, above_id = story().id, above.id
    for number in range(5):

        def post(number: int = number) -> int:
            return say("rhea", f"Whole {number}", db.session.get(type(above), above_id)).id

        def save(box: str = f"a-{article_id}-c-{above_id}") -> None:
            operations.save_draft(person("rhea"), box, "Half")

        def save_other(box: str = f"a-{article_id}") -> None:
            operations.save_draft(person("rhea"), box, "Half of another")

        posted, *saved = together(site, [post, save, save_other])
        assert isinstance(posted, int), posted
        assert saved == [None, None]
