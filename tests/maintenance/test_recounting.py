"""Counting everything anew: what differs is found, told, and mended."""

from collections.abc import Callable
from functools import partial

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from app.accounts.models import User
from app.articles.models import Article
from app.comments import operations as comments
from app.comments import ranking
from app.comments.models import Comment
from app.db.base import db
from app.imports.threads import import_thread
from app.maintenance import recount
from app.reactions import operations as reactions
from tests.commands import run
from tests.comments.threads import plant
from tests.conftest import fresh, make_article, person, say, story
from tests.moderation import desk
from tests.web.routes import snapshot

pytestmark = pytest.mark.both_engines  # counting is SQL of our own

Flasks = Callable[..., Result]
MODELS = {"articles": Article, "comments": Comment, "users": User}


@pytest.fixture
def flask(site: Flask) -> Flasks:
    """Return a function that runs a command of a site on which everything happened once."""
    root = say("rhea", "A thread begins")
    reply = say("ravi", "A reply", root)
    say("rhea", "Deeper", reply)
    gone = say("ravi", "Deleted below", root)
    desk.held("Held https://example.org/", gone)
    for who, value in (("ravi", 1), ("mo", 1), ("edda", -1)):
        reactions.vote(person(who), root, value)
    reactions.disagree(person("mo"), root, 1)
    reactions.pick(person("mo"), reply, "Says it well")
    desk.report("nils", root)
    desk.report("rhea", reply)
    desk.approve("mo", reply)
    comments.delete(person("ravi"), fresh(gone))
    desk.reject("mo", say("rhea", "Rejected"))
    _bring_in()
    recount.recount_counters(mend=True)  # the cast begins with a number of published comments
    return partial(run, site)


def _bring_in() -> None:
    said = {"created_at": "2026-01-02T03:04:05Z", "author": "guest", "text": "Words"}
    thread = [
        {"id": "a", "parent_id": None, "score": 7, **said},
        {"id": "b", "parent_id": "a", "score": -3, **said},
    ]
    import_thread(make_article("imported"), {"comments": thread}, "a forum")


def told(result: Result) -> dict[str, str]:
    """Return what the command says of each kind."""
    lines = [line.partition(": ") for line in result.output.splitlines()]
    return {kind: words for kind, _, words in lines if kind in recount.KINDS}


def test_nothing_differs_after_ordinary_acts(flask: Flasks) -> None:
    before = snapshot()
    result = flask("recount", "--check")
    assert result.exit_code == 0
    users, articles, told_of = 7, 2, db.session.query(Comment).count()
    counters = users * 2 + articles * 3 + told_of * 8
    assert result.output.endswith(f"0 of {counters} counters differ\n")
    assert told(result) == dict.fromkeys(recount.KINDS, "0 differ")
    assert snapshot() == before


def test_each_damaged_counter_is_reported_and_mended(flask: Flasks) -> None:
    right, versions = snapshot(but="newsroom"), moved()
    for kind in recount.KINDS:
        table, name = kind.split(".")
        model = MODELS[table]
        column = getattr(model, name)
        damaged = column - 1 if name == "last_publish_seq" else column + 1
        db.session.execute(update(model).where(model.id == 1).values({name: damaged}))
    db.session.commit()
    wrong = snapshot()
    check = flask("recount", "--check")
    assert check.exit_code == 1
    assert told(check) == dict.fromkeys(recount.KINDS, "1 differs")
    assert f"\n{len(recount.KINDS)} of " in check.output
    assert snapshot() == wrong, "a check changes nothing"
    mended = flask("recount")
    assert mended.exit_code == 0
    assert mended.output.endswith("counters differ; they are mended\n")
    assert flask("recount", "--check").exit_code == 0
    assert moved() > versions, "the article's page shows other numbers now"
    story().version = versions
    db.session.commit()
    assert snapshot(but="newsroom") == right


def moved() -> int:
    db.session.expire_all()
    return story().version


@pytest.mark.parametrize("kind", ["users.pick_count", "comments.controversy"])
def test_one_damaged_counter_is_told_alone(flask: Flasks, kind: str) -> None:
    table, name = kind.split(".")
    model = MODELS[table]
    column = getattr(model, name)
    db.session.execute(update(model).where(model.id == 2).values({name: column + 1}))
    db.session.commit()
    check = flask("recount", "--check")
    assert told(check) == dict.fromkeys(recount.KINDS, "0 differ") | {kind: "1 differs"}
    assert "\n1 of " in check.output


def test_the_order_of_arrival_is_never_lowered(flask: Flasks) -> None:
    story().last_publish_seq += 5
    db.session.commit()
    kept = story().last_publish_seq
    assert flask("recount", "--check").exit_code == 0
    flask("recount")
    assert story().last_publish_seq == kept


def test_a_large_number_is_written_with_commas(flask: Flasks) -> None:
    plant([None] * 120, [person("rhea")])
    counters = recount.recount_counters(mend=False).counters
    assert counters > 1000
    assert f" of {counters:,} counters differ" in flask("recount").output


def test_many_rows_are_counted_in_batches(flask: Flasks, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = [None, 0, 1, 1, None, 4, 4, 0, 2, None, 9]
    planted = plant(shape, [person("rhea"), person("ravi")], votes={0: (4, 2), 9: (0, 3)})
    for who in ("rhea", "ravi"):
        person(who).published_comments = 0
    db.session.execute(update(Comment).values(thread_count=99, reply_count=99, best=0.5))
    db.session.commit()
    monkeypatch.setattr(recount, "BATCH", 3)
    steps: list[int] = []
    found = recount.recount_counters(mend=True, progress=steps.append)
    assert sum(steps) == recount.count_rows()
    assert max(steps) == 3
    assert found.wrong["comments.thread_count"] == db.session.query(Comment).count()
    for place, size, replies in ((0, 5, 2), (1, 0, 2), (4, 2, 2), (9, 1, 1)):
        comment = db.session.get_one(Comment, planted[place])
        assert (comment.thread_count, comment.reply_count) == (size, replies)
    # No vote stands behind the planted ones.
    assert db.session.get_one(Comment, planted[0]).up == 0
    assert recount.recount_counters(mend=False).differ == 0


def test_what_imported_comments_brought_along_is_counted(flask: Flasks) -> None:
    article = story("imported")
    brought = db.session.query(Comment).filter_by(article_id=article.id).order_by(Comment.id)
    first, second = brought
    reactions.vote(person("mo"), first, -1)
    db.session.execute(update(Comment).values(up=0, down=0))
    db.session.commit()
    recount.recount_counters(mend=True)
    assert (fresh(first).up, fresh(first).down) == (7, 1)
    assert (fresh(second).up, fresh(second).down) == (0, 3)
    assert fresh(first).best == ranking.compute_best(7, 1)
    assert fresh(first).controversy == ranking.compute_controversy(7, 1)


def test_an_empty_site_has_nothing_to_count(empty: Flask) -> None:
    with empty.app_context():
        result = run(empty, "recount", "--check")
    assert result.exit_code == 0
    assert result.output.endswith("0 of 0 counters differ\n")
