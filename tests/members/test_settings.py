"""The page of settings: each section saves alone, says so, and keeps what was typed wrong."""

import json
from collections.abc import Callable

import pytest

from app.db.base import db
from tests.cases import each
from tests.comments.threads import Page
from tests.conftest import Browser, person, say

Browse = Callable[..., Browser]
READING = "/settings/reading"


def test_settings_and_activity_stand_in_the_menu_of_a_member_alone(browse: Browse) -> None:
    page = browse("rhea").get("/").text
    assert 'href="/activity">Your activity</a>' in page
    assert 'href="/settings">Settings</a>' in page
    assert "/settings" not in browse().get("/").text


@pytest.mark.parametrize("path", ["/settings", "/activity?tab=saved"])
def test_a_visitor_is_led_to_sign_in_and_back(browse: Browse, path: str) -> None:
    answer = browse().get(path)
    assert answer.status_code == 303
    assert answer.location == f"/sign-in?next={path.replace('=saved', '%3Dsaved')}"
    assert browse().get(path, htmx=True).status_code == 401


@pytest.mark.parametrize("path", ["/settings", "/activity"])
def test_the_pages_are_kept_by_nobody(browse: Browse, path: str) -> None:
    answer = browse("rhea").get(path)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in answer.text


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_the_order_of_comments_stays_with_a_member(browse: Browse, htmx: bool) -> None:
    first, second = say("ravi", "The first."), say("ravi", "The second, somewhat longer.")
    rhea, story = browse("rhea"), "/articles/story"
    answer = rhea.post(READING, {"sort": "newest", "shortcuts": "yes"}, htmx=htmx)
    if htmx:
        said = json.loads(answer.headers["HX-Trigger-After-Settle"])
        assert said["bb:announce"]["msg"] == "Saved"
        assert "<html" not in answer.text
    else:
        assert (answer.status_code, answer.location) == (303, "/settings#reading")
        answer = rhea.get("/settings")
    assert "Saved." in answer.text
    assert '<option value="newest" selected>' in answer.text
    assert Page(rhea.get(story).text).shown == [second.id, first.id]
    assert Page(browse("mo").get(f"{story}?sort=oldest").text).shown == [first.id, second.id]
    assert person("rhea").sort == "newest"


def test_shortcuts_are_on_until_they_are_switched_off(browse: Browse) -> None:
    rhea = browse("rhea")
    on = 'aria-describedby="shortcuts-hint" checked'
    assert on in rhea.get("/settings").text
    rhea.post(READING, {"sort": "best"})
    assert on not in rhea.get("/settings").text
    assert (person("rhea").shortcuts, person("ravi").shortcuts) == (False, True)
    db.session.rollback()
    rhea.post(READING, {"sort": "best", "shortcuts": "yes"})
    assert on in rhea.get("/settings").text


@each("sort", ["", "BEST", "random", "a\x00b"])
@each("htmx", [False, True])
def test_an_unknown_order_is_refused_in_its_place(browse: Browse, sort: str, htmx: bool) -> None:
    answer = browse("rhea").post(READING, {"sort": sort}, htmx=htmx)
    assert answer.status_code == 422
    assert "Choose one of the orders." in answer.text.split('id="sort-error"')[1]
    assert ('href="#sort"' in answer.text) is not htmx  # the summary of the whole page
    assert person("rhea").sort == ""


def test_a_section_is_saved_without_the_others(browse: Browse) -> None:
    rhea = browse("rhea")
    rhea.post(READING, {"sort": "oldest", "name": "ravi", "pattern": "spoiler"})
    page = rhea.get("/settings").text
    assert page.count("Saved.") == 1
    assert "You have muted nobody." in page
    assert "You have muted no words." in page
    assert "Saved." not in rhea.get("/settings").text


@pytest.mark.parametrize(
    ("section", "form"),
    [("reading", {"sort": "best"}), ("people", {"name": "ravi"}), ("words", {"pattern": "x"})],
)
def test_a_form_that_is_too_old_leaves_what_was_typed(
    browse: Browse, section: str, form: dict[str, str]
) -> None:
    rhea, path = browse("rhea"), f"/settings/{section}"
    answer = rhea.post(path, form, token="old", htmx=True)
    # The note goes beside the form, which stays as it is.
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (400, f"#{section}-note")
    assert "Send it again." in answer.text
    answer = rhea.post(path, form, token="old")
    assert answer.status_code == 400
    assert "Send it again." in answer.text
    (typed,) = form.values()
    assert f'value="{typed}"' in answer.text
    assert '<h1 class="page-header">Settings</h1>' in answer.text


def test_who_was_signed_out_meanwhile_is_told_beside_the_form(browse: Browse) -> None:
    answer = browse().post("/settings/words", {"pattern": "spoiler"}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, "#words-note")
    assert "/sign-in?next=/settings" in answer.text
    assert browse().post("/settings/words", {"pattern": "spoiler"}).status_code == 401


@pytest.mark.usefixtures("limits")
def test_settings_are_not_saved_without_end(browse: Browse) -> None:
    rhea = browse("rhea")
    token = rhea.token()
    form = {"pattern": ""}
    found = {rhea.post("/settings/words", form, token=token).status_code for _ in range(60)}
    assert found == {422}
    answer = rhea.post("/settings/words", {"pattern": "kept word"}, token=token)
    assert answer.status_code == 429
    assert "Too many tries. Wait " in answer.text
    assert 'value="kept word"' in answer.text
