"""The line on the front page between what is new to a member and what is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from app import clock
from tests.conftest import Browser, make_article

pytestmark = pytest.mark.both_engines  # days in SQL

Browse = Callable[..., Browser]


def test_a_member_sees_what_came_since_the_last_visit(browse: Browse) -> None:
    rhea = browse("rhea")
    assert "since your last visit" not in rhea.get("/").text
    with time_machine.travel(clock.now() + timedelta(hours=5), tick=False):
        for slug in ("newer", "newest"):
            make_article(slug, published_at=clock.now() - timedelta(hours=1))
        for slug in ("old-1", "old-2", "old-3"):
            make_article(slug, published_at=clock.now() - timedelta(hours=9))
        page = rhea.get("/").text
        assert "2 new stories since your last visit" in page
        assert page.index("since your last visit") < page.index("story called old-1")
        assert "since your last visit" in rhea.get("/").text  # for the whole of this visit
        assert "since your last visit" not in browse().get("/").text
