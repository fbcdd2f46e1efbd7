"""People who act at the same moment, with real threads on both engines."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.comments import operations, queries
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.errors import Conflict, DomainError, Gone, TooOften
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions import operations as reactions
from app.reactions.models import Vote
from tests.comments.threads import crowd, drift
from tests.conftest import Browser, make_article, person, say, story

pytestmark = pytest.mark.both_engines  # locks and races

Browse = Callable[..., Browser]
POST = "/articles/story/comments"
ROUNDS = 5  # of a race that one of two must win


def together(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """Run `acts` in a thread each, all from the same moment; their results in order.

    A refusal in words is a result; anything else that is raised fails the test.
    """
    db.session.rollback()
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            start.wait(timeout=30)
            try:
                return act()
            except DomainError as refusal:
                return refusal
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        results = list(pool.map(run, acts))
    db.session.expire_all()
    return results


# -- one form, many times ------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
def test_the_same_form_sent_eight_times_at_once_is_stored_once(
    browse: Browse, site: Flask, htmx: bool
) -> None:
    rhea = browse("rhea")
    sent = {"body": "Once.", "submission": "abcdefgh12345678", "csrf_token": rhea.token()}
    name = site.config["SESSION_COOKIE_NAME"]
    cookie = rhea.client.get_cookie(name)
    assert cookie is not None

    def send() -> tuple[int, str]:
        copy = Browser(site)
        copy.client.set_cookie(name, cookie.value)
        answer = copy.post(POST, sent, htmx=htmx, token=None)
        comment = re.search(r'<li class="comment" id="(c-\d+)"', answer.text) if htmx else None
        return answer.status_code, comment[1] if comment else str(answer.location)

    answers = Counter(together(site, [send] * 8))
    assert list(answers.values()) == [8], answers
    ((status, where),) = answers
    (comment,) = db.session.query(Comment)
    assert (status, where.endswith(f"c-{comment.id}")) == (200 if htmx else 303, True)
    assert story().comment_count == 1
    assert drift() == []


def test_the_same_form_below_two_articles_at_once_is_stored_once(site: Flask) -> None:
    make_article("other")
    for number in range(ROUNDS):

        def send(slug: str, number: int = number) -> Callable[[], int]:
            def act() -> int:
                key = f"same-form-{number}"
                return operations.post(person("rhea"), story(slug), "Once.", None, key).id

            return act

        first, second = together(site, [send("story"), send("other")])
        assert first == second
        assert db.session.query(Comment).count() == number + 1
    assert drift() == []


def test_of_two_forms_at_once_in_slow_mode_one_waits(site: Flask) -> None:
    for number in range(ROUNDS):
        slug = make_article(f"slow-{number}", slow_seconds=600).slug

        def send(words: str, slug: str = slug) -> Callable[[], int]:
            return lambda: operations.post(person("rhea"), story(slug), words).id

        results = together(site, [send("First words."), send("Other words.")])
        assert Counter(type(result) for result in results) == {int: 1, TooOften: 1}, results
    assert db.session.query(Comment).count() == ROUNDS
    assert drift() == []


def test_replies_at_once_in_one_thread_have_ranks_and_numbers_of_their_own(site: Flask) -> None:
    """Each act locks the first comment of the thread, and the article's row at the end alone."""
    top = say("rhea", "A thread").id
    middle = say("ravi", "An answer", _comment(top)).id

    def reply(name: str, parent: int) -> Callable[[], int]:
        return lambda: operations.post(person(name), story(), f"{name}", _comment(parent)).id

    acts = [
        reply(name, parent) for name in ("rhea", "ravi", "mo", "edda") for parent in (top, middle)
    ]
    ids = together(site, acts)
    assert len(set(ids)) == len(acts), ids
    assert sorted(c.rank for c in db.session.query(Comment).filter_by(parent_id=middle)) == [
        1,
        2,
        3,
        4,
    ]
    assert sorted(c.publish_seq for c in db.session.query(Comment)) == list(range(1, 11))
    assert (_comment(top).thread_count, _comment(top).reply_count) == (9, 5)
    assert drift() == []


def test_twenty_people_who_vote_six_times_each_are_twenty_votes(site: Flask) -> None:
    chosen = say("rhea", "Well said.").id
    people = [user.id for user in crowd(20)]

    def voting(user_id: int) -> Callable[[], int]:
        def act() -> int:
            return reactions.vote(_user(user_id), _comment(chosen), 1).up

        return act

    results = together(site, [voting(user_id) for user_id in people * 6])
    assert all(isinstance(up, int) for up in results), results
    votes = db.session.query(Vote).filter_by(comment_id=chosen).count()
    comment = _comment(chosen)
    assert (comment.up, comment.down, votes) == (20, 0, 20)
    assert drift() == []


def _user(user_id: int) -> User:
    return db.session.get_one(User, user_id)


def _comment(comment_id: int) -> Comment:
    found = queries.get_by_id(comment_id)
    assert found is not None
    return found


# -- two acts of which one comes first -----------------------------------------------------------


def test_a_reply_and_the_deletion_of_its_parent_at_once_leave_a_true_thread(site: Flask) -> None:
    for number in range(ROUNDS):
        parent = say("rhea", f"Parent {number}").id

        def reply(parent: int = parent, number: int = number) -> str:
            operations.post(person("ravi"), story(), f"Reply {number}", _comment(parent))
            return "stored"

        def delete(parent: int = parent) -> str:
            operations.delete(person("rhea"), _comment(parent))
            return "deleted"

        replied, deleted = together(site, [reply, delete])
        assert deleted == "deleted"
        assert replied == "stored" or isinstance(replied, Gone), replied
        answers = db.session.query(Comment).filter_by(parent_id=parent).count()
        assert answers == (replied == "stored")
        assert _comment(parent).publicly_listed == bool(answers), (
            "a tombstone stands only above a reply"
        )
    assert drift() == []


def test_an_edit_and_an_approval_at_once_never_publish_what_nobody_looked_at(site: Flask) -> None:
    for number in range(ROUNDS):
        held = say("nils", f"See https://example.org/{number}")
        held_id, seen = held.id, held.version
        assert held.status == CommentStatus.PENDING

        def approve(held_id: int = held_id, seen: int = seen) -> AuditEntry:
            return moderation.approve(person("mo"), _comment(held_id), seen)

        def edit(held_id: int = held_id, seen: int = seen, number: int = number) -> Comment:
            words = f"Buy at https://example.org/other-{number}"
            return operations.edit(person("nils"), _comment(held_id), words, seen)

        approved, edited = together(site, [approve, edit])
        kinds = {type(approved), type(edited)}
        assert kinds in ({AuditEntry, Conflict}, {Comment, Conflict}), (approved, edited)
        comment = db.session.get_one(Comment, held_id)
        if isinstance(approved, AuditEntry):
            assert comment.status == CommentStatus.PUBLISHED
            assert "other" not in comment.body
        else:
            assert comment.status == CommentStatus.PENDING
            assert "other" in comment.body
        assert _entries(held_id, Action.APPROVED) == isinstance(approved, AuditEntry)
    assert drift() == []


def test_two_moderators_who_decide_at_once_are_one_decision(site: Flask) -> None:
    for number in range(ROUNDS):
        held = say("nils", f"See https://example.org/{number}")
        held_id, seen = held.id, held.version

        def approve(held_id: int = held_id, seen: int = seen) -> AuditEntry:
            return moderation.approve(person("mo"), _comment(held_id), seen)

        def reject(held_id: int = held_id, seen: int = seen) -> AuditEntry:
            return moderation.reject(person("ada"), _comment(held_id), seen, RejectReason.SPAM)

        results = together(site, [approve, reject])
        assert Counter(type(result) for result in results) == {AuditEntry: 1, Conflict: 1}
        decided = _entries(held_id, Action.APPROVED) + _entries(held_id, Action.REJECTED)
        assert decided == 1
    assert drift() == []


def _entries(comment_id: int, action: Action) -> int:
    return db.session.query(AuditEntry).filter_by(comment_id=comment_id, action=action).count()
