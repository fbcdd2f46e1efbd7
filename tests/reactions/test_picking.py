"""Picks: staff feature a comment with one line why."""

from collections.abc import Callable
from html import escape

import pytest

from app.audit import verification
from app.audit.actions import Action
from app.comments import operations as comments
from app.comments.enums import PICK_WHY_MAX
from app.comments.models import Comment
from app.reactions import operations
from tests.cases import each
from tests.conftest import Browser, fresh, person, say, story
from tests.moderation import desk

Browse = Callable[..., Browser]
BOTH = pytest.mark.parametrize("htmx", [False, True])
WHY = "Brings numbers of her own"


def counts() -> tuple[int, int]:
    """Return the picks of the article, and of Rhea."""
    return story().pick_count, person("rhea").pick_count


def pick(who: str, comment: Comment, why: str = WHY) -> Comment:
    return operations.pick(person(who), fresh(comment), why)


def logged(comment: Comment) -> list[tuple[str, str, str]]:
    """Return what the log says of the comment's picks: by whom, what, and the line."""
    return [
        (entry.actor.name if entry.actor else "", entry.action, entry.note)
        for entry in desk.entries()
        if entry.comment_id == comment.id and entry.action in (Action.PICKED, Action.UNPICKED)
    ]


@pytest.mark.parametrize("who", ["mo", "edda", "ada"])
def test_staff_pick_a_comment_and_everybody_reads_why(browse: Browse, who: str) -> None:
    comment, browser = say("rhea", "Words"), browse(who)
    comment_version, article_version = fresh(comment).version, story().version
    answer = browser.post(f"/c/{comment.id}/pick", {"why": WHY})
    assert answer.status_code == 303
    assert answer.location == f"/articles/story?c={comment.id}#c-{comment.id}"
    assert (fresh(comment).pick_why, counts()) == (WHY, (1, 1))
    assert fresh(comment).picked_at is not None
    assert fresh(comment).version > comment_version
    assert story().version > article_version
    assert logged(comment) == [(who, Action.PICKED, WHY)]
    assert verification.find_faults() == []
    assert WHY in browse().get("/articles/story").text


def test_over_htmx_the_form_opens_in_the_comments_slot_and_the_comment_comes_back(
    browse: Browse,
) -> None:
    comment, mo = say("rhea", "Words"), browse("mo")
    form = mo.get(f"/c/{comment.id}/pick", htmx=True)
    assert form.status_code == 200
    assert form.headers["HX-Retarget"] == f"#c-{comment.id}-slot"
    assert f'"bb:focus": "c-{comment.id}-why"' in form.headers["HX-Trigger-After-Settle"]
    assert f'data-cancel="c-{comment.id}-pick"' in form.text
    assert "Take the pick back" not in form.text
    answer = mo.post(f"/c/{comment.id}/pick", {"why": WHY}, htmx=True)
    assert answer.status_code == 200
    assert '"msg": "Picked"' in answer.headers["HX-Trigger-After-Settle"]
    assert f'id="c-{comment.id}-body"' in answer.text
    assert WHY in answer.text
    again = mo.get(f"/c/{comment.id}/pick", htmx=True).text
    assert f'value="{WHY}"' in again
    assert f'formaction="/c/{comment.id}/unpick"' in again


def test_without_javascript_the_form_is_a_page_with_the_comment(browse: Browse) -> None:
    comment = say("rhea", "Words to be picked")
    page = browse("mo").get(f"/c/{comment.id}/pick").text
    assert "<h1" in page
    assert "Words to be picked" in page
    assert f'action="/c/{comment.id}/pick"' in page


def test_picking_again_changes_the_line_and_counts_nothing(browse: Browse) -> None:
    comment = say("rhea", "Words")
    pick("mo", comment)
    first_time = fresh(comment).picked_at
    pick("edda", comment, "Another line")
    assert (fresh(comment).pick_why, counts()) == ("Another line", (1, 1))
    assert fresh(comment).picked_at == first_time
    assert logged(comment) == [
        ("mo", Action.PICKED, WHY),
        ("edda", Action.PICKED, "Another line"),
    ]
    version = fresh(comment).version
    pick("mo", comment, " Another  line\n")
    assert fresh(comment).version == version, "the same line sent again changes nothing"
    assert len(logged(comment)) == 2


@BOTH
def test_a_pick_is_taken_back_once(browse: Browse, htmx: bool) -> None:
    comment, mo = say("rhea", "Words"), browse("mo")
    pick("edda", comment)
    version = story().version
    for _ in range(2):
        answer = mo.post(f"/c/{comment.id}/unpick", htmx=htmx)
        assert answer.status_code == (200 if htmx else 303)
        if htmx:
            assert '"msg": "Pick taken back"' in answer.headers["HX-Trigger-After-Settle"]
    now = fresh(comment)
    assert (now.pick_why, now.picked_at, counts()) == ("", None, (0, 0))
    assert logged(comment) == [("edda", Action.PICKED, WHY), ("mo", Action.UNPICKED, "")]
    assert story().version > version
    assert WHY not in browse().get("/articles/story").text


@BOTH
@each(
    ("why", "sentence"),
    [
        ("", "Say in one line why you pick it"),
        (" \n\t ", "Say in one line why you pick it"),
        ("\u200b\u2800", "Say in one line why you pick it"),
        ("x" * (PICK_WHY_MAX + 1), "The line is 1 character too long"),
        ("y" * (PICK_WHY_MAX + 1200), "The line is 1,200 characters too long"),
    ],
)
def test_a_line_that_cannot_be_is_refused_where_it_was_typed(
    browse: Browse, why: str, sentence: str, htmx: bool
) -> None:
    comment = say("rhea", "Words")
    answer = browse("mo").post(f"/c/{comment.id}/pick", {"why": why}, htmx=htmx)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{escape(why)}"' in answer.text
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"
        assert sentence in answer.headers["HX-Trigger-After-Settle"]
    assert (fresh(comment).pick_why, counts()) == ("", (0, 0))


def test_the_longest_line_is_taken_and_becomes_one_line(site: object) -> None:
    comment = say("rhea", "Words")
    pick("mo", comment, "é" * PICK_WHY_MAX)
    assert fresh(comment).pick_why == "é" * PICK_WHY_MAX
    pick("mo", comment, " two\r\n lines\x00 and\ttabs ")
    assert fresh(comment).pick_why == "two lines and tabs"


def test_a_line_is_text_and_no_html(browse: Browse) -> None:
    comment = say("rhea", "Words")
    pick("mo", comment, "<b>bold</b> & more")
    page = browse().get("/articles/story").text
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in page
    assert "<b>bold</b>" not in page


@BOTH
@pytest.mark.parametrize("act", ["pick", "unpick"])
def test_readers_pick_nothing_and_staff_not_their_own(browse: Browse, act: str, htmx: bool) -> None:
    by_reader, by_staff = say("rhea", "Words"), say("mo", "Words of a moderator")
    for who, comment in (("ravi", by_reader), ("rhea", by_reader), ("mo", by_staff)):
        browser = browse(who)
        answer = browser.post(f"/c/{comment.id}/{act}", {"why": WHY}, htmx=htmx)
        assert answer.status_code == 403, who
        assert 'name="why"' not in answer.text
        menu = browser.get(f"/c/{comment.id}/acts", htmx=True)
        assert menu.status_code == 200
        assert f'id="c-{comment.id}-pick"' not in menu.text
        if htmx:
            assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"
    assert browse("ravi").get(f"/c/{by_reader.id}/pick").status_code == 403
    assert browse("mo").get(f"/c/{by_staff.id}/pick").status_code == 403
    assert browse().post(f"/c/{by_reader.id}/{act}", {"why": WHY}, token=None).status_code == 401
    assert counts() == (0, 0)
    assert logged(by_reader) == logged(by_staff) == []


def test_what_is_held_or_gone_is_not_picked(browse: Browse) -> None:
    held, gone = desk.held(), say("rhea", "Words")
    say("ravi", "An answer", gone)
    browse("rhea").post(f"/c/{gone.id}/delete")
    for comment in (held, gone):
        answer = browse("mo").post(f"/c/{comment.id}/pick", {"why": WHY})
        assert answer.status_code == 410
        assert fresh(comment).pick_why == ""


def test_only_published_picks_are_counted(browse: Browse) -> None:
    comment = say("rhea", "Words")
    pick("edda", comment)
    entry = desk.reject("mo", comment)
    assert counts() == (0, 0)
    desk.operations.undo(person("mo"), entry)
    assert (counts(), fresh(comment).pick_why) == ((1, 1), WHY)
    comments.delete(person("rhea"), fresh(comment))
    assert counts() == (0, 0)
    comments.undelete(person("rhea"), fresh(comment))
    assert counts() == (1, 1)
