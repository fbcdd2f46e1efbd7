"""A deletion is taken back as if it had not been, also where comments were closed meanwhile."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

import pytest

from app import clock
from app.articles import operations as articles
from app.articles.enums import ArticleStatus, CommentsMode
from app.comments import operations
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.errors import NotFound
from app.reactions import operations as reactions
from app.screening import operations as screening_operations
from app.screening.models import WordKind
from tests.comments.threads import drift
from tests.conftest import Browser, fresh, person, say, story

Browse = Callable[..., Browser]
READERS = (None, "rhea", "mo")


def close_by_mode() -> None:
    articles.set_discussion("story", mode=CommentsMode.CLOSED)


def close_by_age() -> None:
    articles.set_discussion("story", close_after_days=1)
    story().published_at = clock.now() - timedelta(days=2)
    db.session.commit()


def open_again() -> None:
    articles.set_discussion("story", mode=CommentsMode.OPEN, close_after_days=0)


CLOSING = (close_by_mode, close_by_age)


def kinds() -> dict[str, Comment]:
    """Comments by Rhea that were counted, listed or held in different ways."""
    screening_operations.add_word(None, WordKind.SUSPECT, "dubious")
    gone = say("ravi", "Soon gone.")
    made = {
        "reply": say("rhea", "Hasty reply.", say("ravi", "A claim.")),
        "answered": say("rhea", "Hasty and answered."),
        "picked": say("rhea", "Hasty and picked."),
        "held after an edit": say("rhea", "Hasty at first."),
        "below a tombstone": say("rhea", "Hasty below.", gone),
    }
    say("ravi", "An answer.", made["answered"])
    reactions.pick(person("mo"), made["picked"], "adds data")
    held = made["held after an edit"]
    operations.edit(person("rhea"), held, "Hasty and dubious.", held.version)
    operations.delete(person("ravi"), gone)
    return made


def pages(
    readers: dict[str | None, Browser], comment: Comment
) -> dict[tuple[str | None, str], str]:
    """Return what people read in place of the comment, without what is new each time."""
    paths = (
        *("/articles/story", "/articles/story?sort=newest", f"/articles/story?c={comment.id}"),
        "/articles/story/search?q=hasty",
    )
    return {
        (who, path): _still(reader.get(path).text)
        for who, reader in readers.items()
        for path in paths
    }


def _still(page: str) -> str:
    page = re.sub(r'name="(csrf_token|submission)" value="[^"]*"', "", page)
    page = re.sub(r"<time\b.*?</time>", "", page)
    return re.sub(r"Reference [\w-]+", "", page)


def test_where_comments_were_closed_since_all_is_as_it_was(browse: Browse) -> None:
    # Each signs in once: beyond a number of sessions the oldest of a person end.
    readers = {who: browse(who) for who in READERS}
    faults, rhea, ways = [], readers["rhea"], cycle(CLOSING)
    for kind, comment in kinds().items():
        close = next(ways)
        close()
        status, before = comment.status, pages(readers, comment)
        numbers = (comment.publish_seq, comment.rank, story().comment_count, story().pick_count)
        open_again()
        rhea.post(f"/c/{comment.id}/delete", htmx=True)
        close()
        for reader in readers.values():  # the pages without it are kept now
            reader.get("/articles/story")
        for path in ("/articles/story", f"/articles/story?c={comment.id}"):
            if f'id="c-{comment.id}-undelete"' not in rhea.get(path).text:
                faults.append((kind, "no button", path))
        answer = rhea.post(f"/c/{comment.id}/undelete", htmx=True)
        if answer.status_code != 200 or "Hasty" not in answer.text:
            faults.append((kind, str(answer.status_code), answer.text))
        comment = fresh(comment)
        after = pages(readers, comment)
        faults += [
            (kind, str(who), path) for who, path in before if before[who, path] != after[who, path]
        ]
        now = (comment.publish_seq, comment.rank, story().comment_count, story().pick_count)
        assert (comment.status, now) == (status, numbers), kind
        open_again()
    assert faults == []
    assert drift() == []


@pytest.mark.parametrize("status", [ArticleStatus.DRAFT, ArticleStatus.WITHDRAWN])
def test_below_a_story_that_is_public_no_more_it_waits_until_it_is(
    browse: Browse, status: ArticleStatus
) -> None:
    made, rhea = say("rhea", "Hasty."), browse("rhea")
    operations.delete(person("rhea"), made)
    story().status = status
    db.session.commit()
    for htmx in (False, True):
        assert rhea.post(f"/c/{made.id}/undelete", htmx=htmx).status_code in (404, 410)
    with pytest.raises(NotFound):
        operations.undelete(person("rhea"), fresh(made))
    assert fresh(made).status == CommentStatus.DELETED
    story().status = ArticleStatus.PUBLISHED
    db.session.commit()
    assert rhea.post(f"/c/{made.id}/undelete").status_code == 303
    assert "Hasty." in browse().get("/articles/story").text
