"""Taking back one's own comment."""

from collections.abc import Callable

import pytest

from app.comments.vocabulary import CommentStatus
from app.extensions import db
from tests.comments.threads import drift
from tests.conftest import Browser, fresh, say, story

Browse = Callable[..., Browser]
HERE = "/articles/story"


def test_the_question_is_a_page_with_the_way_back(browse: Browse) -> None:
    comment = say("rhea", "First words")
    page = browse("rhea").get(f"/c/{comment.id}/delete").text
    assert "Delete this comment?" in page
    assert "Its replies stay." not in page
    assert f'<form class="ask" method="post" action="/c/{comment.id}/delete"' in page
    assert f'href="{HERE}?c={comment.id}#c-{comment.id}"' in page
    assert fresh(comment).status == CommentStatus.PUBLISHED


def test_over_htmx_the_question_opens_below_the_comment_with_the_focus(browse: Browse) -> None:
    comment, rhea = say("rhea", "First words"), browse("rhea")
    say("ravi", "An answer", comment)
    i = comment.id
    page = rhea.get(HERE).text
    assert f'hx-get="/c/{i}/delete" hx-target="#c-{i}-slot" hx-swap="innerHTML"' in page
    assert f'<div class="c-slot" id="c-{i}-slot"></div>' in page
    answer = rhea.get(f"/c/{i}/delete", htmx=True)
    assert answer.headers["BB-Fragment"] == "1"
    assert f'"bb:focus": "c-{i}-ask"' in answer.headers["HX-Trigger-After-Settle"]
    assert f'id="c-{i}-ask" tabindex="-1"' in answer.text
    assert "Its replies stay." in answer.text
    assert f'hx-target="#c-{i}-body" hx-swap="outerHTML"' in answer.text


def test_with_replies_the_parts_become_a_tombstone(browse: Browse) -> None:
    comment, rhea = say("rhea", "First words"), browse("rhea")
    say("ravi", "An answer", comment)
    i = comment.id
    answer = rhea.post(f"/c/{i}/delete", htmx=True)
    assert answer.status_code == 200
    assert "Comment deleted" in answer.headers["HX-Trigger-After-Settle"]
    assert f'"bb:focus": "c-{i}-h"' in answer.headers["HX-Trigger-After-Settle"]
    assert "HX-Retarget" not in answer.headers
    assert answer.text.strip().startswith(f'<p class="tomb" id="c-{i}-body">')
    assert f'<h3 id="c-{i}-h" class="vh" tabindex="-1">Deleted comment</h3>' in answer.text
    assert '<span id="cx-n" hx-swap-oob="true">(1)</span>' in answer.text
    assert "rhea" not in answer.text
    assert "First words" not in answer.text


@pytest.mark.parametrize("below", [False, True])
def test_without_replies_the_comment_leaves_the_page(browse: Browse, below: bool) -> None:
    parent = say("ravi", "Parent") if below else None
    comment = say("rhea", "First words", parent)
    answer = browse("rhea").post(f"/c/{comment.id}/delete", htmx=True)
    assert answer.status_code == 200
    assert answer.headers["HX-Retarget"] == f"#c-{comment.id}"
    assert answer.headers["HX-Reswap"] == "delete"
    focus = f"c-{parent.id}-h" if parent else "cx-h"
    assert f'"bb:focus": "{focus}"' in answer.headers["HX-Trigger-After-Settle"]
    assert f'id="{focus}"' in browse().get(HERE).text
    assert f'<span id="cx-n" hx-swap-oob="true">({int(below)})</span>' in answer.text
    assert drift() == []


def test_as_a_form_it_leads_to_what_is_left(browse: Browse) -> None:
    rhea = browse("rhea")
    top = say("rhea", "Top")
    middle = say("ravi", "Middle", top)
    last = say("rhea", "Last", middle)
    assert rhea.post(f"/c/{last.id}/delete").location == f"{HERE}?c={middle.id}#c-{middle.id}"
    assert rhea.post(f"/c/{top.id}/delete").location == f"{HERE}?c={top.id}#c-{top.id}"
    # With its only reply the tombstone above goes too, so the way leads to the discussion.
    assert browse("ravi").post(f"/c/{middle.id}/delete").location == f"{HERE}#comments"
    assert story().comment_count == 0


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
