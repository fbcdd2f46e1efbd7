"""What came since somebody was here: for members a row, for visitors a cookie that they ask for."""

from collections.abc import Callable
from typing import Any

import pytest

from app.db.base import db
from app.members import read_marks
from app.members.models import ReadMark
from tests.comments.threads import Page, crowd, plant
from tests.conftest import Browser, person, say, story

pytestmark = pytest.mark.both_engines  # counts in SQL of our own

Browse = Callable[..., Browser]
HERE = "/articles/story"


def new_on(browser: Browser, path: str = HERE) -> list[int]:
    """Return the comments that a page marks as new."""
    page = Page(browser.get(path).text)
    return [seen.id for seen in page.comments if "is-new" in seen.classes]


def remember(visitor: Browser) -> None:
    visitor.get(f"{HERE}/seen")
    answer = visitor.post(f"{HERE}/seen", {"publish_seq": story().last_publish_seq})
    assert (answer.status_code, answer.location) == (303, f"{HERE}#comments")


def test_a_member_sees_what_came_since_and_marks_it_read(browse: Browse) -> None:
    say("ravi", "Before.")
    rhea = browse("rhea")
    assert new_on(rhea) == []
    rhea.post(f"{HERE}/seen", {"publish_seq": 1})
    fresh, own = say("ravi", "After."), say("rhea", "My own.")
    assert new_on(rhea) == [fresh.id]
    page = rhea.get(HERE).text
    assert "1 new" in page
    assert new_on(browse("mo")) == []
    rhea.post(f"{HERE}/seen", {"publish_seq": story().last_publish_seq})
    assert new_on(rhea) == []
    assert "Mark all read" not in rhea.get(HERE).text
    assert own.id


def test_reading_alone_writes_nothing(browse: Browse) -> None:
    say("ravi", "Before.")
    browse("rhea").get(HERE)
    assert db.session.query(ReadMark).count() == 0


def test_a_visitor_is_remembered_only_when_they_ask(browse: Browse) -> None:
    say("ravi", "Before.")
    visitor = browse()
    assert "Set-Cookie" not in visitor.get(HERE).headers
    assert "Remember where I was" in visitor.get(HERE).text
    remember(visitor)
    fresh = say("ravi", "After.")
    assert new_on(visitor) == [fresh.id]
    answer = visitor.get(HERE)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Remember where I was" not in answer.text
    assert new_on(browse()) == []
    visitor.post("/forget")
    assert new_on(visitor) == []


def test_the_cookie_is_signed_and_holds_numbers_alone(browse: Browse) -> None:
    say("ravi", "Before.")
    visitor = browse()
    remember(visitor)
    cookie = visitor.client.get_cookie("read_marks", domain="localhost")
    assert cookie is not None
    assert cookie.http_only
    say("ravi", "After.")
    visitor.client.set_cookie("read_marks", "x" + cookie.value, domain="localhost")
    assert new_on(visitor) == []


def test_only_what_is_new_with_what_it_answers_folded_above(browse: Browse) -> None:
    top = say("ravi", "A claim.")
    middle = say("mo", "An answer.", top)
    say("ravi", "A thread that nobody answers.")
    read_marks.mark_read(person("rhea"), story(), 3)
    new = say("ravi", "Something new.", middle)
    page = Page(browse("rhea").get(f"{HERE}?new=1").text)
    assert page.shown == [top.id, middle.id, new.id]
    assert "is-new" in page[new.id].classes
    assert "was-read" in page[top.id].classes
    assert "You have read this" in page[top.id].words
    text = browse("rhea").get(f"{HERE}?new=1").text
    assert "Only what is new since you were here" in text
    assert "Show all 4 comments" in text


def test_nothing_new_is_said(browse: Browse) -> None:
    say("ravi", "A claim.")
    assert "Nothing is new since you were here" in browse().get(f"{HERE}?new=1").text


def test_much_that_is_new_comes_in_pages_in_the_order_of_arrival(browse: Browse) -> None:
    ids = plant([None] * 45, crowd(3))
    visitor, seen, path = browse(), [], f"{HERE}?new=1&since=0"
    while path:
        page = Page(visitor.get(path).text)
        seen += page.roots
        path = page.loose_more[0].more if page.loose_more else ""
    assert seen == ids


def test_a_mark_only_moves_on_and_never_past_what_there_is(browse: Browse) -> None:
    for words in ("One.", "Two."):
        say("ravi", words)
    rhea = person("rhea")
    assert read_marks.mark_read(rhea, story(), 99) == 2
    assert read_marks.mark_read(rhea, story(), 1) == 2


@pytest.mark.parametrize("publish_seq", ["", "x", "1.5"])
def test_a_damaged_mark_is_refused(browse: Browse, publish_seq: str) -> None:
    assert browse("rhea").post(f"{HERE}/seen", {"publish_seq": publish_seq}).status_code == 422


def test_marking_read_in_place_draws_the_section_again(browse: Browse) -> None:
    say("ravi", "Before.")
    read_marks.mark_read(person("rhea"), story(), 1)
    say("ravi", "After.")
    answer = browse("rhea").post(f"{HERE}/seen", {"publish_seq": 2}, htmx=True)
    assert answer.status_code == 200
    assert "is-new" not in answer.text
    assert "All read" in answer.headers["HX-Trigger-After-Settle"]


def test_counting_what_is_new_is_bounded(browse: Browse, counting: Callable[[], Any]) -> None:
    plant([None] * 1_100, crowd(5))
    read_marks.mark_read(person("rhea"), story(), 0)
    assert "More than 1,000 new" in browse("rhea").get(HERE).text


def test_a_visitor_who_follows_a_link_to_what_is_new_gets_no_cookie(browse: Browse) -> None:
    say("ravi", "A claim.")
    answer = browse().get(f"{HERE}?new=1&since=0")
    assert "Set-Cookie" not in answer.headers
    assert "public" in answer.headers["Cache-Control"]
    assert 'id="seen"' not in answer.text


def test_a_member_marks_their_place_by_a_button_where_nothing_does_it_for_them(
    browse: Browse,
) -> None:
    say("ravi", "Before.")
    rhea = browse("rhea")
    assert "Remember where I was" in rhea.get(HERE).text
    rhea.post(f"{HERE}/seen", {"publish_seq": story().last_publish_seq})
    assert "Remember where I was" not in rhea.get(HERE).text
    fresh = say("ravi", "After.")
    assert new_on(rhea) == [fresh.id]
    assert "Mark all read" in rhea.get(f"{HERE}?new=1").text


@pytest.mark.parametrize("part", ["c=1", "show=staff", "by=ravi"])
def test_only_where_the_whole_discussion_stands_is_it_marked_by_itself(
    browse: Browse, part: str
) -> None:
    say("ravi", "A claim.")
    rhea = browse("rhea")
    assert "data-auto" in rhea.get(HERE).text
    assert "data-auto" not in rhea.get(f"{HERE}?{part}").text


def test_ones_own_comments_are_not_new_to_oneself(browse: Browse) -> None:
    say("ravi", "Before.")
    read_marks.mark_read(person("rhea"), story(), 1)
    theirs = say("ravi", "After.")
    say("rhea", "My own.")
    assert Page(browse("rhea").get(f"{HERE}?new=1").text).shown == [theirs.id]


def test_a_visitor_who_marks_all_read_sees_it_at_once(browse: Browse) -> None:
    say("ravi", "Before.")
    visitor = browse()
    remember(visitor)
    say("ravi", "After.")
    answer = visitor.post(f"{HERE}/seen", {"publish_seq": 2}, htmx=True)
    assert "is-new" not in answer.text
    assert new_on(visitor) == []
