"""How long a sign-in lasts, and what ends it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app import clock
from app.accounts import operations
from app.accounts.models import UserSession
from app.accounts.roles import Role
from app.db.base import db
from tests.conftest import PASSWORD, TOKEN, Browser, person
from tests.web.apps import ADDRESS, production

Browse = Callable[..., Browser]


def is_in(browser: Browser) -> bool:
    return 'class="account-name"' in browser.get("/about").text


def later(**span: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**span), tick=True)


def test_signing_out_ends_the_session_on_the_server(browse: Browse) -> None:
    rhea, thief = browse("rhea"), browse()
    stolen = rhea.client.get_cookie("botbeat")
    assert stolen is not None
    thief.client.set_cookie("botbeat", stolen.value)
    assert is_in(thief)
    answer = rhea.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert not is_in(rhea)
    assert not is_in(thief)
    assert db.session.query(UserSession).one().revoked_at is not None


def test_signing_out_leaves_other_devices_signed_in(browse: Browse) -> None:
    phone, laptop = browse("rhea"), browse("rhea")
    phone.post("/sign-out")
    assert is_in(laptop)


def test_a_cookie_that_was_altered_signs_nobody_in(browse: Browse) -> None:
    rhea = browse("rhea")
    cookie = rhea.client.get_cookie("botbeat")
    assert cookie is not None
    head, _, signature = cookie.value.rpartition(".")
    for forged in (head + "." + signature[::-1], head[1:] + "." + signature, "x", ""):
        visitor = browse()
        visitor.client.set_cookie("botbeat", forged)
        assert not is_in(visitor)


@pytest.mark.parametrize(
    ("name", "lasts"),
    [
        ("rhea", timedelta(days=90)),
        ("mo", timedelta(days=7)),
        ("edda", timedelta(days=7)),
        ("ada", timedelta(days=7)),
    ],
)
def test_staff_sessions_are_shorter(site: Flask, name: str, lasts: timedelta) -> None:
    operations.open_session(person(name), "tests")
    row = db.session.query(UserSession).one()
    assert row.expires_at - row.created_at == pytest.approx(lasts, abs=timedelta(seconds=5))


@pytest.mark.parametrize(
    ("name", "idle"), [("rhea", timedelta(days=30)), ("mo", timedelta(hours=12))]
)
def test_a_session_that_is_left_alone_ends(browse: Browse, name: str, idle: timedelta) -> None:
    near, far = browse(name), browse(name)
    minute = timedelta(minutes=1)
    with time_machine.travel(clock.now() + idle - minute):
        assert is_in(near)
    with time_machine.travel(clock.now() + idle + minute):
        assert not is_in(far)
        assert is_in(near)  # its last visit was two minutes ago


@pytest.mark.parametrize(
    ("name", "visits", "day"),
    [("rhea", range(20, 90, 20), 90), ("mo", [n / 2.1 for n in range(1, 15)], 7)],
)
def test_a_session_in_use_ends_at_its_longest(
    browse: Browse, name: str, visits: list[float], day: int
) -> None:
    browser, start = browse(name), clock.now()
    for visit in visits:
        with time_machine.travel(start + timedelta(days=visit)):
            assert is_in(browser), visit
    with time_machine.travel(start + timedelta(days=day, minutes=1)):
        assert not is_in(browser)


def test_reading_writes_nothing_into_the_database(
    browse: Browse, counting: Callable[[], object]
) -> None:
    rhea = browse("rhea")
    with later(hours=1), counting() as queries:  # type: ignore[attr-defined]
        assert is_in(rhea)
    assert all(statement.startswith("SELECT") for statement in queries.statements)


def test_a_role_counts_from_the_next_request_on(browse: Browse) -> None:
    rhea = browse("rhea")
    assert rhea.get("/mod/reported").status_code == 403
    person("rhea").role = Role.MODERATOR
    db.session.commit()
    assert rhea.get("/mod/reported").status_code == 200
    person("rhea").role = Role.READER
    db.session.commit()
    assert rhea.get("/mod/reported").status_code == 403


def test_a_change_of_role_ends_all_sessions_of_the_account(browse: Browse) -> None:
    phone, laptop, other = browse("mo"), browse("mo"), browse("edda")
    operations.set_role("mo", Role.READER)
    assert [is_in(each) for each in (phone, laptop, other)] == [False, False, True]
    again = browse("mo")
    assert again.get("/mod/reported").status_code == 403


def test_a_new_password_ends_all_sessions_of_the_account(browse: Browse) -> None:
    rhea = browse("rhea")
    operations.set_password("rhea", "seven purple otters", "BotBeat")
    assert not is_in(rhea)
    refused = browse().post("/sign-in", {"name": "rhea", "password": PASSWORD})
    assert refused.status_code == 422


def test_in_production_the_cookie_is_bound_to_the_host_and_to_https(site: Flask) -> None:
    with production(site) as app:
        visitor = app.test_client()
        page = visitor.get("/sign-in", base_url=ADDRESS)
        token = TOKEN.search(page.text)
        assert token is not None
        form = {"name": "rhea", "password": PASSWORD, "csrf_token": token[1]}
        answer = visitor.post("/sign-in", data=form, base_url=ADDRESS)
        assert answer.status_code == 303
        name, *flags = answer.headers["Set-Cookie"].split("; ")
        assert name.startswith("__Host-botbeat=")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
        assert not any(flag.startswith("Domain") for flag in flags)
        assert 'class="account-name"' in visitor.get("/about", base_url=ADDRESS).text


@pytest.mark.both_engines  # deletes by SQL of our own
def test_the_oldest_sign_ins_end_when_one_person_has_too_many(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "SESSIONS_MAX", 3)
    other, devices = browse("ravi"), [browse("rhea") for _ in range(2)]
    browse("rhea").post("/sign-out")
    devices += [browse("rhea") for _ in range(2)]
    assert [is_in(device) for device in (other, *devices)] == [True, False, True, True, True]
    mine = db.session.query(UserSession).filter_by(user_id=person("rhea").id)
    assert mine.count() == 3
