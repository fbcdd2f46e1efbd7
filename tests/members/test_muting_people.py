"""Muting a person: for oneself alone, from a profile, a comment's menu or the settings."""

import json
from collections.abc import Callable

import pytest

from app import clock
from app.accounts.models import User
from app.db.base import db
from app.errors import Invalid, NotAllowed
from app.members import operations
from app.members.models import Mute
from tests.cases import each
from tests.conftest import Browser, person, say

Browse = Callable[..., Browser]


def muted_by(name: str) -> list[str]:
    db.session.rollback()
    rows = db.session.query(Mute).filter_by(user_id=person(name).id)
    return sorted(row.muted.name for row in rows)


def test_a_profile_mutes_and_unmutes_without_javascript(browse: Browse) -> None:
    rhea = browse("rhea")
    assert 'formaction="/u/ravi/mute"' in rhea.get("/u/ravi").text
    answer = rhea.post("/u/ravi/mute", {"next": "/u/ravi"})
    assert (answer.status_code, answer.location) == (303, "/u/ravi")
    page = rhea.get("/u/ravi").text
    assert "Muted ravi." in page
    assert 'formaction="/u/ravi/unmute"' in page
    assert muted_by("rhea") == ["ravi"]
    assert rhea.post("/u/ravi/unmute").location == "/u/ravi"
    assert "No longer muted." in rhea.get("/u/ravi").text
    assert muted_by("rhea") == []


def test_with_htmx_the_button_is_replaced_where_it_stands(browse: Browse) -> None:
    rhea = browse("rhea")
    form = {"dom": "c-12-mute", "next": "/articles/story?c=12"}
    answer = rhea.post("/u/ravi/mute", form, htmx=True)
    assert answer.status_code == 200
    assert answer.text.count("<button") == 1
    for words in (
        'id="c-12-mute"',
        'class="menu-option"',
        "Unmute",
        'value="/articles/story?c=12"',
    ):
        assert words in answer.text
    said = json.loads(answer.headers["HX-Trigger-After-Settle"])
    assert said["bb:announce"]["msg"] == "Muted ravi"
    answer = rhea.post("/u/ravi/unmute", {}, htmx=True)
    assert f'id="mute-{person("ravi").id}"' in answer.text
    assert 'class="button small"' in answer.text
    assert "No longer muted" in answer.headers["HX-Trigger-After-Settle"]


@pytest.mark.parametrize("dom", ['x" onclick="alert(1)', "C-1", "c-" + "1" * 60, "<b>", "c"])
def test_only_an_id_is_taken_for_an_id(browse: Browse, dom: str) -> None:
    answer = browse("rhea").post("/u/ravi/mute", {"dom": dom}, htmx=True)
    assert f'id="mute-{person("ravi").id}"' in answer.text
    assert "onclick" not in answer.text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", "x"])
def test_nobody_is_led_away_from_the_site(browse: Browse, target: str) -> None:
    assert browse("rhea").post("/u/ravi/mute", {"next": target}).location == "/u/ravi"


@pytest.mark.both_engines  # a unique key
def test_muting_twice_is_muting_once_and_so_is_taking_it_back(browse: Browse) -> None:
    rhea = browse("rhea")
    for _ in range(2):
        assert rhea.post("/u/ravi/mute").status_code == 303
        assert muted_by("rhea") == ["ravi"]
    for _ in range(2):
        assert rhea.post("/u/ravi/unmute").status_code == 303
        assert muted_by("rhea") == []


def test_nobody_mutes_themselves(browse: Browse) -> None:
    rhea = browse("rhea")
    assert "/u/rhea/mute" not in rhea.get("/u/rhea").text
    answer = rhea.post("/u/rhea/mute")
    assert answer.status_code == 403
    assert "You can&#39;t mute yourself." in answer.text
    htmx = rhea.post("/u/rhea/mute", {"dom": "c-12-mute"}, htmx=True)
    assert (htmx.status_code, htmx.headers["HX-Retarget"]) == (403, "#c-12-slot")
    with pytest.raises(NotAllowed):
        operations.mute(person("rhea"), person("rhea"))


@pytest.mark.parametrize("name", ["nobody", "imported:abc", "Guest"])
def test_who_is_no_member_is_not_muted(browse: Browse, name: str) -> None:
    guest = User(name="Guest", name_key="imported:abc", imported=True, created_at=clock.now())
    db.session.add(guest)
    db.session.commit()
    rhea = browse("rhea")
    assert rhea.post(f"/u/{name}/mute").status_code == 404
    answer = rhea.post("/settings/people", {"name": name})
    assert answer.status_code == 422
    assert "There is no member with this name." in answer.text
    assert muted_by("rhea") == []


def test_a_visitor_is_led_to_sign_in_and_sees_no_button(browse: Browse) -> None:
    visitor = browse()
    assert "mute" not in visitor.get("/u/ravi").text.lower()
    assert "Set-Cookie" not in visitor.get("/u/ravi").headers
    assert visitor.post("/u/ravi/mute").status_code == 401
    answer = visitor.post("/u/ravi/mute", {"next": "/u/ravi", "dom": "mute-2"}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, "#act-note")
    assert 'href="/sign-in?next=/u/ravi"' in answer.text


def test_the_list_is_ones_own_and_not_told_to_who_is_on_it(browse: Browse) -> None:
    operations.mute(person("rhea"), person("ravi"))
    say("ravi", "Words")
    assert "Muted people" in browse("rhea").get("/settings").text
    assert "/u/ravi/unmute" in browse("rhea").get("/settings").text
    for who in ("ravi", "mo", "ada"):
        assert "You have muted nobody." in browse(who).get("/settings").text
        assert "Unmute" not in browse(who).get("/u/rhea").text
    assert browse("mo").post("/u/ravi/unmute").status_code == 303
    assert muted_by("rhea") == ["ravi"]


def test_the_settings_mute_by_name_however_it_is_written(browse: Browse) -> None:
    rhea = browse("rhea")
    answer = rhea.post("/settings/people", {"name": " RAVI "})
    assert (answer.status_code, answer.location) == (303, "/settings#people")
    assert "Muted ravi." in rhea.get("/settings").text
    answer = rhea.post("/settings/people", {"name": "mo"}, htmx=True)
    assert (answer.status_code, muted_by("rhea")) == (200, ["mo", "ravi"])
    assert '<div class="settings-part" id="people">' in answer.text
    assert "<html" not in answer.text
    assert answer.text.index("/u/mo/unmute") < answer.text.index("/u/ravi/unmute")


@each(
    ("name", "sentence"),
    [
        ("", "Enter the name of a member."),
        ("ravvi", "There is no member with this name."),
        ("rhea", "You can&#39;t mute yourself."),
        ("a\x00b", "There is no member with this name."),
    ],
)
@each("htmx", [False, True])
def test_a_wrong_name_is_told_where_it_was_typed(
    browse: Browse, name: str, sentence: str, htmx: bool
) -> None:
    answer = browse("rhea").post("/settings/people", {"name": name}, htmx=htmx)
    assert answer.status_code == 422
    assert sentence in answer.text.split('id="name-error"')[1].split("</p>")[0]
    assert 'aria-invalid="true"' in answer.text
    typed = name.replace("\x00", "")  # what no text can hold is not shown again
    assert f'value="{typed}"' in answer.text
    assert ("<title>Error: Settings" in answer.text) is not htmx


def test_the_list_has_an_end(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "PEOPLE_MAX", 2)
    for name in ("ravi", "mo"):
        operations.mute(person("rhea"), person(name))
    operations.mute(person("rhea"), person("mo"))
    with pytest.raises(Invalid, match="You have muted 2 people"):
        operations.mute(person("rhea"), person("ada"))
    db.session.rollback()
    answer = browse("rhea").post("/u/ada/mute", {"dom": "mute-6"}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#act-note")
    assert muted_by("rhea") == ["mo", "ravi"]


def test_a_profile_tells_what_staff_picked(browse: Browse) -> None:
    comment = say("ravi", "Adds a number to the claim.")
    comment.pick_why, comment.picked_at = "Adds data", clock.now()
    person("ravi").pick_count = 1
    say("ravi", "Another one, not picked at all.")
    db.session.commit()
    for who in (None, "rhea"):
        page = browse(who).get("/u/ravi").text
        assert "1 staff pick" in page
        assert page.count("PICKED") == page.count("Picked by staff: Adds data") == 1
    assert "staff pick" not in browse().get("/u/rhea").text
