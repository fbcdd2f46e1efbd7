"""Guessing passwords: it slows down whoever guesses, and locks nobody out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import time_machine
from argon2 import PasswordHasher

from app import clock
from app.accounts import passwords
from app.db.base import db
from tests.conftest import PASSWORD, Browser, person

Browse = Callable[..., Browser]
Try = Callable[..., int]
HOUR = 3_600
pytestmark = pytest.mark.usefixtures("limits")


@pytest.fixture
def tries(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> Iterator[Try]:
    """`tries("rhea", "192.0.2.1")` is the status of a wrong guess; hashing is made cheap."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    person("rhea").password_hash = person("ada").password_hash = quick.hash(PASSWORD)
    db.session.commit()

    guesser = browse()
    token = guesser.token()

    def sign_in(name: str, address: str, password: str = "wrong") -> int:
        browser = guesser if password == "wrong" else browse()
        answer = browser.post(
            "/sign-in",
            {"name": name, "password": password},
            token=token if browser is guesser else "fetch",
            environ_overrides={"REMOTE_ADDR": address},
        )
        if answer.status_code == 429:
            assert "Too many tries. Wait " in answer.text
            assert 0 < int(answer.headers["Retry-After"]) <= 24 * HOUR
        return answer.status_code

    with time_machine.travel(clock.now(), tick=False):  # all within the same minute
        yield sign_in


@contextmanager
def later(seconds: float) -> Iterator[None]:
    with time_machine.travel(clock.now().timestamp() + seconds, tick=False):
        yield


def attack(tries: Try, name: str, times: int = 101) -> list[int]:
    """Return the statuses of so many guesses by fifty networks in turns."""
    return [tries(name, f"198.51.100.{n % 50}") for n in range(times)]


def test_however_many_guess_from_however_many_networks_the_owner_signs_in_at_once(
    tries: Try,
) -> None:
    found = attack(tries, "ada", 400)
    # A hundred until it slows, then two a minute from each of the fifty.
    assert found == [422] * 200 + [429] * 200
    assert tries("ada", "192.0.2.1", PASSWORD) == 303


def test_who_mistypes_under_attack_waits_no_longer_than_a_minute(tries: Try) -> None:
    attack(tries, "ada")
    assert [tries("ada", "192.0.2.1") for _ in range(3)] == [422, 422, 429]
    with later(61):
        assert tries("ada", "192.0.2.1", PASSWORD) == 303


def test_a_network_from_which_the_owner_signed_in_is_not_slowed_by_others(tries: Try) -> None:
    assert tries("ada", "192.0.2.1", PASSWORD) == 303
    attack(tries, "ada")
    assert [tries("ada", "192.0.2.1") for _ in range(9)] == [422] * 9
    assert tries("ada", "192.0.2.1", PASSWORD) == 303


def test_a_network_that_goes_on_guessing_waits_longer_and_longer(tries: Try) -> None:
    accepted = []
    for hour in range(3):
        with later(hour * (HOUR + 60)):
            # Others keep the account under attack, ten failures each.
            assert {tries("ada", f"203.0.113.{10 * hour + n % 10}") for n in range(100)} == {422}
        found = []
        for minute in range(1, 9):
            with later(hour * (HOUR + 60) + minute * 61):
                found += [tries("ada", "192.0.2.66") for _ in range(3)]
        accepted.append(found.count(422))
    # Two a minute, of which six in an hour and twelve in a day.
    assert accepted == [6, 6, 0]


def test_one_network_waits_after_ten_failures_at_one_account(tries: Try) -> None:
    assert [tries("ada", "192.0.2.1") for _ in range(11)] == [422] * 10 + [429]
    assert tries("rhea", "192.0.2.1") == 422
    assert tries(" ADA", "192.0.2.1", PASSWORD) == 429
    assert tries("ada", "192.0.2.2", PASSWORD) == 303
    with later(15 * 60 + 1):
        assert tries("ada", "192.0.2.1", PASSWORD) == 303


def test_the_addresses_of_one_site_wait_together(tries: Try) -> None:
    found = [tries("ada", f"2001:db8:1:{n:x}::1") for n in range(11)]
    assert found == [422] * 10 + [429]
    assert tries("ada", "2001:db8:2::1", PASSWORD) == 303


def test_signing_in_forgets_the_failures_of_ones_own_network(tries: Try) -> None:
    assert [tries("ada", "192.0.2.1") for _ in range(9)] == [422] * 9
    assert tries("ada", "192.0.2.1", PASSWORD) == 303
    assert [tries("ada", "192.0.2.1") for _ in range(9)] == [422] * 9


def test_a_name_that_nobody_has_is_answered_as_others_are(tries: Try) -> None:
    nobody = [tries("nobody", "192.0.2.1") for _ in range(11)]
    assert nobody == [tries("ada", "192.0.2.2") for _ in range(11)]
