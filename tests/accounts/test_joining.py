"""Making an account: what is refused, and that nothing typed is lost."""

from collections.abc import Callable
from html import escape

import pytest

from app import text
from app.accounts import operations, passwords
from app.accounts.models import User, UserSession
from app.accounts.queries import get_by_name
from app.accounts.roles import Role
from app.db.base import db
from app.errors import Invalid
from tests.cases import each
from tests.conftest import CAST, Browser

Browse = Callable[..., Browser]
GOOD = {"name": "wilma", "password": "seven purple otters", "agreed": "yes"}
NAME = "Username must be 3 to 20 letters, digits, _ or -"
RESERVED = "That username is reserved"
TAKEN = "That username is taken"
BUILT = "Password is built from the name of you or the site, or from “password”"

REFUSED = [
    ({"name": ""}, "Choose a username"),
    ({"name": "ab"}, NAME),
    ({"name": "a" * 21}, NAME),
    ({"name": "two words"}, NAME),
    ({"name": "ünï"}, NAME),
    ({"name": "ａｄａ"}, NAME),  # full width
    ({"name": "\u0430dam"}, NAME),  # begins with a Cyrillic letter
    ({"name": "wil\u202ema"}, NAME),
    ({"name": "<b>wilma</b>"}, NAME),
    ({"name": "wil\x00ma"}, NAME),
    ({"name": "w" * 5_000}, NAME),
    ({"name": "admin"}, RESERVED),
    ({"name": "Moderator"}, RESERVED),
    ({"name": "admin-1"}, RESERVED),
    ({"name": "4dm1n"}, RESERVED),
    ({"name": "AdmIn_2"}, RESERVED),
    ({"name": "4dmln7"}, RESERVED),
    ({"name": "a_d-m_i-n"}, RESERVED),
    ({"name": "__root__"}, RESERVED),
    ({"name": "B0tB3at"}, RESERVED),
    ({"name": "rhea"}, TAKEN),
    ({"name": "RHEA"}, TAKEN),
    ({"password": ""}, "Choose a password"),
    ({"password": "elevenchars"}, "Password must be 12 characters or more"),
    ({"password": "ab" * 129}, "Password must be 256 characters or fewer"),
    ({"password": "x" * 3_000}, "Password must be 256 characters or fewer"),
    ({"password": "abababababab"}, "Password repeats too few characters"),
    ({"password": "wilmawilma12"}, BUILT),
    ({"password": "BotBeat-password"}, BUILT),
    ({"agreed": ""}, "Agree to the house rules and the terms to join"),
    ({"website": "https://example.org"}, "This form was filled in by a program"),
]


def labelled(case: tuple[dict[str, str], str]) -> str:
    ((field, value),) = case[0].items()
    return f"{field}={value[:20]!a}"


@each(("change", "sentence"), REFUSED)
def test_a_bad_field_is_told_and_the_name_kept(
    browse: Browse, change: dict[str, str], sentence: str
) -> None:
    sent = GOOD | change
    answer = browse().post("/join", sent)
    assert answer.status_code == 422
    assert str(escape(sentence, quote=False)) in answer.text
    assert "<title>Error: Join" in answer.text
    assert 'name="name" type="text"' in answer.text
    shown = text.normalise(sent["name"]).replace("<", "&lt;").replace(">", "&gt;")
    assert f'value="{shown}"' in answer.text
    assert GOOD["password"] not in answer.text
    assert db.session.query(User).count() == len(CAST)


def test_the_refusal_stands_beside_its_field(browse: Browse) -> None:
    text = browse().post("/join", GOOD | {"name": "ab"}).text
    assert 'href="#name"' in text
    assert 'id="name-error"' in text
    assert 'aria-describedby="name-hint name-error" aria-invalid="true"' in text


@pytest.mark.parametrize(
    "name", ["abc", "a" * 20, "Under_score", "hy-phen", "modest", "rooted", "007bond", "supporter"]
)
def test_a_good_name_joins_signs_in_and_is_kept_as_typed(browse: Browse, name: str) -> None:
    visitor = browse()
    answer = visitor.post("/join", GOOD | {"name": f" {name} ", "next": "/articles/story#compose"})
    assert (answer.status_code, answer.location) == (303, "/articles/story#compose")
    assert f'<span class="account-name">{name}</span>' in visitor.get("/").text
    made = get_by_name(name)
    assert made is not None
    assert (made.name, made.role, made.imported) == (name, Role.READER, False)


@pytest.mark.parametrize(
    "password",
    [
        "a" * 7 + "bcdef",
        " leading and trailing ",
        "пароль из слов",
        "<script>&'\"%00",
        "p" * 252 + "word",
    ],
)
def test_any_characters_make_a_password_and_none_is_cut_off(browse: Browse, password: str) -> None:
    browse().post("/join", GOOD | {"password": password})
    wilma = get_by_name("wilma")
    assert wilma is not None
    assert passwords.is_right_password(wilma.password_hash, password)
    assert not passwords.is_right_password(wilma.password_hash, password[:-1])
    assert not passwords.is_right_password(wilma.password_hash, password.strip() + "x")


def test_fields_that_the_form_does_not_have_change_nothing(browse: Browse) -> None:
    extra = {
        "role": "admin",
        "imported": "1",
        "published_comments": "99",
        "id": "1",
        "is_staff": "1",
    }
    browse().post("/join", GOOD | extra)
    wilma = get_by_name("wilma")
    assert wilma is not None
    assert (wilma.role, wilma.published_comments, wilma.imported) == (Role.READER, 0, False)


def test_a_password_is_stored_as_argon2id_within_owasps_floor(browse: Browse) -> None:
    browse().post("/join", GOOD)
    wilma = get_by_name("wilma")
    assert wilma is not None
    assert (wilma.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_somebody_signed_in_is_led_on(browse: Browse) -> None:
    rhea = browse("rhea")
    assert rhea.get("/join?next=/topics").location == "/topics"
    assert rhea.post("/join", GOOD).location == "/"
    assert get_by_name("wilma") is None


def test_a_refused_join_opens_no_session(browse: Browse) -> None:
    browse().post("/join", GOOD | {"agreed": ""})
    assert db.session.query(UserSession).count() == 0


def test_staff_need_fifteen_characters_and_may_have_reserved_names(site: object) -> None:
    with pytest.raises(Invalid, match="15 characters or more"):
        operations.create("editor", "fourteen chars", Role.EDITOR, "BotBeat")
    made = operations.create("editor", "fifteen letters", Role.EDITOR, "BotBeat")
    assert made.role == Role.EDITOR


@pytest.mark.both_engines  # a race
def test_a_name_taken_between_the_question_and_the_answer_is_told(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing = passwords.hash_password

    def join_meanwhile(password: str) -> str:
        monkeypatch.setattr(passwords, "hash_password", hashing)
        operations.join("Wilma", password, "BotBeat")
        return hashing(password)

    monkeypatch.setattr(passwords, "hash_password", join_meanwhile)
    answer = browse().post("/join", GOOD)
    assert answer.status_code == 422
    assert TAKEN in answer.text
