"""Acts take their locks in one order, and nothing but the newsroom's row after the log.

PostgreSQL itself is asked, after each statement of an act: another connection finds out which
rows it could not get.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, event, text

from app.comments.locking import lock_with_ancestors
from app.db.base import Base, db
from app.db.locks import LOG, ORDER, lock_log, lock_rows
from tests.conftest import make_article, person, say, story
from tests.db.acts import ACTS, every_scene
from tests.test_architecture import MODULES, ROOT, name_of, tree_of

# SQLite has one lock for all who write.
pytestmark = pytest.mark.one_engine("postgresql")

_HELD = " UNION ALL ".join(
    f"SELECT '{table}', to_jsonb(t) ->> 'root_id' IS NOT NULL, "
    f"coalesce((to_jsonb(t) ->> 'id')::int, 0), ctid::text FROM {table} t "
    f"WHERE ctid NOT IN (SELECT ctid FROM {table} FOR NO KEY UPDATE SKIP LOCKED)"
    for table in ORDER
    if table != LOG
)
_HAS_LOG = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted "
    "AND objsubid = 1 "  # of one number: the turns of people have two
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
# Table, whether it is a comment below another, id or 0 where it has none, place in the file.
Lock = tuple[str, bool, int, str]


class Watch:
    """The locks of one connection, and what was wrong with their order."""

    def __init__(self, other: Connection) -> None:
        self.other = other
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        self.forget()

    def forget(self, *_: Any) -> None:
        self.held: set[Lock] = set()

    def look(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        rows = {(row[0], row[1], row[2], row[3]) for row in self.other.exec_driver_sql(_HELD)}
        if self.other.exec_driver_sql(_HAS_LOG).scalar():
            rows.add((LOG, False, 0, ""))
        self.other.rollback()
        before = self.held
        new = rows - before
        self.held = before | new
        self.seen |= {lock[0] for lock in new}
        for lock in sorted(new):
            later = [have for have in before if _place(have) > _place(lock)]
            if later:
                self.wrong.append(f"{lock} after {later} by: {' '.join(statement.split())[:150]}")
        for table in {lock[0] for lock in new if lock[2]}:
            several = sum(lock[0] == table for lock in new) > 1
            if several and statement.startswith("SELECT") and "ORDER BY" not in statement:
                self.wrong.append(f"several of {table} in no order by: {statement}")


def _place(lock: Lock) -> tuple[int, bool, int]:
    return ORDER.index(lock[0]), lock[1], lock[2]


@pytest.fixture
def watching(site: Flask) -> Iterator[Callable[[], Any]]:
    """`with watching() as watch:` looks at the locks of what this thread does."""
    engine, beside = db.engine, create_engine(db.engine.url, poolclass=NullPool)

    @contextmanager
    def watch() -> Iterator[Watch]:
        db.session.commit()
        with beside.connect() as other:
            found = Watch(other)
            listeners = [("commit", found.forget), ("rollback", found.forget)]
            listeners.append(("after_cursor_execute", found.look))
            for name, listener in listeners:
                event.listen(engine, name, listener)
            try:
                yield found
            finally:
                for name, listener in listeners:
                    event.remove(engine, name, listener)

    yield watch
    beside.dispose()


def test_every_act_takes_its_locks_in_the_stated_order(watching: Callable[[], Any]) -> None:
    wrong = {}
    for name, scene in every_scene():
        act = scene()
        with watching() as watch:
            act()
        db.session.remove()
        if watch.wrong:
            wrong[name] = watch.wrong
    assert wrong == {}


def test_a_wrong_order_is_seen(watching: Callable[[], Any]) -> None:
    first, second = say("rhea", "Words"), say("ravi", "Words")
    with watching() as watch:
        lock_rows(second)
        lock_rows(first)
        lock_rows(story())
        lock_rows(person("rhea"))
        lock_log()
        lock_rows(person("ravi"))
        db.session.rollback()
    assert watch.seen == {"comments", "users", "articles", LOG}
    assert [wrong.split(" after ")[0].split(",")[0] for wrong in watch.wrong] == [
        "('comments'",
        "('users'",
        "('users'",
    ]


def test_rows_are_held_in_the_stated_order_however_they_are_named(
    watching: Callable[[], Any],
) -> None:
    other = make_article("other")
    comments = [say("rhea", "Words"), say("ravi", "Words")]
    with watching() as watch:
        lock_rows(person("mo"), comments[1], person("rhea"), other, comments[0], story())
        db.session.rollback()
    assert (watch.wrong, watch.seen) == ([], {"articles", "comments", "users"})


def test_the_firsts_of_threads_are_held_before_what_is_below_them(
    watching: Callable[[], Any],
) -> None:
    first = say("rhea", "A thread")
    answer = say("ravi", "An answer", first)
    later = say("rhea", "A thread that began after the answer to the first")
    ids = [comment.id for comment in (say("rhea", "Words", later), say("mo", "Words", answer))]
    with watching() as watch:
        lock_with_ancestors(ids)
        held = {number for table, _, number, _ in watch.held if table == "comments"}
        db.session.rollback()
    assert (watch.wrong, held) == ([], {first.id, answer.id, later.id, *ids})


def test_what_refers_to_a_held_row_waits_for_nothing(site: Flask) -> None:
    """Who holds an article, a comment or a person stops nobody from adding what refers to it."""
    comment = say("rhea", "Words")
    keys = {"article": story().id, "comment": comment.id, "user": person("rhea").id}
    lock_rows(story(), comment, person("rhea"))
    beside = create_engine(db.engine.url, poolclass=NullPool)
    with beside.connect() as other:
        other.execute(text("SET lock_timeout = '2s'"))
        for statement in (
            "INSERT INTO bookmarks VALUES (:user, :comment, now())",
            "INSERT INTO drafts VALUES (:user, 'a-1', :article, 'Words', now())",
        ):
            other.execute(text(statement), keys)
        other.rollback()
    beside.dispose()
    db.session.rollback()


# -- nothing is forgotten ------------------------------------------------------------------------


def test_every_table_has_its_place_in_the_order() -> None:
    assert sorted(ORDER) == sorted(Base.metadata.tables)


def _acts() -> set[Callable[..., Any]]:
    """Return the functions of the app that are repeated when they were broken off."""
    modules = [sys.modules[name] for name in MODULES if name in sys.modules]
    return {
        value
        for module in modules
        for value in vars(module).values()
        if callable(value) and hasattr(value, "__wrapped__") and _is_of(module, value)
        if value.__wrapped__.__globals__.get("retry_once")
    }


def _is_of(module: ModuleType, value: Any) -> bool:
    return getattr(value, "__module__", "") == module.__name__


def test_every_act_has_its_scenes() -> None:
    assert _acts() == set(ACTS)


# Public functions that commit and are more than one act, or none.
MORE = {
    "app.accounts.operations.sign_in": "lets go of its connection, then calls an act",
    "app.samples.operations.load_samples": "many acts, one after the other",
}


def test_every_public_function_that_commits_is_an_act() -> None:
    found = set()
    for path in sorted((ROOT / "app").rglob("*.py")):
        module = name_of(path)
        if module not in MODULES:
            continue
        for node in tree_of(module).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
            names = {
                c.attr if isinstance(c, ast.Attribute) else getattr(c, "id", "") for c in calls
            }
            marks = {ast.unparse(mark) for mark in node.decorator_list}
            if names & {"commit", "_commit"} and "retry_once" not in marks:
                found.add(f"{module}.{node.name}")
    assert found == set(MORE)
