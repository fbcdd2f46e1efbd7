"""What the first visit of an article costs, in bytes: the budget of its page and its files."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
from sqlalchemy import select

from app.accounts.queries import make_name_key
from app.comments.models import Comment
from app.config import ROOT
from app.db.base import db
from app.samples.operations import CONTENT
from tests.comments.threads import crowd
from tests.conftest import Browser, make_article, say, story
from tests.web.assets import assets

Browse = Callable[..., Browser]

# Bytes as they travel: files in brotli's best quality, made beforehand, and the page in a quick
# one, made while somebody waits for it.
BUDGET = {"html": 30_000, "css": 14_000, "js": 22_000, "font": 70_000, "image": 6_000}
PAGE_QUALITY = 4
REQUESTS = 12
MEMBERS_PAGE = 220_000  # bytes of it before they are compressed
THREADS, REPLIES = 20, 2  # of each thread: 60 comments

LONG_STORY = "chip-controls-pushed-chinese-ai-into-the-open"


def sample_comments() -> Iterator[tuple[str, str]]:
    """Names and words of the sample discussions, which are as long as people's."""
    for file in sorted((CONTENT / "discussions").glob("*.json")):
        for comment in json.loads(file.read_text())["comments"]:
            yield comment["author"], comment["text"]


def discuss(talkative: bool = True) -> None:
    """Sixty comments by many people below an article that is as long as those of the samples.

    Every second comment of the talkative is as long as two.
    """
    article = story()
    model = json.loads((CONTENT / "articles" / f"{LONG_STORY}.json").read_text())
    article.write(model["summary"], model["opinion"])
    article.takeaways = model["takeaways"]
    for number in range(6):
        make_article(f"another-{number}")
    said = list(sample_comments())
    names = sorted({name for name, _ in said})
    for member, name in zip(crowd(len(names)), names, strict=True):
        member.name, member.name_key = name, make_name_key(name)
    db.session.commit()
    spoken = iter(said[60:] + said[:60])
    more = iter(said[:60])
    for number in range(THREADS):
        above = None
        for turn in range(1 + REPLIES):
            name, words = next(spoken)
            if talkative and (number + turn) % 2:
                words += "\n\n" + next(more)[1]
            comment = say(name, words, above)
            above = above or comment


def add_replies(number: int) -> None:
    """Add one more reply to so many threads."""
    tops = db.session.scalars(select(Comment).where(Comment.depth == 1).limit(number)).all()
    for top, (name, words) in zip(tops, sample_comments(), strict=False):
        say(name, words, top)


def file_at(address: str) -> Path:
    return ROOT / address.partition("?")[0].removeprefix("/")


def sent(file: Path) -> int:
    content = file.read_bytes()
    return len(content if file.suffix == ".woff2" else brotli.compress(content))


@pytest.mark.usefixtures("site")
def test_an_article_with_sixty_comments_weighs_no_more_than_its_budget(browse: Browse) -> None:
    discuss()
    html = browse().get("/articles/story").text
    assert html.count('<li class="comment"') == 60
    files = assets(html, lambda address: file_at(address).read_text())
    weights = dict.fromkeys(BUDGET, 0)
    weights["html"] = len(brotli.compress(html.encode(), quality=PAGE_QUALITY))
    for kind, address in files:
        weights[kind] += sent(file_at(address))
    assert {kind: size for kind, size in weights.items() if size > BUDGET[kind]} == {}
    assert min(weights.values()) > 0
    assert 1 + len(files) <= REQUESTS


@pytest.mark.usefixtures("site")
def test_a_members_page_with_seventy_one_comments_stays_small(browse: Browse) -> None:
    """The uncompressed page, which the server joins and copies for each request."""
    discuss(talkative=False)
    add_replies(11)
    html = browse("ravi").get("/articles/story").text
    assert html.count('<li class="comment') == 71
    assert len(html.encode()) <= MEMBERS_PAGE
