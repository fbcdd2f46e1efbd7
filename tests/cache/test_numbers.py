"""The numbers of pages: read for all who wait together, but never older than who asks."""

import threading

import pytest
from flask import Flask

from app.cache.versions import Scope, VersionReader, Versions
from app.db.base import db
from tests.conftest import say, story

pytestmark = pytest.mark.both_engines  # read beside the session, with each driver's own SQL


class Slow(VersionReader):
    """Numbers whose first read takes until `go`, after it has seen the database."""

    def __init__(self) -> None:
        super().__init__(lambda: db.engine)
        self.reads, self.seen, self.go = 0, threading.Event(), threading.Event()

    def _fetch(self, article_id: int) -> object:
        row = super()._fetch(article_id)
        self.reads += 1
        if self.reads == 1:
            self.seen.set()
            assert self.go.wait(10)
        return row


@pytest.fixture
def told(site: Flask) -> dict[str, Versions | None]:
    return {}


def test_who_comes_after_an_act_is_not_told_what_was_read_before_it(
    site: Flask, told: dict[str, Versions | None]
) -> None:
    asked = (Scope.ARTICLE, story().id)
    with site.app_context():
        first = VersionReader(lambda: db.engine)
        before = first.read(asked)  # from now on it is known which engine this is
        slow = Slow()
        slow._shares = first._shares

        def ask(name: str) -> None:
            with site.app_context():
                told[name] = slow.read(asked)

        early = threading.Thread(target=ask, args=("early",))
        early.start()
        assert slow.seen.wait(10)
        say("rhea", "Moves the version.")
        late = [threading.Thread(target=ask, args=(f"late {n}",)) for n in range(4)]
        for thread in late:
            thread.start()
        slow.go.set()
        for thread in (early, *late):
            thread.join()
        after = first.read(asked)
        assert before != after
        assert told.pop("early") == before
        assert set(told.values()) == {after}
        slow.close()
        first.close()


def test_a_read_that_fails_keeps_nobody_waiting_for_ever(site: Flask) -> None:
    asked = (Scope.ARTICLE, story().id)
    with site.app_context():
        numbers = VersionReader(lambda: db.engine)
        assert numbers.read(asked) is not None
        good, numbers._query = numbers._query, "SELECT nothing"
        assert numbers.read(asked) is None
        assert numbers.read(asked) is not None  # a new connection asks rightly again
        assert numbers._query == good
        numbers.close()
