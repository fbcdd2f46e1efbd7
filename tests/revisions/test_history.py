"""How an edited comment changed, for everyone who can read it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.comments import operations
from app.comments.models import Comment, Revision
from app.db.base import db
from app.imports.threads import import_thread
from app.revisions.queries import STEPS_A_PAGE
from tests.conftest import Browser, fresh, person, say, story
from tests.moderation import desk

Browse = Callable[..., Browser]
BOTH = pytest.mark.parametrize("htmx", [False, True])
EVERYBODY = (None, "rhea", "ravi", "mo", "ada")


def edited(*texts: str, who: str = "rhea") -> Comment:
    """Add a comment that had each of the texts, one after the other."""
    comment = say(who, texts[0])
    for words in texts[1:]:
        comment = operations.edit(person(who), comment, words, fresh(comment).version)
    return comment


def dated(comment: Comment, *times: str) -> None:
    """Let the edits have happened on this day at these times."""
    revisions = db.session.query(Revision).filter_by(comment_id=comment.id)
    for revision, time in zip(revisions.order_by(Revision.number), times, strict=True):
        hour, minute = time.split(":")
        day = clock.now().replace(year=2026, month=11, day=23)
        revision.replaced_at = day.replace(hour=int(hour), minute=int(minute))
    db.session.commit()


def changes(page: str) -> list[tuple[str, str]]:
    """Return what each edit of a page removed and added, in the page's order."""
    found = []
    for diff in re.findall(r'<div class="diff"[^>]*>(.*?)</div>', page, re.S):
        words = re.sub(r'<span class="visually-hidden">.*?</span>', "", diff)
        removed, added = (re.findall(rf"<{sign}>(.*?)</{sign}>", words) for sign in ("del", "ins"))
        found.append((" ".join(removed), " ".join(added)))
    return found


@BOTH
def test_everyone_reads_the_edits_the_latest_first(browse: Browse, htmx: bool) -> None:
    comment = edited("Cats are fine", "Dogs are fine", "Dogs are great")
    dated(comment, "10:41", "10:44")
    for who in EVERYBODY:
        answer = browse(who).get(f"/c/{comment.id}/history", htmx=htmx)
        assert answer.status_code == 200
        assert changes(answer.text) == [("fine", "great"), ("Cats", "Dogs")]
        times = re.findall(r">Edited <time[^>]*>(.*?)</time>", answer.text)
        assert times == ["2026-11-23 10:44 UTC", "2026-11-23 10:41 UTC"]


def test_over_htmx_it_opens_in_the_comments_slot_with_a_way_to_close_it(browse: Browse) -> None:
    comment = edited("Before", "After")
    answer = browse().get(f"/c/{comment.id}/history", htmx=True)
    assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"
    focus = f'"bb:focus": "c-{comment.id}-history-heading"'
    assert focus in answer.headers["HX-Trigger-After-Settle"]
    assert f'data-cancel="c-{comment.id}-history">Close</a>' in answer.text
    assert "<h1" not in answer.text
    assert f'id="c-{comment.id}-history"' in browse().get("/articles/story").text


def test_html_in_a_comment_is_shown_as_it_was_typed(browse: Browse) -> None:
    comment = edited("<b>one</b> & `two`", "<i>one</i> & `two`")
    page = browse().get(f"/c/{comment.id}/history").text
    shown = page[page.index('class="diff"') :]
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "&amp; `two`" in shown


@BOTH
def test_what_was_not_edited_says_so(browse: Browse, htmx: bool) -> None:
    comment = say("rhea", "Words")
    answer = browse().get(f"/c/{comment.id}/history", htmx=htmx)
    assert answer.status_code == 200
    assert "This comment was not edited." in answer.text


def test_an_edit_made_elsewhere_is_not_kept_here(browse: Browse) -> None:
    said = {
        "id": "a",
        "parent_id": None,
        "author": "guest",
        "created_at": "2026-01-02T03:04:05Z",
        "edited_at": "2026-01-02T03:14:05Z",
        "text_html": "<p>Words</p>",
    }
    import_thread(story(), {"comments": [said]}, "a forum")
    comment = db.session.query(Comment).one()
    page = browse().get(f"/c/{comment.id}/history").text
    assert "edited before it came to this site" in page


@BOTH
@pytest.mark.parametrize("end", ["deleted", "rejected", "held", "unknown"])
def test_words_that_are_not_shown_have_no_history_for_readers(
    browse: Browse, end: str, htmx: bool
) -> None:
    comment = edited("Secret before", "Secret after")
    say("ravi", "An answer", comment)
    readers: tuple[str | None, ...] = (None, "ravi")
    if end == "deleted":
        operations.delete(person("rhea"), comment)
        readers = (None, "ravi", "rhea")
    elif end == "rejected":
        desk.reject("mo", comment)
        readers = (None, "ravi", "rhea")
    elif end == "held":
        comment = desk.held("Secret https://example.org/a")
        operations.edit(person("nils"), comment, "Secret https://example.org/b", comment.version)
    path = "/c/999/history" if end == "unknown" else f"/c/{comment.id}/history"
    for who in readers:
        answer = browse(who).get(path, htmx=htmx)
        assert answer.status_code == 404
        assert "Secret" not in answer.text
    for who in ("mo", "ada") if end != "unknown" else ():
        assert "Secret" in browse(who).get(path, htmx=htmx).text


def test_the_author_reads_the_history_of_what_is_held(browse: Browse) -> None:
    comment = desk.held("First https://example.org/a")
    operations.edit(person("nils"), comment, "Second https://example.org/a", comment.version)
    assert "Second" in browse("nils").get(f"/c/{comment.id}/history").text


def test_edits_beyond_a_page_follow_behind_a_link(browse: Browse) -> None:
    texts = [f"Version {i} of it" for i in range(STEPS_A_PAGE + 3)]
    comment = edited(*texts)
    numbers = [r.number for r in db.session.query(Revision).order_by(Revision.number.desc())]
    page = browse().get(f"/c/{comment.id}/history").text
    link = f"/c/{comment.id}/history?before={numbers[STEPS_A_PAGE - 1]}"
    assert f'href="{link}"' in page
    assert page.count('class="diff"') == STEPS_A_PAGE
    earlier = browse().get(link).text
    assert earlier.count('class="diff"') == len(numbers) - STEPS_A_PAGE
    assert "Earlier edits" not in earlier
    number = len(texts) - 1
    expected = [(str(i - 1), str(i)) for i in range(number, 0, -1)]
    assert changes(page) + changes(earlier) == expected


def test_the_queries_do_not_grow_with_the_edits(
    browse: Browse, counting: Callable[[], Any]
) -> None:
    one, many = edited("a", "b"), edited(*[f"text {i}" for i in range(8)], who="ravi")
    for who in (None, "ravi", "mo"):
        browser = browse(who)
        browser.get("/theme")
        found = []
        for comment in (one, many):
            with counting() as queries:
                assert browser.get(f"/c/{comment.id}/history").status_code == 200
            found.append(queries.count)
        assert found[0] == found[1] <= 6


def test_a_disowned_comment_keeps_its_history_without_a_name(browse: Browse) -> None:
    comment = edited("Before", "After")
    comment.created_at -= timedelta(hours=1)
    db.session.commit()
    operations.remove_name(person("rhea"), comment)
    page = browse().get(f"/c/{comment.id}/history").text
    assert "rhea" not in page
    assert "After" in page
