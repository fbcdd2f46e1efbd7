"""Which votes a site takes is one setting for all of it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app import config
from app.comments.models import Comment
from app.reactions.models import VoteMode
from tests.conftest import Browser, fresh, say

Browse = Callable[..., Browser]


@pytest.fixture
def mode(site: Flask) -> Iterator[Callable[[str], None]]:
    def choose(value: str) -> None:
        site.config["VOTES"] = value

    yield choose
    site.config["VOTES"] = VoteMode.UP_DOWN


def votes(browser: Browser, comment: Comment, value: int) -> int:
    return browser.post(f"/c/{comment.id}/vote", {"value": str(value)}).status_code


@pytest.mark.parametrize(
    ("chosen", "up", "down"), [("up-down", 303, 303), ("up", 303, 403), ("off", 403, 403)]
)
def test_a_site_takes_the_votes_of_its_mode(
    browse: Browse, mode: Callable[[str], None], chosen: str, up: int, down: int
) -> None:
    made = say("rhea", "A claim.")
    mode(chosen)
    ravi = browse("ravi")
    assert (votes(ravi, made, 1), votes(ravi, made, -1)) == (up, down)
    for who in (None, "ravi"):
        page = browse(who).get("/articles/story").text
        assert (f'id="c-{made.id}-upvote"' in page) == (up == 303)
        assert (f'id="c-{made.id}-downvote"' in page) == (down == 303)
    assert fresh(made).score == {"up-down": -1, "up": 1, "off": 0}[chosen]


def test_a_wrong_mode_stops_the_start_with_a_sentence() -> None:
    with pytest.raises(config.Misconfigured, match="BOTBEAT_VOTES is 'down': set it to up-down"):
        config.load_config({"BOTBEAT_VOTES": "down"})
