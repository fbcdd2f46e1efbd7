"""Signing in: one answer for every failure, and only to addresses of this site."""

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import update

from app import clock, text
from app.accounts import passwords
from app.accounts.models import User, UserSession
from app.accounts.queries import hash_token
from app.db.base import db
from tests.cases import each
from tests.conftest import PASSWORD, Browser, person

Browse = Callable[..., Browser]
WRONG = "Username or password is wrong."


@pytest.fixture
def imported(site: object) -> str:
    """Return the name key of an imported author, who cannot sign in."""
    key = "imported:0123456789ab:cdef"
    db.session.add(User(name="Guest", name_key=key, imported=True, created_at=clock.now()))
    db.session.commit()
    return key


def failures(key: str) -> list[tuple[str, str]]:
    return [
        ("nobody", PASSWORD),
        ("rhea", "wrong password"),
        (key, PASSWORD),
        ("rh\x00ea", PASSWORD),
    ]


class CountingHasher(PasswordHasher):
    """The site's hasher, keeping what it was asked to compare with."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_cost=19_456, parallelism=1)
        self.compared: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.compared.append(str(hash))
        return bool(super().verify(hash, password))


def test_every_failure_gives_the_same_answer(browse: Browse, imported: str) -> None:
    visitor = browse()
    answers = set()
    for name, password in failures(imported):
        answer = visitor.post("/sign-in", {"name": name, "password": password})
        assert WRONG in answer.text
        shown = f'value="{text.normalise(name)}"'
        assert shown in answer.text
        assert password not in answer.text
        said = answer.text.replace(shown, "")
        said = said.replace(answer.headers["X-Request-ID"], "")
        answers.add((answer.status_code, len(said)))
    assert len(answers) == 1
    assert answers.pop()[0] == 422
    assert db.session.query(UserSession).count() == 0


def test_every_failure_costs_one_comparison_of_the_same_strength(
    browse: Browse, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", hasher)
    visitor = browse()
    for number, (name, password) in enumerate(failures(imported), 1):
        visitor.post("/sign-in", {"name": name, "password": password})
        assert len(hasher.compared) == number
    assert len({str(extract_parameters(each)) for each in hasher.compared}) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "rhea", "password": ""}, "Enter your password"),
        ({"name": "", "password": PASSWORD}, "Enter your username"),
        ({"name": "r" * 201, "password": PASSWORD}, WRONG),
        ({"name": "rhea", "password": "p" * 1_001}, WRONG),
    ],
)
def test_a_missing_or_endless_field_is_told(
    browse: Browse, typed: dict[str, str], sentence: str
) -> None:
    answer = browse().post("/sign-in", typed)
    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.parametrize("name", ["rhea", "RHEA", " Rhea ", "ｒｈｅａ"])
def test_a_name_is_known_in_every_spelling(browse: Browse, name: str) -> None:
    visitor = browse()
    assert visitor.post("/sign-in", {"name": name, "password": PASSWORD}).status_code == 303
    assert '<span class="account-name">rhea</span>' in visitor.get("/").text


def test_a_hash_of_weaker_settings_is_made_anew_at_sign_in(browse: Browse) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    person("rhea").password_hash = weak
    db.session.commit()
    browse().post("/sign-in", {"name": "rhea", "password": PASSWORD})
    db.session.expire_all()
    stored = person("rhea").password_hash or ""
    assert stored != weak
    assert not passwords.is_outdated(stored)
    assert passwords.is_right_password(stored, PASSWORD)


class Watched(PasswordHasher):
    """Calls `meanwhile` while it makes a hash."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.meanwhile()
        return super().hash(password, salt=salt)


@pytest.fixture
def rehashing(site: object, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Rhea's hash is to be made anew at her next sign-in, by what is returned."""
    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    person("rhea").password_hash = weak
    db.session.commit()
    db.session.remove()
    watched = Watched(time_cost=2, memory_cost=19_456, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", watched)
    return watched


def test_making_a_hash_anew_holds_no_connection(browse: Browse, rehashing: Watched) -> None:
    open_then: list[int] = []
    rehashing.meanwhile = lambda: open_then.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
    visitor = browse()
    token = visitor.token()
    db.session.remove()
    answer = visitor.post("/sign-in", {"name": "rhea", "password": PASSWORD}, token=token)
    assert (answer.status_code, open_then) == (303, [0])
    assert not passwords.is_outdated(person("rhea").password_hash or "")


def test_a_password_that_is_set_while_the_old_one_is_hashed_anew_stays(
    browse: Browse, rehashing: Watched
) -> None:
    def set_another() -> None:
        with db.engine.begin() as connection:
            values = {"password_hash": "of another password"}
            connection.execute(update(User).where(User.name == "rhea").values(values))

    rehashing.meanwhile = set_another
    answer = browse().post("/sign-in", {"name": "rhea", "password": PASSWORD})
    assert (answer.status_code, WRONG in answer.text) == (422, True)
    assert person("rhea").password_hash == "of another password"
    assert db.session.query(UserSession).count() == 0


def test_a_hash_of_todays_settings_stays(browse: Browse) -> None:
    before = person("rhea").password_hash
    browse().post("/sign-in", {"name": "rhea", "password": PASSWORD})
    db.session.expire_all()
    assert person("rhea").password_hash == before


def test_only_a_hash_of_the_session_is_stored(browse: Browse) -> None:
    visitor = browse()
    answer = visitor.post(
        "/sign-in", {"name": "rhea", "password": PASSWORD}, headers={"User-Agent": "U" * 300}
    )
    with visitor.client.session_transaction() as session:
        token = session["_user_id"]
    row = db.session.query(UserSession).one()
    assert row.token_hash == hash_token(token)
    assert token not in row.token_hash
    assert len(token) >= 43  # 256 bits
    assert row.user_agent == "U" * 200
    assert len(answer.headers["Set-Cookie"]) < 4096


def test_a_session_begun_before_sign_in_is_dropped(browse: Browse) -> None:
    visitor = browse()
    token = visitor.token()
    with visitor.client.session_transaction() as session:
        planted = session["csrf_token"]
        session["planted"] = "by somebody else"
    visitor.post("/sign-in", {"name": "rhea", "password": PASSWORD}, token=token)
    with visitor.client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != planted
    assert visitor.post("/sign-out", token=token).status_code == 400


def test_every_sign_in_gets_a_session_of_its_own(browse: Browse) -> None:
    tokens = set()
    for _ in range(2):
        visitor = browse()
        visitor.post("/sign-in", {"name": "rhea", "password": PASSWORD})
        with visitor.client.session_transaction() as session:
            tokens.add(session["_user_id"])
    assert len(tokens) == 2


EVIL = [
    "https://evil.example",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    " //evil.example",
    "/ /evil.example",
    "\x00//evil.example",
    "/\x7f/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example/path",
]


@each("target", EVIL)
def test_no_next_address_leads_to_another_host(browse: Browse, target: str) -> None:
    visitor = browse()
    page = visitor.get("/sign-in", query_string={"next": target})
    assert '<input type="hidden" name="next" value="/">' in page.text
    answer = visitor.post("/sign-in", {"name": "rhea", "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.location) == (303, "/")


def test_signed_in_too_no_next_address_leads_to_another_host(browse: Browse) -> None:
    rhea = browse("rhea")
    for path in ("/sign-in", "/join"):
        for target in EVIL:
            assert rhea.get(path, query_string={"next": target}).location == "/"
    for target in EVIL:
        assert rhea.post("/theme", {"next": target, "theme": "dark"}).location == "/"


@pytest.mark.parametrize(
    "target", ["/articles/story?c=1#c-1", "/?category=a%2F%2Fb", "/search?q=https://evil.example"]
)
def test_a_path_of_this_site_is_where_signing_in_leads(browse: Browse, target: str) -> None:
    visitor = browse()
    answer = visitor.post("/sign-in", {"name": "rhea", "password": PASSWORD, "next": target})
    assert answer.location == target


def test_what_needs_a_sign_in_leads_there_and_back(browse: Browse) -> None:
    answer = browse().get("/mod/audit?before=7")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/mod/audit?before%3D7")
