"""Following and muting a discussion."""

import json
from collections.abc import Callable

import pytest

from app.articles.enums import ArticleStatus, CommentsMode
from app.db.base import db
from app.discussion import reader_state
from app.members import operations
from app.members.models import Follow, FollowState
from tests.conftest import Browser, make_article, person, story

Browse = Callable[..., Browser]
FOLLOW = "/articles/story/follow"


def state_of(name: str, slug: str = "story") -> str:
    db.session.rollback()
    return reader_state.get_reader_state(person(name), story(slug)).follow


@pytest.mark.parametrize(
    ("value", "said", "undone"),
    [
        ("followed", "Following this discussion", "No longer following"),
        ("muted", "Discussion muted", "No longer muted"),
    ],
)
def test_a_discussion_is_followed_or_muted_and_neither_again(
    browse: Browse, value: str, said: str, undone: str
) -> None:
    rhea = browse("rhea")
    answer = rhea.post(FOLLOW, {"value": value})
    assert (answer.status_code, answer.location) == (303, "/articles/story#comments")
    assert state_of("rhea") == value
    assert state_of("ravi") == ""
    answer = rhea.post(FOLLOW, {"value": ""}, htmx=True)
    assert json.loads(answer.headers["HX-Trigger-After-Settle"])["bb:announce"]["msg"] == undone
    assert state_of("rhea") == ""
    answer = rhea.post(FOLLOW, {"value": value}, htmx=True)
    assert said in answer.headers["HX-Trigger-After-Settle"]
    assert answer.text.count('aria-pressed="true"') == answer.text.count('value=""') == 1
    assert 'id="follow"' in answer.text
    assert f'id="follow-{value}"' in answer.text


@pytest.mark.usefixtures("site")
def test_there_is_one_state_at_a_time() -> None:
    rhea, seen = person("rhea"), []
    for state in (FollowState.FOLLOWED, FollowState.MUTED, FollowState.MUTED, None, None):
        seen.append(operations.set_follow(rhea, story(), state))
        assert state_of("rhea") == (state or "")
        assert db.session.query(Follow).count() == (state is not None)
    assert seen == ["", "followed", "muted", "muted", ""]


def test_taking_back_what_was_never_said_is_no_error(browse: Browse) -> None:
    answer = browse("rhea").post(FOLLOW, {"value": ""}, htmx=True)
    assert answer.status_code == 200
    assert 'aria-pressed="true"' not in answer.text


@pytest.mark.parametrize("form", [{"value": "loved"}, {"value": "FOLLOWED"}, {}])
def test_another_value_is_refused_without_harm_to_the_buttons(
    browse: Browse, form: dict[str, str]
) -> None:
    rhea = browse("rhea")
    answer = rhea.post(FOLLOW, form, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#follow-note")
    assert rhea.post(FOLLOW, form).status_code == 422
    assert state_of("rhea") == ""


def test_a_closed_discussion_can_be_followed_and_a_hidden_one_cannot(browse: Browse) -> None:
    make_article("shut", comments_mode=CommentsMode.CLOSED)
    make_article("draft", status=ArticleStatus.DRAFT)
    rhea = browse("rhea")
    assert rhea.post("/articles/shut/follow", {"value": "followed"}).status_code == 303
    for slug in ("draft", "nowhere"):
        path = f"/articles/{slug}/follow"
        assert rhea.post(path, {"value": "followed"}).status_code == 404
        assert rhea.post(path, {"value": "followed"}, htmx=True).status_code == 404
    assert state_of("rhea", "shut") == "followed"
    assert db.session.query(Follow).count() == 1


def test_a_visitor_is_asked_to_sign_in(browse: Browse) -> None:
    answer = browse().post(FOLLOW, {"value": "followed"}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, "#follow-note")
    assert "/sign-in?next=/articles/story" in answer.text


def test_the_button_of_a_list_comes_back_as_that_button(browse: Browse) -> None:
    rhea = browse("rhea")
    rhea.post(FOLLOW, {"value": "followed"})
    page = rhea.get("/activity?tab=following").text
    assert "Unfollow" in page
    row = f'id="row-{story().id}"'
    assert row in page
    answer = rhea.post(FOLLOW, {"value": "", "row": "followed"}, htmx=True)
    assert row in answer.text
    assert "Unfollow" not in answer.text
    assert 'value="followed"' in answer.text
    answer = rhea.post(f"{FOLLOW}?next=/activity?tab%3Dfollowing", {"value": "followed"})
    assert answer.location == "/activity?tab=following"
    assert "Following this discussion." in rhea.get(answer.location).text


@pytest.mark.usefixtures("limits")
def test_nobody_follows_without_end(browse: Browse) -> None:
    rhea = browse("rhea")
    token = rhea.token()
    found = [rhea.post(FOLLOW, {"value": ""}, token=token).status_code for _ in range(61)]
    assert found == [303] * 60 + [429]
    answer = rhea.post(FOLLOW, {"value": ""}, token=token, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (429, "#follow-note")
    assert "Retry-After" in answer.headers


def test_the_list_of_followed_and_muted_discussions_has_an_end(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "FOLLOWS_MAX", 2)
    for slug in ("one", "two"):
        make_article(slug)
    rhea = browse("rhea")
    for slug, value in (("one", "followed"), ("two", "muted"), ("two", "followed")):
        assert rhea.post(f"/articles/{slug}/follow", {"value": value}).status_code == 303
    answer = rhea.post(FOLLOW, {"value": "followed"}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#follow-note")
    assert "You follow or have muted 2 discussions, the most there can be." in answer.text
    assert state_of("rhea") == ""
    rhea.post("/articles/one/follow", {"value": ""})
    assert rhea.post(FOLLOW, {"value": "followed"}).status_code == 303
