"""A discussion in other orders, narrowed to some comments, and at a glance."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.comments.enums import SCORE_HIDDEN
from app.comments.models import Comment
from app.comments.ranking import compute_controversy
from app.db.base import db
from app.discussion import highlights
from app.discussion.enums import HIGHLIGHTS_FROM
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions import operations as reactions
from app.reactions.models import Vote
from tests.comments.threads import Page, crowd, plant
from tests.conftest import Browser, fresh, person, say, story

pytestmark = pytest.mark.both_engines  # orders and highlights are SQL of our own

Browse = Callable[..., Browser]
HERE = "/articles/story"


def page(browser: Browser, **query: object) -> Page:
    answer = browser.get(HERE, query_string=query)
    assert answer.status_code == 200
    return Page(answer.text)


@pytest.mark.parametrize(
    ("up", "down", "more"),
    [(0, 0, (1, 1)), (100, 0, (1, 1)), (9, 1, (5, 5)), (5, 5, (50, 50)), (1, 99, (2, 2))],
)
def test_controversy_grows_with_votes_and_evenness(
    up: int, down: int, more: tuple[int, int]
) -> None:
    assert compute_controversy(up, down) < compute_controversy(*more)


def test_threads_by_discussion_and_by_controversy(browse: Browse) -> None:
    ids = plant(
        [None, None, None, 1, 3, 1, 2],
        crowd(3),
        votes={0: (9, 8), 1: (3, 0), 2: (4, 3)},
    )
    assert page(browse(), sort="discussed").roots == [ids[1], ids[2], ids[0]]
    assert page(browse(), sort="controversial").roots == [ids[0], ids[2], ids[1]]


@pytest.mark.parametrize("sort", ["discussed", "controversial", "best"])
def test_every_thread_comes_once_on_the_pages_of_an_order(browse: Browse, sort: str) -> None:
    ids = plant([None] * 45, crowd(3), votes={i: (i % 4, i % 3) for i in range(45)})
    visitor, seen, path = browse(), [], f"{HERE}?sort={sort}"
    while path:
        shown = Page(visitor.get(path).text)
        seen += shown.roots
        path = shown.loose_more[0].more if shown.loose_more else ""
    assert sorted(seen) == sorted(ids)


def test_a_members_order_stays_with_them_and_a_visitors_does_not(browse: Browse) -> None:
    ids = plant([None, None], crowd(2), votes={0: (5, 0)})
    rhea = browse("rhea")
    assert page(rhea, sort="newest").roots == ids[::-1]
    assert page(rhea).roots == ids  # looking at an address keeps nothing
    answer = rhea.post("/settings/order", {"sort": "newest", "next": HERE})
    assert (answer.status_code, answer.location) == (303, HERE)
    assert page(rhea).roots == ids[::-1]
    assert page(browse("rhea")).roots == ids[::-1]  # on every device
    for other in (browse(), browse("ravi")):
        assert page(other).roots == ids


@pytest.mark.parametrize("htmx", [True, False])
def test_an_order_is_kept_by_a_button_beside_the_orders(browse: Browse, htmx: bool) -> None:
    say("ravi", "A claim.")
    rhea = browse("rhea")
    assert "Always in this order" not in rhea.get(HERE).text
    assert "Always in this order" in rhea.get(f"{HERE}?sort=oldest").text
    assert "Always in this order" not in browse().get(f"{HERE}?sort=oldest").text
    answer = rhea.post("/settings/order", {"sort": "oldest"}, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert "Always in this order" not in rhea.get(f"{HERE}?sort=oldest").text
    assert rhea.post("/settings/order", {"sort": "upside-down"}, htmx=htmx).status_code == 422


def test_the_flat_order_says_what_each_comment_answers(browse: Browse) -> None:
    above = say("rhea", "A claim about *chips* and more.")
    say("ravi", "An answer.", above)
    text = browse().get(f"{HERE}?sort=newest").text
    assert "in reply to @rhea" in text
    assert "A claim about chips and more." in text


def test_narrowed_to_staff_to_picks_and_to_one_person(browse: Browse) -> None:
    claim = say("rhea", "A claim.")
    answer = say("edda", "An answer by staff.", claim)
    other = say("ravi", "Something else.")
    reactions.pick(person("mo"), other, "adds data")
    assert page(browse(), show="staff").shown == [answer.id]
    assert page(browse(), show="picks").shown == [other.id]
    assert page(browse(), by="rhea").shown == [claim.id]
    assert browse().get(f"{HERE}?by=nobody-here").status_code == 404
    assert page(browse(), show="nonsense").roots == page(browse()).roots


def test_narrowed_lists_go_on_by_pages(browse: Browse) -> None:
    ids = plant([None] * 30, [person("mo")])
    first = page(browse(), show="staff")
    assert first.shown == ids[:-21:-1]
    assert Page(browse().get(first.loose_more[0].more).text).shown == ids[9::-1]


def test_a_score_is_hidden_for_an_hour_from_all_but_moderators(site: Flask, browse: Browse) -> None:
    made = say("rhea", "New.")
    reactions.vote(person("ravi"), made, 1)
    for who in (None, "ravi", "rhea"):
        assert "Score hidden" in browse(who).get(HERE).text
    assert "Score hidden" not in browse("mo").get(HERE).text
    made.created_at -= SCORE_HIDDEN
    db.session.commit()
    site.extensions["pagestore"].forget()  # an hour did not pass
    assert "Score hidden" not in browse().get(HERE).text


def test_a_low_score_closes_a_comment_with_words(site: Flask, browse: Browse) -> None:
    ids = plant([None, None], crowd(2), votes={0: (0, 5), 1: (0, 4)})
    assert "Hidden: low score" not in browse().get(HERE).text  # in its first hour it has none
    for comment in db.session.query(Comment):
        comment.created_at -= SCORE_HIDDEN
    db.session.commit()
    site.extensions["pagestore"].forget()  # an hour did not pass
    text = browse().get(HERE).text
    assert text.count("Hidden: low score. Show") == 2  # once seen, once said
    one = browse().get(f"{HERE}?c={ids[0]}").text
    assert "Hidden: low score" not in one


def test_a_short_discussion_is_not_shown_at_a_glance(site: Flask) -> None:
    plant([None] * (HIGHLIGHTS_FROM - 1), crowd(3))
    assert highlights.find_highlights(story()) == []


def test_a_long_discussion_at_a_glance(site: Flask, browse: Browse) -> None:
    people = crowd(6)
    ids = plant([None] * 26 + [2, 2, 2], people, votes={4: (9, 2), 7: (6, 0)})
    question = say("rhea", "Which licence is it?")
    answered = say("ravi", "And since when?")
    reply = say("edda", "Since May.", answered)
    picked = db.session.get_one(Comment, ids[9])
    reactions.pick(person("mo"), picked, "adds data")
    for user, (up, down) in zip(people[:4], [(4, 7), (4, 7), (12, 7), (7, 8)], strict=True):
        for place, value in ((up, 1), (down, -1)):
            db.session.merge(Vote(user_id=user.id, comment_id=ids[place], value=value))
    db.session.commit()
    shown = [(label, comment.id) for label, comment in highlights.find_highlights(story())]
    assert shown == [
        ("Picked by staff", picked.id),
        ("Staff answered", reply.id),
        ("Most discussed", ids[2]),
        ("Most recommended", ids[7]),
        ("Most recommended by those who disagree", ids[4]),
        ("Unanswered question", question.id),
    ]
    page_text = browse().get(HERE).text
    assert "At a glance" in page_text
    assert fresh(question).question


def test_what_is_removed_is_not_shown_at_a_glance(site: Flask) -> None:
    ids = plant([None] * 31, crowd(3), votes={0: (9, 0), 1: (8, 0)})
    first = db.session.get_one(Comment, ids[0])
    reactions.pick(person("mo"), first, "adds data")
    assert ids[0] in [comment.id for _, comment in highlights.find_highlights(story())]
    moderation.reject(person("mo"), first, fresh(first).version, RejectReason.SPAM)
    assert ids[0] not in [comment.id for _, comment in highlights.find_highlights(story())]
