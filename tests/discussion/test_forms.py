"""The compose box wherever it opens: reply, preview, and where HTMX puts what comes back."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from app import clock
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.screening import operations
from app.screening.models import WordKind
from tests.comments.threads import Page
from tests.conftest import Browser, fresh, make_article, say, story

Browse = Callable[..., Browser]
HERE = "/articles/story"
POST = f"{HERE}/comments"
BOTH = pytest.mark.parametrize("htmx", [False, True])
SUBMISSION = re.compile(r'name="submission" value="([^"]*)"')


# -- reply ---------------------------------------------------------------------------------------


def test_the_reply_form_is_a_page_that_quotes_what_is_answered(browse: Browse) -> None:
    parent = say("rhea", "A *question*?")
    page = browse("ravi").get(f"/c/{parent.id}/reply").text
    assert "<em>question</em>" in page
    assert ">Reply to rhea</label>" in page
    assert f'name="parent_id" value="{parent.id}"' in page
    assert f'<form class="compose" id="c-{parent.id}-form" method="post" action="{POST}"' in page


def test_over_htmx_the_reply_form_opens_below_the_comment(browse: Browse) -> None:
    parent, ravi = say("rhea", "A question?"), browse("ravi")
    i = parent.id
    page = ravi.get(HERE).text
    control = re.search(rf'<a id="c-{i}-reply"[^>]*>', page)
    assert control is not None
    assert f'hx-target="#c-{i}-slot" hx-sync="this:drop"' in control[0]
    assert f'aria-expanded="false" aria-controls="c-{i}-slot"' in control[0]
    form = ravi.get(f"/c/{i}/reply", htmx=True)
    assert form.headers["BB-Fragment"] == "1"
    assert "HX-Retarget" not in form.headers
    assert f'"bb:focus": "c-{i}-form-body"' in form.headers["HX-Trigger-After-Settle"]
    assert f'hx-target="#c-{i}-replies" hx-swap="beforeend"' in form.text
    assert f'<ol class="replies" id="c-{i}-replies">' in page
    assert f'data-cancel="c-{i}-reply"' in form.text


def test_over_htmx_a_reply_is_added_and_its_form_goes(browse: Browse) -> None:
    parent = say("rhea", "A question?")
    answer = browse("ravi").post(POST, {"body": "Yes.", "parent_id": parent.id}, htmx=True)
    assert "Reply posted" in answer.headers["HX-Trigger-After-Settle"]
    (new,) = Page(answer.text).roots
    assert f'"bb:focus": "c-{new}-heading"' in answer.headers["HX-Trigger-After-Settle"]
    assert (
        f'<div class="form-slot" id="c-{parent.id}-slot" hx-swap-oob="true"></div>' in answer.text
    )
    assert '<span id="comment-count" hx-swap-oob="true">(2)</span>' in answer.text
    assert "compose-place" not in answer.text, "what is typed in the other box stays"


def test_over_htmx_a_posted_comment_brings_an_empty_box_with_a_key_of_its_own(
    browse: Browse,
) -> None:
    rhea = browse("rhea")
    page = rhea.get(HERE).text
    assert 'id="compose-place"' in page
    assert 'hx-target="#thread" hx-swap="afterbegin"' in page
    assert Page(page).ids["thread"] == 1
    key = SUBMISSION.search(page)
    assert key is not None
    answer = rhea.post(POST, {"body": "Well said.", "submission": key[1]}, htmx=True)
    assert '<div id="compose-place" hx-swap-oob="true">' in answer.text
    assert "></textarea>" in answer.text
    fresh_key = SUBMISSION.search(answer.text)
    assert fresh_key is not None
    assert fresh_key[1] not in ("", key[1])


@BOTH
def test_a_refused_form_keeps_its_key_so_that_it_is_stored_once(browse: Browse, htmx: bool) -> None:
    sent = {"body": "", "submission": "abcdefgh12345678"}
    answer = browse("rhea").post(POST, sent, htmx=htmx)
    assert 'name="submission" value="abcdefgh12345678"' in answer.text


def test_over_htmx_a_refusal_replaces_the_box_that_was_sent(browse: Browse) -> None:
    parent, ravi = say("rhea", "A question?"), browse("ravi")
    for data, box in (({}, "compose"), ({"parent_id": parent.id}, f"c-{parent.id}-form")):
        answer = ravi.post(POST, {"body": "", **data}, htmx=True)
        assert answer.headers["BB-Fragment"] == "1"
        assert answer.headers["HX-Retarget"] == f"#{box}"
        assert answer.headers["HX-Reswap"] == "outerHTML"
        assert f'"bb:focus": "{box}-body"' in answer.headers["HX-Trigger-After-Settle"]
        assert answer.text.strip().startswith(f'<form class="compose" id="{box}"')
        assert f'aria-describedby="{box}-help {box}-error" aria-invalid="true"' in answer.text


@BOTH
def test_a_held_comment_says_that_it_waits(browse: Browse, htmx: bool) -> None:
    nils = browse("nils")
    answer = nils.post(POST, {"body": "See https://example.org/mine"}, htmx=htmx)
    if htmx:
        assert "Sent for review" in answer.headers["HX-Trigger-After-Settle"]
        assert '<span id="comment-count" hx-swap-oob="true">(0)</span>' in answer.text
    page = answer.text if htmx else nils.get(answer.location).text
    assert "PENDING REVIEW" in page


@BOTH
def test_a_visitor_gets_the_box_of_a_reply_to_sign_in_after_writing(
    browse: Browse, htmx: bool
) -> None:
    parent, visitor = say("ravi", "A question?"), browse()
    assert f'href="/c/{parent.id}/reply"' in visitor.get(HERE).text
    box = visitor.get(f"/c/{parent.id}/reply", htmx=htmx)
    assert box.status_code == 200
    assert f'name="parent_id" value="{parent.id}"' in box.text
    assert 'name="body"' in box.text
    assert "csrf_token" not in box.text, "it is the same for all, so it is nobody's"
    assert "Set-Cookie" not in box.headers


def test_a_form_for_a_reply_to_nothing_is_refused(browse: Browse) -> None:
    parent, ravi = say("rhea", "A question?"), browse("ravi")
    browse("rhea").post(f"/c/{parent.id}/delete")
    for reader in (ravi, browse()):
        assert reader.get(f"/c/{parent.id}/reply").status_code == 410
        assert reader.get("/c/999/reply").status_code == 404
    late = say_anyway()
    for reader in (ravi, browse()):
        assert reader.get(f"/c/{late.id}/reply").status_code == 403


def say_anyway() -> Comment:
    """Return a comment from before the discussion closed."""
    story().comments_mode = "open"
    comment = say("rhea", "Said in time")
    story().comments_mode = "closed"
    db.session.commit()
    return comment


def test_a_discussion_that_closes_by_age_says_when(browse: Browse) -> None:
    old = make_article("old", published_at=clock.now() - timedelta(days=15), close_after_days=14)
    page = browse("rhea").get("/articles/old").text
    day = (old.published_at + timedelta(days=14)).strftime("%Y-%m-%d")
    assert f"Comments closed on {day}, 14 days after publication." in page
    assert browse("rhea").post("/articles/old/comments", {"body": "Late"}).status_code == 403


@BOTH
@pytest.mark.parametrize("path", [POST, "/preview"])
def test_a_banned_word_is_named_and_the_text_kept(browse: Browse, path: str, htmx: bool) -> None:
    operations.add_word(None, WordKind.BANNED, "cheap followers")
    answer = browse("rhea").post(path, {"body": "Cheap followers!", "article": "story"}, htmx=htmx)
    if path == POST:
        assert answer.status_code == 422
        assert "does not allow “cheap followers”" in answer.text
        assert "Cheap followers!</textarea>" in answer.text
    else:
        assert answer.status_code == 200, "a preview shows how it looks, not whether it may stand"


@BOTH
@pytest.mark.usefixtures("limits")
def test_too_many_comments_in_a_minute_wait_and_the_text_is_kept(
    browse: Browse, htmx: bool
) -> None:
    rhea = browse("rhea")
    token = rhea.token()
    for i in range(6):
        assert rhea.post(POST, {"body": f"Comment {i}"}, token=token).status_code == 303
    answer = rhea.post(POST, {"body": "Kept words"}, htmx=htmx, token=token)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert "Kept words</textarea>" in answer.text


# -- preview -------------------------------------------------------------------------------------


def boxes() -> dict[str, dict[str, object]]:
    """Return the fields that each of the three boxes sends along."""
    parent, own = say("ravi", "A question?"), say("rhea", "First words")
    return {
        "compose": {"article": "story", "submission": "abcdefgh12345678"},
        "reply": {"article": "story", "parent_id": parent.id, "submission": "abcdefgh12345678"},
        "edit": {"article": "story", "comment_id": own.id, "version": own.version},
    }


@pytest.mark.parametrize("box", ["compose", "reply", "edit"])
def test_a_preview_shows_the_text_as_it_will_look_above_what_was_typed(
    browse: Browse, box: str
) -> None:
    sent, rhea = boxes()[box], browse("rhea")
    answer = rhea.post("/preview", sent | {"body": "So *it* <b>is</b>"})
    assert answer.status_code == 200
    assert "<em>it</em> &lt;b&gt;is&lt;/b&gt;" in answer.text
    assert ">So *it* &lt;b&gt;is&lt;/b&gt;</textarea>" in answer.text
    for name in sent.keys() - {"article"}:
        assert f'name="{name}" value="{sent[name]}"' in answer.text
    posted = rhea.post(*(f"/c/{sent['comment_id']}/edit",) if box == "edit" else (POST,), sent)
    assert posted.status_code == 422, "nothing was stored by looking"


@pytest.mark.parametrize("box", ["compose", "reply", "edit"])
def test_over_htmx_only_the_preview_comes_and_the_focus_stays(browse: Browse, box: str) -> None:
    sent, rhea = boxes()[box], browse("rhea")
    form = {
        "edit": f"/c/{sent.get('comment_id')}/edit",
        "reply": f"/c/{sent.get('parent_id')}/reply",
    }
    text = rhea.get(form.get(box, HERE), htmx=box != "compose").text
    dom = "compose"
    if box != "compose":
        edited = sent.get("comment_id")
        dom = f"c-{edited}-edit-form" if edited else f"c-{sent['parent_id']}-form"
    assert f'hx-post="/preview" hx-target="#{dom}-preview" hx-swap="innerHTML"' in text
    assert f'<div class="preview" id="{dom}-preview">' in text
    answer = rhea.post("/preview", sent | {"body": "So *it* is"}, htmx=True)
    assert answer.headers["BB-Fragment"] == "1"
    assert (
        answer.headers["HX-Trigger-After-Settle"] == '{"bb:announce": {"msg": "Preview updated"}}'
    )
    assert "HX-Retarget" not in answer.headers
    assert "<em>it</em>" in answer.text
    assert "<textarea" not in answer.text


@BOTH
@pytest.mark.parametrize("box", ["compose", "reply", "edit"])
@pytest.mark.parametrize("body", ["", "x" * 5_001])
def test_a_preview_of_what_cannot_be_posted_says_why_and_keeps_it(
    browse: Browse, box: str, body: str, htmx: bool
) -> None:
    answer = browse("rhea").post("/preview", boxes()[box] | {"body": body}, htmx=htmx)
    assert answer.status_code == 422
    assert ("too long" if body else "can&#39;t be empty") in answer.text
    assert htmx or f">{body}</textarea>" in answer.text


@pytest.mark.parametrize("box", ["compose", "reply", "edit"])
def test_a_preview_of_somebody_signed_out_keeps_the_text(browse: Browse, box: str) -> None:
    answer = browse().post("/preview", boxes()[box] | {"body": "Kept words"}, token=None)
    assert answer.status_code == 401
    assert "Kept words</textarea>" in answer.text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"article": "nowhere"}, 404),
        ({}, 404),
        ({"article": "story", "parent_id": "999"}, 404),
        ({"article": "story", "comment_id": "999"}, 404),
        ({"article": "story", "parent_id": "-99999999999999999999"}, 404),
    ],
)
def test_a_preview_below_nothing_keeps_the_text(
    browse: Browse, data: dict[str, str], status: int
) -> None:
    answer = browse("rhea").post("/preview", data | {"body": "Kept words"})
    assert answer.status_code == status
    assert "Kept words</textarea>" in answer.text


def test_nobody_previews_the_edit_of_anothers_comment(browse: Browse) -> None:
    own = say("ravi", "First words")
    answer = browse("rhea").post("/preview", {"comment_id": own.id, "body": "Kept words"})
    assert answer.status_code == 403
    assert "Kept words</textarea>" in answer.text
    assert fresh(own).status == CommentStatus.PUBLISHED


def test_a_comment_below_an_unknown_article_keeps_the_text(browse: Browse) -> None:
    answer = browse("rhea").post("/articles/nowhere/comments", {"body": "Kept words"})
    assert answer.status_code == 404
    assert "Kept words</textarea>" in answer.text
