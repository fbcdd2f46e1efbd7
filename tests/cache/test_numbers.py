"""The numbers of pages: as the database has them, or a tenth of a second old for visitors."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from app import clock
from app.articles.models import Article
from app.cache.versions import READ, RECENT, VersionReader
from app.db.base import db
from app.db.driver import RowReader
from tests.conftest import say, story

LATER = timedelta(seconds=1.1 * RECENT)
pytestmark = pytest.mark.both_engines  # read beside the session, with each driver's own SQL


class Slow(RowReader):
    """A reader whose first row takes until `go`, after it has seen the database."""

    def __init__(self) -> None:
        super().__init__(lambda: db.engine, READ)
        self.seen, self.go = threading.Event(), threading.Event()

    def fetch(self, value: Any) -> Any:
        row = super().fetch(value)
        if not self.seen.is_set():
            self.seen.set()
            assert self.go.wait(10)
        return row


def write_elsewhere() -> None:
    """Raise the numbers as another process does."""
    with db.engine.begin() as other:
        other.execute(update(Article).values(version=Article.version + 1))


def test_numbers_of_another_process_are_seen_after_a_tenth_of_a_second(site: Flask) -> None:
    numbers, article_id = VersionReader(lambda: db.engine), story().id
    with time_machine.travel(clock.now(), tick=False) as now:
        before = numbers.read_recent(article_id)
        write_elsewhere()
        assert numbers.read_recent(article_id) == before
        now.shift(LATER)
        after = numbers.read_recent(article_id)
        assert after != before
        write_elsewhere()
        now.shift(timedelta(seconds=-3_600))  # a clock that was set back
        assert numbers.read_recent(article_id) != after
    numbers.close()


def test_who_must_know_the_truth_is_told_it_at_once(site: Flask) -> None:
    numbers, article_id = VersionReader(lambda: db.engine), story().id
    with time_machine.travel(clock.now(), tick=False):
        before = numbers.read_recent(article_id)
        write_elsewhere()
        after = numbers.read(article_id)
        assert after != before
        assert numbers.read_recent(article_id) == after
    numbers.close()


def test_numbers_that_were_read_before_an_act_of_this_process_are_not_used_after_it(
    site: Flask,
) -> None:
    numbers, article_id, told = VersionReader(lambda: db.engine), story().id, list[Any]()
    numbers._rows = slow = Slow()

    def ask() -> None:
        with site.app_context():
            told.append(numbers.read_recent(article_id))

    with time_machine.travel(clock.now(), tick=False):
        early = threading.Thread(target=ask)
        early.start()
        assert slow.seen.wait(10)
        say("rhea", "Moves the version.")
        slow.go.set()
        early.join()
        late = numbers.read_recent(article_id)
        assert told == [(*late[:1], late[1] - 1, late[2] - 1, late[3])]
    numbers.close()


def test_a_read_that_fails_keeps_nobody_waiting_for_ever(site: Flask) -> None:
    article_id = story().id
    numbers = VersionReader(lambda: db.engine)
    assert numbers.read(article_id) is not None
    good, numbers._rows._statement = numbers._rows._statement, "SELECT nothing"
    assert numbers.read(article_id) is None
    # The next one gets a new connection, which asks rightly again.
    assert numbers.read_recent(article_id) is not None
    assert numbers._rows._statement == good
    numbers.close()
