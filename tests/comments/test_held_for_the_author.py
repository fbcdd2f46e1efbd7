"""What its author sees of a comment that readers don't: where it stands, and why."""

from collections.abc import Callable

from app.moderation import operations
from app.moderation.reasons import RejectReason
from tests.conftest import Browser, fresh, person, say

Browse = Callable[..., Browser]
LINK = "Look at https://example.org/mine"


def test_a_held_comment_says_so_to_its_author(browse: Browse) -> None:
    say("nils", LINK)
    page = browse("nils").get("/articles/story").text
    assert "PENDING REVIEW" in page
    assert "readers see it when a moderator has approved it" in page


def test_a_comment_that_was_never_let_through_tells_its_author_why(browse: Browse) -> None:
    comment = say("nils", LINK)
    operations.reject(person("mo"), comment, fresh(comment).version, RejectReason.SPAM)
    page = browse("nils").get("/articles/story").text
    assert "NOT PUBLISHED" in page
    assert "Not published: spam." in page
    assert "example.org/mine" in page
    assert "example.org/mine" not in browse("rhea").get("/articles/story").text
    assert browse("rhea").get(f"/c/{comment.id}").status_code == 404
