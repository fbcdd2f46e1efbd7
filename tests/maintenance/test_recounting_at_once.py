"""After a crowd has acted at random at the same time, a recount finds nothing to mend."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from flask import Flask
from sqlalchemy import update

from app import clock
from app.accounts.models import User
from app.articles.models import Article
from app.audit import verification
from app.audit.actions import Action
from app.audit.models import AuditEntry
from app.comments import operations as comments
from app.comments import queries
from app.comments.enums import EDIT_WINDOW
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from app.errors import DomainError, NotFound
from app.maintenance import recount
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason, ReportReason
from app.reactions import operations as reactions
from tests.commands import run
from tests.comments.threads import drift, plant
from tests.conftest import make_article, person
from tests.moderation import desk

pytestmark = pytest.mark.both_engines  # locks and races

ROUNDS = 2  # of all that a person may do, in an order of their own
PEOPLE = ("rhea", "ravi", "nils", "rhea", "mo", "edda")
SEED = 20261123


class Somebody:
    """One person who does a number of things, chosen by a seed, and what came of them."""

    def __init__(self, app: Flask, name: str, seed: int) -> None:
        self.app, self.name, self.chance = app, name, random.Random(seed)
        self.done: Counter[str] = Counter()
        self.acts: list[Callable[[], object]] = [
            *[self.post] * 5,
            *[self.vote, self.vote, self.take_back, self.disagree, self.edit],
            *[self.delete, self.undelete, self.disown, self.report],
        ]
        if name in ("mo", "edda"):
            self.acts += [self.approve, self.reject, self.undo, self.pick, self.unpick] * 2

    @property
    def me(self) -> User:
        return person(self.name)

    def __call__(self, start: Barrier) -> Counter[str]:
        start.wait(timeout=30)
        for act in self.chance.sample(self.acts * ROUNDS, len(self.acts) * ROUNDS):
            with self.app.app_context():
                try:
                    act()
                    self.done[act.__name__] += 1
                except DomainError as refusal:
                    self.done[f"{act.__name__} refused: {refusal.message}"] += 1
                finally:
                    db.session.remove()
        return self.done

    def any_comment(self, **which: object) -> Comment:
        ids = [row[0] for row in db.session.query(Comment.id).filter_by(**which).order_by("id")]
        # The latest are the ones that others are busy with as well.
        found = queries.get_by_id(self.chance.choice(ids[-12:])) if ids else None
        if found is None:
            raise NotFound("There is none.")
        return found

    def post(self) -> object:
        articles = db.session.query(Article).order_by(Article.id).all()
        article, parent = self.chance.choice(articles), None
        if self.chance.random() < 0.75:
            parent = self.any_comment(article_id=article.id)
        link = " https://example.org/x" if self.chance.random() < 0.2 else ""
        return comments.post(self.me, article, f"{self.chance.random()}{link}", parent)

    def vote(self) -> object:
        return reactions.vote(self.me, self.any_comment(), self.chance.choice((1, 1, -1)))

    def take_back(self) -> object:
        return reactions.vote(self.me, self.any_comment(), 0)

    def disagree(self) -> object:
        return reactions.disagree(self.me, self.any_comment(), self.chance.choice((1, 1, 0)))

    def edit(self) -> object:
        comment = self.any_comment(author_id=self.me.id)
        return comments.edit(self.me, comment, f"{self.chance.random()}", comment.version)

    def delete(self) -> object:
        return comments.delete(self.me, self.any_comment(author_id=self.me.id))

    def undelete(self) -> object:
        return comments.undelete(self.me, self.any_comment(author_id=self.me.id, status=S.DELETED))

    def disown(self) -> object:
        planted = Comment.author_id == self.me.id, Comment.body.like("words %")
        first = db.session.query(Comment.id).filter(*planted).order_by(Comment.id).first()
        return comments.remove_name(self.me, self.any_comment(id=first[0] if first else 0))

    def report(self) -> object:
        return moderation.report(self.me, self.any_comment(), ReportReason.SPAM)

    def approve(self) -> object:
        comment = self.any_comment(status=S.PENDING)
        return moderation.approve(self.me, comment, comment.version)

    def reject(self) -> object:
        comment = self.any_comment(status=S.PUBLISHED)
        return moderation.reject(self.me, comment, comment.version, RejectReason.SPAM)

    def undo(self) -> object:
        decided = AuditEntry.action.in_((Action.APPROVED, Action.REJECTED))
        entries = db.session.query(AuditEntry).filter(decided)
        last = entries.order_by(AuditEntry.id.desc()).first()
        if last is None:
            raise NotFound("There is none.")
        return moderation.undo(self.me, last)

    def pick(self) -> object:
        return reactions.pick(self.me, self.any_comment(status=S.PUBLISHED), f"{self.chance}")

    def unpick(self) -> object:
        picked = db.session.query(Comment.id).filter(Comment.pick_why != "").first()
        return reactions.unpick(self.me, self.any_comment(id=picked[0] if picked else 0))


def recounted(app: Flask, start: Barrier, over: Event) -> Counter[str]:
    """Return what recounts find wrong while everybody acts: checks and mends in turn."""
    wrong: Counter[str] = Counter()
    start.wait(timeout=30)
    mend = False
    while not over.is_set():
        with app.app_context():
            wrong += recount.recount_counters(mend).wrong
            db.session.remove()
        mend = not mend
    return wrong


def test_after_a_crowd_has_acted_at_random_no_counter_differs(site: Flask) -> None:
    make_article("other")
    plant([None] * 24, [person("rhea"), person("ravi")])
    db.session.execute(update(Comment).values(created_at=clock.now() - EDIT_WINDOW))
    for number in range(8):
        desk.held(f"Held https://example.org/{number}")
    recount.recount_counters(mend=True)  # the cast begins with a number of published comments
    db.session.remove()
    start, over = Barrier(len(PEOPLE) + 1), Event()
    with ThreadPoolExecutor(len(PEOPLE) + 1) as pool:
        beside = pool.submit(recounted, site, start, over)
        crowd = [Somebody(site, name, SEED + i) for i, name in enumerate(PEOPLE)]
        acting = [pool.submit(somebody, start) for somebody in crowd]
        try:
            done = sum((result.result() for result in acting), Counter[str]())
        finally:
            over.set()
        assert +beside.result() == {}, "a recount beside them saw a counter that was wrong"
    result = run(site, "recount", "--check")
    assert (result.exit_code, result.output.splitlines()[-1][:5]) == (0, "0 of "), result.output
    assert drift(written_before=0) == []
    assert verification.find_faults() == []
    acts = {act.__name__ for somebody in crowd for act in somebody.acts}
    assert acts <= done.keys(), done
