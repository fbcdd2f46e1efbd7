"""Slow mode and closing: told before somebody writes, kept to afterwards."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from app.articles import operations as articles
from app.comments.models import Comment
from app.db.base import db
from app.errors import Invalid, TooOften
from tests.conftest import Browser, say, story

Browse = Callable[..., Browser]
HERE = "/articles/story"


@pytest.fixture
def slow(site: Flask) -> None:
    articles.set_discussion("story", slow_seconds=120)


@pytest.mark.usefixtures("slow")
def test_slow_mode_is_told_before_anybody_writes(browse: Browse) -> None:
    for who in (None, "rhea"):
        assert "one comment every 2 minutes" in browse(who).get(HERE).text
    say("rhea", "First.")
    page = browse("rhea").get(HERE).text
    assert "You can post again in" in page
    assert "You can post again in" not in browse("ravi").get(HERE).text


@pytest.mark.usefixtures("slow")
def test_a_second_comment_waits_and_its_text_is_kept(browse: Browse) -> None:
    rhea = browse("rhea")
    rhea.post(f"{HERE}/comments", {"body": "First."})
    answer = rhea.post(f"{HERE}/comments", {"body": "Second."})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 120
    assert "slow mode" in answer.text
    assert "Second." in answer.text
    say("ravi", "Somebody else's.")


@pytest.mark.usefixtures("slow")
def test_after_the_wait_one_may_write_again() -> None:
    made = say("rhea", "First.")
    with pytest.raises(TooOften):
        say("rhea", "Second.")
    db.session.get_one(Comment, made.id).created_at -= timedelta(seconds=120)
    db.session.commit()
    say("rhea", "Second.")


@pytest.mark.usefixtures("slow")
def test_staff_do_not_wait(browse: Browse) -> None:
    say("mo", "First.")
    say("mo", "Second.")
    assert "slow mode" not in browse("mo").get(HERE).text


def test_when_a_discussion_closes_is_told_beforehand(browse: Browse) -> None:
    articles.set_discussion("story", close_after_days=7)
    day = (clock.now() - timedelta(hours=3) + timedelta(days=7)).strftime("%Y-%m-%d")
    assert f"Comments close on {day}, in 6 days." in browse().get(HERE).text
    articles.set_discussion("story", close_after_days=0)
    assert "Comments close on" not in browse().get(HERE).text


def test_a_wrong_pace_is_refused(site: Flask) -> None:
    for wrong in ({"slow_seconds": -1}, {"slow_seconds": 10**6}, {"close_after_days": -1}):
        with pytest.raises(Invalid):
            articles.set_discussion("story", **wrong)
    assert story().slow_seconds == 0


def test_the_command_sets_and_tells_it(site: Flask) -> None:
    command = site.cli.commands["articles"]
    result = site.test_cli_runner().invoke(
        command, ["discussion", "story", "--slow", "60", "--close-after", "30"]
    )
    assert result.exit_code == 0, result.output
    assert "is open, one comment every 60 s, closes on" in result.output
    closed = site.test_cli_runner().invoke(command, ["discussion", "story", "--mode", "closed"])
    assert "is closed" in closed.output
    assert "nowhere" in site.test_cli_runner().invoke(command, ["discussion", "nowhere"]).output
