"""What PostgreSQL breaks off to end a deadlock is done again once, as a whole."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from app.articles.models import Article
from app.comments import operations as comments
from app.comments import recounting
from app.comments.models import Comment, Vote
from app.db.locks import ORDER
from app.extensions import db
from app.moderation import audit
from tests.conftest import Browser, fresh, person, say, story
from tests.db.acts import every_scene

Browse = Callable[..., Browser]


@pytest.fixture
def postgres(site: Flask) -> Flask:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one lock for all who write, so nobody waits in a circle.")
    return site


@pytest.fixture
def other(postgres: Flask) -> Iterator[Connection]:
    """Somebody who waits longer for others than the site does, so the site is broken off."""
    engine = db.engine

    def hasty(connection: Any, _record: Any) -> None:
        connection.execute("SET deadlock_timeout = '50ms'")
        connection.commit()

    beside = create_engine(engine.url, poolclass=NullPool)
    event.listen(engine, "connect", hasty)
    db.session.remove()
    engine.dispose()
    with beside.connect() as connection:
        connection.execute(text("SET deadlock_timeout = '60s'"))
        connection.commit()
        yield connection
    event.remove(engine, "connect", hasty)
    beside.dispose()
    db.session.remove()
    engine.dispose()


def wait_until_it_waits(other: Connection) -> None:
    """Return when another session waits for a row that `other` holds."""
    mine = other.scalar(text("SELECT pg_backend_pid()"))
    query = text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE :mine = ANY(pg_blocking_pids(pid)))"
    )
    while not other.scalar(query, {"mine": mine}):
        other.execute(text("SELECT pg_stat_clear_snapshot()"))


@contextmanager
def sent(browser: Browser, path: str, form: dict[str, str]) -> Iterator[Future[Any]]:
    """The answer to a form that is sent while the block runs."""
    token = browser.token()
    db.session.remove()
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(browser.post, path, form, token=token)


def test_a_request_in_a_deadlock_is_answered_as_if_there_had_been_none(
    browse: Browse, other: Connection, limits: None
) -> None:
    comment_id, article_id = say("rhea", "Words").id, story().id
    ravi = browse("ravi")
    other.execute(text("SELECT FROM comments WHERE id = :id FOR UPDATE"), {"id": comment_id})
    with sent(ravi, f"/c/{comment_id}/vote", {"value": "1"}) as answer:
        wait_until_it_waits(other)  # it has the article by now
        other.execute(text("SELECT FROM articles WHERE id = :id FOR UPDATE"), {"id": article_id})
        other.rollback()
        assert answer.result(timeout=30).status_code == 303
    comment = db.session.get_one(Comment, comment_id)
    assert (comment.up, db.session.query(Vote).count()) == (1, 1)
    assert db.session.get_one(Article, article_id).voted_at > 0


def test_a_second_deadlock_is_503_with_a_wait_and_stores_nothing(
    browse: Browse, other: Connection
) -> None:
    comment_id, article_id = say("rhea", "Words").id, story().id
    ravi = browse("ravi")
    other.execute(text("SELECT FROM comments WHERE id = :id FOR UPDATE"), {"id": comment_id})
    with sent(ravi, f"/c/{comment_id}/vote", {"value": "1"}) as answer:
        for _ in range(2):
            wait_until_it_waits(other)
            with other.begin_nested() as article:
                query = "SELECT FROM articles WHERE id = :id FOR UPDATE"
                other.execute(text(query), {"id": article_id})
                article.rollback()
        refused = answer.result(timeout=30)
    other.rollback()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "Nothing that was stored is lost" in refused.text
    assert db.session.query(Vote).count() == 0
    form = {"value": "1"}
    assert ravi.post(f"/c/{comment_id}/vote", form).status_code == 303


# -- every act -----------------------------------------------------------------------------------

_BREAK = """
CREATE SEQUENCE changes;
CREATE TABLE breaks (code text, times int);
INSERT INTO breaks VALUES ('', 0);
CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken breaks;
BEGIN
    SELECT * FROM breaks INTO broken;
    IF nextval('changes') <= broken.times THEN
        RAISE EXCEPTION 'broken off by a test' USING ERRCODE = broken.code;
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGER = (
    "CREATE CONSTRAINT TRIGGER breaks AFTER INSERT OR UPDATE OR DELETE ON {} "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION break_off()"
)
DEADLOCK, SERIALISATION = "40P01", "40001"


@pytest.fixture
def breakable(postgres: Flask) -> Iterator[Flask]:
    """The site with triggers on all tables that can break off what is being committed."""
    beside = create_engine(db.engine.url, poolclass=NullPool)
    db.session.commit()
    with beside.begin() as connection:
        connection.exec_driver_sql(_BREAK)
        for table in ORDER:
            connection.exec_driver_sql(_TRIGGER.format(table))
    yield postgres
    db.session.remove()
    with beside.begin() as connection:
        connection.exec_driver_sql("DROP FUNCTION break_off CASCADE")
        connection.exec_driver_sql("DROP TABLE breaks")
        connection.exec_driver_sql("DROP SEQUENCE changes")
    beside.dispose()


def break_off(code: str, times: int) -> None:
    """Let the next commits that store anything fail `times` times, after all was written."""
    values = {"code": code, "times": times}
    db.session.execute(text("UPDATE breaks SET code = :code, times = :times"), values)
    db.session.execute(text("SELECT setval('changes', 1, false)"))
    db.session.commit()


def changes() -> int:
    """How many rows were stored or broken off since `break_off`."""
    return db.session.scalar(text("SELECT last_value FROM changes")) or 0


def test_every_act_is_done_again_as_a_whole(breakable: Flask) -> None:
    recounting.recount(mend=True)  # the cast begins with a number of published comments
    failed = {}
    for number, (name, scene) in enumerate(every_scene()):
        break_off("", 0)
        act = scene()
        break_off((DEADLOCK, SERIALISATION)[number % 2], 1)
        try:
            act()
        except OperationalError as error:
            failed[name] = str(error.orig)
        else:
            if changes() < 2:
                failed[name] = "stored nothing, so nothing was broken off"
        db.session.remove()
    break_off("", 0)
    assert failed == {}
    assert recounting.recount(mend=False).differ == 0
    assert list(audit.broken_entries()) == []


@pytest.mark.parametrize("code", [DEADLOCK, SERIALISATION])
def test_no_act_is_done_three_times(breakable: Flask, code: str) -> None:
    comment = say("rhea", "Words")
    break_off(code, 3)
    with pytest.raises(OperationalError):
        comments.delete(person("rhea"), comment)
    assert changes() == 2
    db.session.rollback()
    break_off("", 0)
    assert fresh(comment).status == "published"


def test_another_failure_is_not_tried_again(breakable: Flask) -> None:
    comment = say("rhea", "Words")
    break_off("57014", 1)  # the server was told to end the statement
    with pytest.raises(OperationalError):
        comments.delete(person("rhea"), comment)
    assert changes() == 1
    db.session.rollback()
    break_off("", 0)
