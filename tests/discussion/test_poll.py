"""The poll of open pages: one read by key, the same for everybody, and nothing of anybody."""

from collections.abc import Callable
from typing import Any

import pytest

from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from tests.comments.threads import crowd, plant
from tests.conftest import Browser, fresh, make_article, person, say, story

pytestmark = pytest.mark.both_engines  # counts in SQL of our own

Browse = Callable[..., Browser]


def address(since: int) -> str:
    return f"/articles/{story().id}/new?since={since}"


def test_nothing_new_is_204_and_then_304_from_one_read(
    browse: Browse, counting: Callable[[], Any]
) -> None:
    say("rhea", "First.")
    visitor, path = browse(), address(1)
    with counting() as queries:
        answer = visitor.get(path)
    assert (answer.status_code, answer.data, queries.count) == (204, b"", 1)
    with counting() as queries:
        again = visitor.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, queries.count) == (304, 1)


def test_new_comments_are_told_by_id_and_parent(browse: Browse) -> None:
    first = say("rhea", "First.")
    second = say("ravi", "Second.", first)
    third = say("mo", "Third.")
    answer = browse().get(address(1))
    assert answer.json == {"publish_seq": 3, "new": [[second.id, first.id], [third.id, None]]}
    assert browse().get(address(0)).json["new"][0] == [first.id, None]


def test_the_answer_is_the_same_for_everybody_and_may_be_kept_by_anything(browse: Browse) -> None:
    say("rhea", "First.")
    answers = [browse(who).get(address(0)) for who in (None, "rhea", "mo")]
    assert len({answer.data for answer in answers}) == 1
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_held_or_removed_comment_is_not_told(browse: Browse) -> None:
    held = say("nils", "See https://example.org/x")
    assert browse().get(address(0)).status_code == 204
    moderation.approve(person("mo"), held, held.version)
    assert browse().get(address(0)).json["new"] == [[held.id, None]]
    moderation.reject(person("mo"), fresh(held), fresh(held).version, RejectReason.SPAM)
    assert browse().get(address(0)).json["new"] == []


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 30])
def test_a_damaged_place_is_taken_for_the_beginning(browse: Browse, since: str) -> None:
    made = say("rhea", "First.")
    answer = browse().get(f"/articles/{story().id}/new?since={since}")
    assert answer.json == {"publish_seq": 1, "new": [[made.id, None]]}


def test_a_story_that_is_not_public_has_no_poll(browse: Browse) -> None:
    draft = make_article("later", status="draft")
    for ident in (draft.id, 99_999):
        assert browse().get(f"/articles/{ident}/new").status_code == 404


def test_a_long_absence_costs_no_more(browse: Browse, counting: Callable[[], Any]) -> None:
    plant([None] * 700, crowd(5))
    visitor, path = browse(), address(0)
    with counting() as queries:
        told = visitor.get(path).json
    assert (queries.count, len(told["new"]), told["publish_seq"]) == (2, 200, 700)


def test_what_was_told_is_brought_for_its_place(browse: Browse) -> None:
    first = say("rhea", "First.")
    reply, thread = say("ravi", "An answer.", first), say("mo", "A thread.")
    below = say("ravi", "Below it.", thread)
    visitor = browse()
    ids = f"{reply.id},{thread.id},{below.id}"
    threads = visitor.get(f"/articles/story/comments?ids={ids}", htmx=True).text
    assert f'id="c-{thread.id}"' in threads
    assert f'id="c-{below.id}"' in threads
    assert f'id="c-{reply.id}"' not in threads
    replies = visitor.get(f"/c/{first.id}/replies?ids={ids}", htmx=True).text
    assert f'id="c-{reply.id}"' in replies
    assert f'id="c-{thread.id}"' not in replies
