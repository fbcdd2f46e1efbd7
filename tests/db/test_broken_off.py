"""What PostgreSQL breaks off to end a deadlock is done again once, as a whole."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from app.audit import verification
from app.comments import operations as comments
from app.comments.models import Comment
from app.db.base import db
from app.db.locks import ORDER
from app.maintenance import recount
from tests.conftest import Browser, fresh, person, say, story
from tests.db.acts import every_scene
from tests.moderation import desk

# SQLite has one lock for all who write, so nobody waits in a circle.
pytestmark = pytest.mark.one_engine("postgresql")

Browse = Callable[..., Browser]


class Circle:
    """Two who wait for each other: the site, which deletes a comment, and somebody else.

    PostgreSQL looks for a circle once, some time after a wait began, and breaks off who looked.
    So the one who closes it must be the site: it is stopped at the author until somebody else
    waits for its comment.
    """

    def __init__(self, engine: Engine, comment: Comment) -> None:
        self.comment_id = comment.id
        self.names = {"c": comment.id, "a": comment.article_id, "u": comment.author_id}
        self.engine = engine
        self.gate, self.other, self.eye = (engine.connect() for _ in range(3))
        self.eye.execution_options(isolation_level="AUTOCOMMIT")
        for each in (self.gate, self.other):
            each.execute(text("SET deadlock_timeout = '60s'"))
            each.commit()
        self.take(self.gate, "users", "u")
        self.take(self.other, "articles", "a")

    def take(self, connection: Connection, table: str, name: str) -> None:
        query = f"SELECT FROM {table} WHERE id = :{name} FOR NO KEY UPDATE"
        connection.execute(text(query), self.names)

    def until_waited_for(self, connection: Connection, answer: Future[Any]) -> None:
        """Return when somebody waits for what `connection` holds."""
        query = text("SELECT FROM pg_stat_activity WHERE :pid = ANY(pg_blocking_pids(pid))")
        while not self.eye.execute(query, {"pid": _pid(connection)}).all():
            assert not answer.done(), answer.result().text

    def close(self, answer: Future[Any]) -> None:
        """Let the site, which waits at the gate with its comment, be broken off."""
        self.until_waited_for(self.gate, answer)
        pids = {"pid": _pid(self.other)}
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(self.take, self.other, "comments", "c")
            while not self.eye.scalar(text("SELECT pg_blocking_pids(:pid) <> '{}'"), pids):
                assert not asking.done()
            self.gate.rollback()
            asking.result(timeout=30)


def _pid(connection: Connection) -> int:
    pid: int = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    return pid


@pytest.fixture
def circle(site: Flask) -> Iterator[Circle]:
    engine = db.engine

    def look_soon(connection: Any, _record: Any) -> None:
        connection.execute("SET deadlock_timeout = '20ms'")
        connection.commit()

    event.listen(engine, "connect", look_soon)
    comment = say("rhea", "Words")
    beside = create_engine(engine.url, poolclass=NullPool)
    made = Circle(beside, comment)
    db.session.remove()
    engine.dispose()
    yield made
    for connection in (made.gate, made.other, made.eye):
        connection.close()
    event.remove(engine, "connect", look_soon)
    db.session.remove()
    engine.dispose()


@contextmanager
def deleting(browser: Browser, comment_id: int) -> Iterator[Future[Any]]:
    """Yield the answer to a form that is sent while the block runs."""
    token = browser.token()
    db.session.remove()
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(browser.post, f"/c/{comment_id}/delete", {}, token=token)


def test_a_request_in_a_deadlock_is_answered_as_if_there_had_been_none(
    browse: Browse, circle: Circle
) -> None:
    with deleting(browse("rhea"), circle.comment_id) as answer:
        circle.close(answer)
        circle.other.rollback()
        assert answer.result(timeout=30).status_code == 303
    assert db.session.get_one(Comment, circle.comment_id).status == "deleted"
    assert desk.actions() == ["deleted"]
    assert (story().comment_count, person("rhea").published_comments) == (0, 50)


def test_a_second_deadlock_is_503_with_a_wait_and_stores_nothing(
    browse: Browse, circle: Circle
) -> None:
    rhea = browse("rhea")
    with deleting(rhea, circle.comment_id) as answer:
        with circle.other.begin_nested() as comment:
            circle.close(answer)
            circle.take(circle.gate, "users", "u")
            comment.rollback()
        circle.close(answer)
        refused = answer.result(timeout=30)
    circle.other.rollback()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "Nothing that was stored is lost" in refused.text
    assert desk.actions() == []
    assert rhea.post(f"/c/{circle.comment_id}/delete").status_code == 303
    assert desk.actions() == ["deleted"]


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
def breakable(site: Flask) -> Iterator[Flask]:
    """Yield the site with triggers on all tables that can break off what is being committed."""
    beside = create_engine(db.engine.url, poolclass=NullPool)
    db.session.commit()
    with beside.begin() as connection:
        connection.exec_driver_sql(_BREAK)
        for table in ORDER:
            connection.exec_driver_sql(_TRIGGER.format(table))
    yield site
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
    recount.recount_counters(mend=True)  # the cast begins with a number of published comments
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
    assert recount.recount_counters(mend=False).differ == 0
    assert verification.find_faults() == []


@pytest.mark.parametrize("code", [DEADLOCK, SERIALISATION])
def test_no_act_is_done_three_times(breakable: Flask, code: str) -> None:
    comment = say("rhea", "Words")
    break_off(code, 3)
    with pytest.raises(OperationalError):
        comments.delete(person("rhea"), comment)
    db.session.rollback()
    assert changes() == 2
    break_off("", 0)
    assert fresh(comment).status == "published"


def test_another_failure_is_not_tried_again(breakable: Flask) -> None:
    comment = say("rhea", "Words")
    break_off("57014", 1)  # the server was told to end the statement
    with pytest.raises(OperationalError):
        comments.delete(person("rhea"), comment)
    db.session.rollback()
    assert changes() == 1
    break_off("", 0)
