"""Votes: one a person and comment, and what refuses them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import clock
from app.comments import operations, ranking, rows
from app.comments.enums import SCORE_HIDDEN
from app.comments.models import Comment
from app.db.base import db
from app.errors import DomainError
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions import operations as reactions
from app.reactions.models import Vote
from tests.cases import each
from tests.comments.threads import Page
from tests.conftest import Browser, fresh, person, say, story

Browse = Callable[..., Browser]
BOTH = pytest.mark.parametrize("htmx", [False, True])


def tally(comment: Comment) -> tuple[int, int]:
    return fresh(comment).up, fresh(comment).down


def aged(comment: Comment) -> Comment:
    """Return the comment, made old enough for its score to show."""
    comment.created_at = clock.now() - SCORE_HIDDEN
    db.session.commit()
    return comment


def votes(comment: Comment) -> list[int]:
    return [vote.value for vote in db.session.query(Vote).filter_by(comment_id=comment.id)]


@pytest.mark.parametrize(
    ("before", "value", "up", "down"),
    [
        (0, 1, 1, 0),
        (0, -1, 0, 1),
        (0, 0, 0, 0),
        (1, 1, 1, 0),
        (1, -1, 0, 1),
        (1, 0, 0, 0),
        (-1, 1, 1, 0),
        (-1, -1, 0, 1),
        (-1, 0, 0, 0),
    ],
)
def test_a_vote_leads_from_any_state_to_any_other(
    browse: Browse, before: int, value: int, up: int, down: int
) -> None:
    comment, ravi = say("rhea", "Words"), browse("ravi")
    for vote in (before, value):
        answer = ravi.post(f"/c/{comment.id}/vote", {"value": vote})
        assert answer.status_code == 303
        assert answer.location == f"/articles/story?c={comment.id}#c-{comment.id}"
    assert tally(comment) == (up, down)
    assert votes(comment) == [value] * bool(value)
    assert fresh(comment).best == ranking.compute_best(up, down)
    assert fresh(comment).controversy == ranking.compute_controversy(up, down)


def test_votes_of_several_people_add_up_and_order_the_threads(browse: Browse) -> None:
    good, bad = aged(say("rhea", "Good")), aged(say("rhea", "Bad"))
    for who in ("ravi", "mo", "nils"):
        browse(who).post(f"/c/{good.id}/vote", {"value": 1})
    browse("ravi").post(f"/c/{bad.id}/vote", {"value": -1})
    assert tally(good) == (3, 0)
    assert fresh(good).best == pytest.approx(3 / (3 + ranking.Z**2))
    assert fresh(good).controversy == 0
    page = browse().get("/articles/story").text
    assert Page(page).roots == [good.id, bad.id]
    assert f'id="c-{bad.id}-score"><span class="visually-hidden">Score </span>-1' in page


def test_votes_on_both_sides_make_a_comment_controversial(browse: Browse) -> None:
    comment = say("rhea", "Words")
    for who, value in (("ravi", 1), ("mo", 1), ("edda", -1)):
        browse(who).post(f"/c/{comment.id}/vote", {"value": value})
    assert fresh(comment).controversy == pytest.approx(3**0.5)
    browse("edda").post(f"/c/{comment.id}/vote", {"value": 0})
    assert fresh(comment).controversy == 0


def test_over_htmx_the_votes_of_the_comment_come_back(browse: Browse) -> None:
    comment, ravi = aged(say("rhea", "Words")), browse("ravi")
    i = comment.id
    page = ravi.get("/articles/story").text
    assert f'class="votes" id="c-{i}-votes"' in page
    assert f'hx-post="/c/{i}/vote" hx-target="#c-{i}-votes" hx-swap="outerHTML"' in page
    for value, said, score in (
        (1, "Upvoted, score 1", 1),
        (-1, "Downvoted, score -1", -1),
        (0, "Vote taken back, score 0", 0),
    ):
        answer = ravi.post(f"/c/{i}/vote", {"value": value}, htmx=True)
        assert answer.headers["BB-Fragment"] == "1"
        assert (
            f'{{"bb:announce": {{"msg": "{said}"}}}}' == answer.headers["HX-Trigger-After-Settle"]
        ), "the focus stays on the button, which keeps its id"
        assert answer.headers["HX-Reselect"] == f"#c-{i}-votes"
        assert answer.text.count(f'<span role="group" class="votes" id="c-{i}-votes"') == 1
        for kind, own in (("upvote", 1), ("downvote", -1)):
            pressed = "true" if own == value else "false"
            offered = 0 if own == value else own
            assert (
                f'id="c-{i}-{kind}" class="{kind}" formaction="/c/{i}/vote" name="value" '
                f'value="{offered}" aria-pressed="{pressed}"' in answer.text
            )
        assert f"</span>{score}<" in answer.text


@pytest.mark.parametrize(
    ("who", "said"), [("ravi", "Upvoted"), ("mo", "Upvoted, score 1")], ids=["reader", "moderator"]
)
def test_a_young_score_is_told_to_moderators_alone(browse: Browse, who: str, said: str) -> None:
    comment = say("rhea", "Words")
    answer = browse(who).post(f"/c/{comment.id}/vote", {"value": 1}, htmx=True)
    assert f'{{"bb:announce": {{"msg": "{said}"}}}}' == answer.headers["HX-Trigger-After-Settle"]
    assert ("</span>1<" in answer.text) is (who == "mo")
    assert tally(comment) == (1, 0)


def test_own_votes_are_marked_on_the_page_and_in_what_is_fetched_later(browse: Browse) -> None:
    parent, ravi = say("rhea", "Parent"), browse("ravi")
    replies = [say("rhea", f"Reply {i}", parent) for i in range(5)]
    for comment in (parent, replies[4]):
        ravi.post(f"/c/{comment.id}/vote", {"value": 1})
    pressed = 'class="upvote" formaction="/c/{0}/vote" name="value" value="0" aria-pressed="true"'
    assert pressed.format(parent.id) in ravi.get("/articles/story").text
    part = ravi.get(f"/c/{parent.id}/replies?after=3", htmx=True).text
    assert pressed.format(replies[4].id) in part
    assert pressed.format(replies[3].id) not in part
    assert 'aria-pressed="true"' not in browse("mo").get("/articles/story").text


def refused(answer: TestResponse, status: int, sentence: str, comment: Comment, htmx: bool) -> None:
    assert answer.status_code == status
    assert sentence in answer.text
    if htmx:
        assert answer.headers["BB-Fragment"] == "1"
        assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"
        assert answer.headers["HX-Reswap"] == "afterbegin"


@BOTH
def test_nobody_votes_on_their_own(browse: Browse, htmx: bool) -> None:
    comment, rhea = say("rhea", "Words"), browse("rhea")
    answer = rhea.post(f"/c/{comment.id}/vote", {"value": 1}, htmx=htmx)
    refused(answer, 403, "You can&#39;t vote on your own comment.", comment, htmx)
    assert votes(comment) == []
    assert f'formaction="/c/{comment.id}/vote"' not in rhea.get("/articles/story").text


@BOTH
def test_a_newcomers_downvote_is_refused_with_the_reason(browse: Browse, htmx: bool) -> None:
    comment, nils = say("rhea", "Words"), browse("nils")
    answer = nils.post(f"/c/{comment.id}/vote", {"value": -1}, htmx=htmx)
    refused(answer, 403, "Downvoting opens after 10 published comments.", comment, htmx)
    page = nils.get("/articles/story").text
    assert "Downvote is not open to you: Downvoting opens after 10 published comments." in page
    assert nils.post(f"/c/{comment.id}/vote", {"value": 1}).status_code == 303
    assert tally(comment) == (1, 0)


def test_the_tenth_published_comment_opens_the_downvote(browse: Browse) -> None:
    comment, nils = say("rhea", "Words"), person("nils")
    for number, status in ((9, 403), (10, 303)):
        nils.published_comments = number
        db.session.commit()
        answer = browse("nils").post(f"/c/{comment.id}/vote", {"value": -1})
        assert answer.status_code == status


@BOTH
@pytest.mark.parametrize("end", ["deleted", "removed", "closed", "held", "unknown"])
def test_what_cannot_be_voted_on(browse: Browse, end: str, htmx: bool) -> None:
    comment, moderator = say("rhea", "Words"), person("mo")
    say("ravi", "An answer", comment)
    path = f"/c/{comment.id}/vote"
    status, sentence = 410, "no longer exists"
    if end == "deleted":
        browse("rhea").post(f"/c/{comment.id}/delete")
    elif end == "removed":
        moderation.reject(moderator, comment, fresh(comment).version, RejectReason.SPAM)
    elif end == "closed":
        story().comments_mode = "closed"
        db.session.commit()
        status, sentence = 403, "Comments on this article are closed."
    elif end == "held":
        comment = say("nils", "See https://example.org/held")
        path, status, sentence = f"/c/{comment.id}/vote", 404, "This comment is not here."
    else:
        path, status, sentence = "/c/999/vote", 404, "is not here"
    answer = browse("ravi").post(path, {"value": 1}, htmx=htmx)
    assert answer.status_code == status
    assert sentence in answer.text
    assert db.session.query(Vote).count() == 0


@BOTH
@each("value", [None, "", "2", "-2", "1.0", "up", " 1", "1" * 99, "\u0661"])
def test_a_vote_is_one_of_three_values(browse: Browse, value: str | None, htmx: bool) -> None:
    comment = say("rhea", "Words")
    data = {} if value is None else {"value": value}
    answer = browse("ravi").post(f"/c/{comment.id}/vote", data, htmx=htmx)
    refused(answer, 422, "A vote is 1, -1 or 0.", comment, htmx)
    assert votes(comment) == []


def test_a_visitor_is_shown_the_way_to_sign_in(browse: Browse) -> None:
    comment = say("rhea", "Words")
    page = browse().get("/articles/story").text
    assert f'id="c-{comment.id}-upvote" class="upvote" rel="nofollow" href="/sign-in?next=' in page
    assert browse().post(f"/c/{comment.id}/vote", {"value": 1}, token=None).status_code == 401


def test_an_address_that_is_only_opened_votes_for_nobody(browse: Browse) -> None:
    comment = say("rhea", "Words")
    assert browse("ravi").get(f"/c/{comment.id}/vote?value=1").status_code == 405
    assert votes(comment) == []


@pytest.mark.both_engines  # statements past the ORM
@pytest.mark.parametrize("end", ["deleted", "removed", "closed", "withdrawn"])
def test_what_ends_while_somebody_votes_is_refused_and_counts_nothing(
    site: Flask, end: str
) -> None:
    comment, ravi = say("rhea", "Words"), person("ravi")
    say("ravi", "An answer", comment)
    read = rows.get_by_id(comment.id)
    assert read is not None
    if end == "deleted":
        operations.delete(person("rhea"), comment)
    elif end == "removed":
        moderation.reject(person("mo"), comment, fresh(comment).version, RejectReason.SPAM)
    else:
        story().comments_mode = "closed" if end == "closed" else "open"
        story().status = "withdrawn" if end == "withdrawn" else "published"
        db.session.commit()
    with pytest.raises(DomainError):
        reactions.vote(ravi, read, 1)
    assert not db.session().in_transaction(), "a refused act lets go of what it held"
    assert (tally(comment), votes(comment)) == ((0, 0), [])


@pytest.mark.both_engines  # statements past the ORM
def test_a_vote_is_seven_statements_and_nothing_is_read_after_it(
    browse: Browse, counting: Callable[..., Any]
) -> None:
    """Who it is, the comment; under the lock, comment, vote; then vote, counts and article."""
    path, ravi = f"/c/{say('rhea', 'Words').id}/vote", browse("ravi")
    token = ravi.token()
    for value in (1, -1, 0):
        with counting(warm=True) as queries:
            answer = ravi.post(path, {"value": value}, htmx=True, token=token)
        assert answer.status_code == 200
        told = [statement for statement in queries.statements if statement != "BEGIN IMMEDIATE"]
        assert len(told) == 7, "\n".join(told)
        assert told[-1].startswith("UPDATE articles")
