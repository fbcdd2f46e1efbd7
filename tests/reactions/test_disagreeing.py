"""The private "I disagree": it ranks nothing, reports nothing, and its author learns nothing."""

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from app.comments.models import Comment
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions.models import Disagreement
from tests.cases import each
from tests.conftest import Browser, fresh, person, say, story

Browse = Callable[..., Browser]
BOTH = pytest.mark.parametrize("htmx", [False, True])
PAGE = "/articles/story"


def disagree(browser: Browser, comment: Comment, value: object, htmx: bool = False) -> TestResponse:
    return browser.post(f"/c/{comment.id}/disagree", {"value": value}, htmx=htmx)


def noted(comment: Comment) -> tuple[int, int]:
    """Return the number of rows, and the counter."""
    count = db.session.query(Disagreement).filter_by(comment_id=comment.id).count()
    return count, fresh(comment).disagree_count


@pytest.mark.parametrize(
    ("values", "left"), [((1,), 1), ((1, 1), 1), ((1, 0), 0), ((0,), 0), ((1, 0, 0), 0)]
)
def test_it_is_noted_once_and_taken_back(
    browse: Browse, values: tuple[int, ...], left: int
) -> None:
    comment, ravi = say("rhea", "Words"), browse("ravi")
    for value in values:
        answer = disagree(ravi, comment, value)
        assert answer.status_code == 303
        assert answer.location == f"/articles/story?c={comment.id}#c-{comment.id}"
    assert noted(comment) == (left, left)


def test_several_people_are_counted_each_once(browse: Browse) -> None:
    comment = say("rhea", "Words")
    for who in ("ravi", "nils", "mo", "ravi"):
        disagree(browse(who), comment, 1)
    assert noted(comment) == (3, 3)
    disagree(browse("nils"), comment, 0)
    assert noted(comment) == (2, 2)


@pytest.mark.parametrize(("value", "said"), [(1, "Noted privately"), (0, "Taken back")])
def test_over_htmx_the_button_comes_back_with_its_new_state(
    browse: Browse, value: int, said: str
) -> None:
    comment, ravi = say("rhea", "Words"), browse("ravi")
    answer = disagree(ravi, comment, value, htmx=True)
    assert answer.headers["HX-Trigger-After-Settle"] == f'{{"bb:announce": {{"msg": "{said}"}}}}'
    assert f'id="c-{comment.id}-disagree"' in answer.text
    assert f'aria-pressed="{"true" if value else "false"}"' in answer.text
    assert f'name="value" value="{1 - value}"' in answer.text
    assert "privately, with the comment by rhea" in answer.text


def menu(browser: Browser, comment: Comment, htmx: bool = True) -> str:
    """Return the menu of a comment, where one disagrees."""
    answer = browser.get(f"/c/{comment.id}/acts", htmx=htmx)
    assert answer.status_code == 200
    return answer.text


@BOTH
def test_the_menu_shows_ones_own(browse: Browse, htmx: bool) -> None:
    comment, ravi = say("rhea", "Words"), browse("ravi")
    button = (
        f'id="c-{comment.id}-disagree" class="menu-option" formaction="/c/{comment.id}/disagree"'
    )
    assert f'{button} name="value" value="1" aria-pressed="false"' in menu(ravi, comment, htmx)
    disagree(ravi, comment, 1)
    assert f'{button} name="value" value="0" aria-pressed="true"' in menu(ravi, comment, htmx)
    assert f'{button} name="value" value="1" aria-pressed="false"' in menu(
        browse("mo"), comment, htmx
    )


def seen(browser: Browser, comment: Comment) -> str:
    """Return the page and the menu without the keys of their forms, which are new each time."""
    keys = r'name="(?:csrf_token|submission)" value="[^"]+"|[0-9a-f]{16}'
    acts = browser.get(f"/c/{comment.id}/acts")
    return re.sub(keys, "", browser.get(PAGE).text + acts.text)


def test_it_moves_nothing_that_others_see(browse: Browse) -> None:
    comment = say("rhea", "Words")
    pages = {who: browse(who) for who in (None, "rhea", "nils", "mo")}
    comment_before = {c.key: getattr(fresh(comment), c.key) for c in Comment.__table__.columns}
    before = {who: seen(browser, comment) for who, browser in pages.items()}
    etag, version = browse().get(PAGE).headers["ETag"], story().version
    for who in ("ravi", "edda"):
        disagree(browse(who), comment, 1)
    assert {who: seen(browser, comment) for who, browser in pages.items()} == before
    assert browse().get(PAGE, headers={"If-None-Match": etag}).status_code == 304
    assert story().version == version
    after = {c.key: getattr(fresh(comment), c.key) for c in Comment.__table__.columns}
    assert after == comment_before | {"disagree_count": 2}


def test_editors_alone_see_how_many_disagree(browse: Browse) -> None:
    comment = say("rhea", "Words")
    for who in ("ravi", "nils"):
        disagree(browse(who), comment, 1)
    for who in (None, "rhea", "ravi", "mo", "edda", "ada"):
        assert "2 readers disagree" not in browse(who).get(PAGE).text
    assert "disagree" not in browse().get(f"/c/{comment.id}/acts", htmx=True).text
    for who in ("rhea", "ravi", "mo"):
        assert "2 readers disagree" not in menu(browse(who), comment)
    for who in ("edda", "ada"):
        assert "2 readers disagree" in menu(browse(who), comment)


@BOTH
def test_nobody_disagrees_with_themselves(browse: Browse, htmx: bool) -> None:
    comment, rhea = say("rhea", "Words"), browse("rhea")
    answer = disagree(rhea, comment, 1, htmx)
    assert answer.status_code == 403
    assert "your own comment" in answer.text
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#c-{comment.id}-slot"
        assert answer.headers["HX-Reswap"] == "afterbegin"
    assert noted(comment) == (0, 0)
    assert f'id="c-{comment.id}-disagree"' not in menu(rhea, comment)


@BOTH
@each("value", [None, "", "-1", "2", "yes", "1.0"])
def test_it_is_one_or_nought(browse: Browse, value: str | None, htmx: bool) -> None:
    comment = say("rhea", "Words")
    data = {} if value is None else {"value": value}
    answer = browse("ravi").post(f"/c/{comment.id}/disagree", data, htmx=htmx)
    assert answer.status_code == 422
    assert "A disagreement is 1 or 0." in answer.text
    assert noted(comment) == (0, 0)


@BOTH
@pytest.mark.parametrize("end", ["deleted", "removed", "closed"])
def test_what_cannot_be_disagreed_with(browse: Browse, end: str, htmx: bool) -> None:
    comment = say("rhea", "Words")
    say("ravi", "An answer", comment)
    status, sentence = 410, "no longer exists"
    if end == "deleted":
        browse("rhea").post(f"/c/{comment.id}/delete")
    elif end == "removed":
        moderation.reject(person("mo"), comment, fresh(comment).version, RejectReason.SPAM)
    else:
        story().comments_mode = "closed"
        db.session.commit()
        status, sentence = 403, "Comments on this article are closed."
    answer = disagree(browse("ravi"), comment, 1, htmx)
    assert answer.status_code == status
    assert sentence in answer.text
    assert noted(comment) == (0, 0)


def test_a_visitor_signs_in_first(browse: Browse) -> None:
    comment = say("rhea", "Words")
    answer = browse().post(f"/c/{comment.id}/disagree", {"value": 1}, token=None)
    assert answer.status_code == 401
    assert f'id="c-{comment.id}-disagree"' not in browse().get(PAGE).text
