"""Taking back one's own comment."""

from collections.abc import Callable

import pytest

from app.comments.enums import CommentStatus
from app.db.base import db
from tests.comments.threads import drift
from tests.conftest import Browser, fresh, say, story

Browse = Callable[..., Browser]
HERE = "/articles/story"


def test_the_question_is_a_page_with_the_way_back(browse: Browse) -> None:
    comment = say("rhea", "First words")
    page = browse("rhea").get(f"/c/{comment.id}/delete").text
    assert "Delete this comment?" in page
    assert "Its replies stay." not in page
    assert f'<form class="confirm-form" method="post" action="/c/{comment.id}/delete"' in page
    assert f'href="{HERE}?c={comment.id}#c-{comment.id}"' in page
    assert fresh(comment).status == CommentStatus.PUBLISHED


def test_over_htmx_the_question_opens_below_the_comment_with_the_focus(browse: Browse) -> None:
    comment, rhea = say("rhea", "First words"), browse("rhea")
    say("ravi", "An answer", comment)
    i = comment.id
    page = rhea.get(HERE).text
    assert f'hx-get="/c/{i}/delete" hx-target="#c-{i}-slot" hx-sync="this:drop"' in page
    assert f'<div class="form-slot" id="c-{i}-slot"></div>' in page
    answer = rhea.get(f"/c/{i}/delete", htmx=True)
    assert answer.headers["BB-Fragment"] == "1"
    assert f'"bb:focus": "c-{i}-ask"' in answer.headers["HX-Trigger-After-Settle"]
    assert f'id="c-{i}-ask" tabindex="-1"' in answer.text
    assert "Its replies stay." in answer.text
    assert f'hx-target="#c-{i}-body" hx-swap="outerHTML"' in answer.text


@pytest.mark.parametrize(("is_reply", "answered"), [(False, False), (False, True), (True, False)])
def test_over_htmx_its_parts_become_a_tombstone_with_a_way_back(
    browse: Browse, is_reply: bool, answered: bool
) -> None:
    parent = say("ravi", "Parent") if is_reply else None
    comment = say("rhea", "First words", parent)
    if answered:
        say("ravi", "An answer", comment)
    i = comment.id
    answer = browse("rhea").post(f"/c/{i}/delete", htmx=True)
    assert answer.status_code == 200
    assert "Comment deleted" in answer.headers["HX-Trigger-After-Settle"]
    assert f'"bb:focus": "c-{i}-undelete"' in answer.headers["HX-Trigger-After-Settle"]
    assert not {"HX-Retarget", "HX-Reswap"} & set(answer.headers.keys())
    assert answer.headers["HX-Reselect"] == f"#c-{i}-body"
    assert answer.text.count(f'<p class="tombstone" id="c-{i}-body">') == 1
    assert (
        f'<h3 id="c-{i}-heading" class="visually-hidden" tabindex="-1">Deleted comment</h3>'
        in answer.text
    )
    for part in ("head", "state", "actions", "slot"):
        assert f'id="c-{i}-{part}" hx-swap-oob="true"' in answer.text
    left = int(is_reply or answered)
    assert f'<span id="comment-count" hx-swap-oob="true">({left})</span>' in answer.text
    assert answer.text.count("hx-swap-oob") == 5, "its replies stay as they are"
    assert "rhea" not in answer.text
    assert "First words" not in answer.text
    assert (f'id="c-{i}"' in browse().get(HERE).text) == answered
    assert drift() == []


def test_as_a_form_it_leads_to_its_place_with_the_way_back(browse: Browse) -> None:
    rhea = browse("rhea")
    top = say("rhea", "Top")
    middle = say("ravi", "Middle", top)
    last = say("rhea", "Last", middle)
    for who, comment in ((rhea, last), (rhea, top), (browse("ravi"), middle)):
        answer = who.post(f"/c/{comment.id}/delete")
        assert (answer.status_code, answer.location) == (
            303,
            f"{HERE}?c={comment.id}#c-{comment.id}",
        )
        assert f'id="c-{comment.id}-undelete"' in who.get(answer.location).text
    # With the only reply of a tombstone the tombstone goes too.
    assert browse().get(f"/c/{top.id}").status_code == 410
    assert story().comment_count == 0
    assert drift() == []


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(("who", "status"), [("ravi", 403), ("ada", 403), (None, 401)])
def test_nobody_deletes_anothers(browse: Browse, who: str | None, status: int, htmx: bool) -> None:
    comment = say("rhea", "First words")
    answer = browse(who).post(f"/c/{comment.id}/delete", htmx=htmx)
    assert answer.status_code == status
    assert fresh(comment).status == CommentStatus.PUBLISHED
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"


def test_deleting_twice_says_that_it_is_gone(browse: Browse) -> None:
    comment, rhea = say("rhea", "First words"), browse("rhea")
    rhea.post(f"/c/{comment.id}/delete")
    assert rhea.post(f"/c/{comment.id}/delete").status_code == 410
    assert rhea.get(f"/c/{comment.id}/delete").status_code == 410
    assert story().comment_count == 0


def test_reading_the_question_deletes_nothing(browse: Browse) -> None:
    comment = say("rhea", "First words")
    for who in ("rhea", "ravi", None):
        browse(who).get(f"/c/{comment.id}/delete")
    assert fresh(comment).status == CommentStatus.PUBLISHED


def test_ones_own_comment_goes_also_when_the_discussion_is_closed_or_it_waits(
    browse: Browse,
) -> None:
    held = say("nils", "See https://example.org/held")
    comment = say("rhea", "First words")
    story().comments_mode = "closed"
    db.session.commit()
    assert browse("nils").post(f"/c/{held.id}/delete").status_code == 303
    assert browse("rhea").post(f"/c/{comment.id}/delete").status_code == 303
    assert fresh(held).status == fresh(comment).status == CommentStatus.DELETED
    assert drift() == []
