"""The commands about accounts; a password comes from standard input and is never told."""

from collections.abc import Callable
from functools import partial

import pytest
from click.testing import Result
from flask import Flask

from app import clock
from app.accounts import passwords
from app.accounts.models import User
from app.audit.models import AuditEntry
from app.db.base import db
from tests.commands import refused, run
from tests.conftest import CAST, PASSWORD, Browser, person
from tests.web.routes import snapshot

Flasks = Callable[..., Result]
STRONG = "seven purple otters"


@pytest.fixture
def flask(site: Flask) -> Flasks:
    """`flask("users", "create", "x", typed="...")` runs a command of the site."""
    return partial(run, site)


@pytest.mark.parametrize("role", ["reader", "moderator", "editor", "admin"])
def test_an_account_is_made_with_the_password_of_standard_input(flask: Flasks, role: str) -> None:
    result = flask("users", "create", "wilma", "--role", role, typed=STRONG + "\n")
    assert (result.exit_code, result.output) == (0, f"Made wilma, {role}.\n")
    wilma = person("wilma")
    assert wilma.role == role
    assert passwords.is_right_password(wilma.password_hash, STRONG)


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (("wilma",), "", "Password must be 12 characters or more"),
        (("wilma",), "short\n", "Password must be 12 characters or more"),
        (("wilma", "--role", "editor"), "fourteen chars\n", "15 characters or more"),
        (("rhea",), STRONG, "That username is taken"),
        (("two words",), STRONG, "Username must be 3 to 20 letters"),
        (("admin",), STRONG, "That username is reserved"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_a_sentence(
    flask: Flasks, arguments: tuple[str, ...], typed: str, sentence: str
) -> None:
    refused(flask("users", "create", *arguments, typed=typed), sentence)
    assert db.session.query(User).count() == len(CAST)


def test_an_unknown_role_is_refused_with_those_there_are(flask: Flasks) -> None:
    result = flask("users", "role", "rhea", "emperor")
    assert result.exit_code == 2
    assert "'reader', 'moderator', 'editor', 'admin'" in result.output


def test_a_role_is_changed_and_noted(flask: Flasks) -> None:
    assert flask("users", "role", "RHEA", "moderator").output == "rhea is moderator now.\n"
    assert person("rhea").role == "moderator"
    entry = db.session.query(AuditEntry).one()
    found = (entry.action, entry.subject, entry.before, entry.after, entry.actor_id)
    assert found == ("role", "rhea", "reader", "moderator", None)


def test_the_last_admin_stays_one(flask: Flasks) -> None:
    refused(
        flask("users", "role", "ada", "reader"), "ada is the last admin: make another one first."
    )
    assert person("ada").role == "admin"
    flask("users", "role", "edda", "admin")
    assert flask("users", "role", "ada", "reader").exit_code == 0
    refused(flask("users", "role", "edda", "editor"), "edda is the last admin")


def test_a_password_is_set_and_noted_without_being_told(flask: Flasks, site: Flask) -> None:
    rhea = Browser(site, "rhea")
    result = flask("users", "password", "rhea", typed=STRONG)
    assert result.output == "rhea has a new password.\n"
    assert passwords.is_right_password(person("rhea").password_hash, STRONG)
    assert not passwords.is_right_password(person("rhea").password_hash, PASSWORD)
    assert 'class="account-name"' not in rhea.get("/").text
    assert STRONG not in repr(snapshot()["audit_log"])


@pytest.mark.parametrize(
    "arguments", [("role", "nobody", "admin"), ("password", "nobody"), ("password", "imported:y")]
)
def test_nobody_is_told_so(flask: Flasks, arguments: tuple[str, ...]) -> None:
    refused(flask("users", *arguments, typed=STRONG), "There is no account named")


def test_an_imported_author_gets_no_password(flask: Flasks) -> None:
    guest = User(name="Guest", name_key="imported:x", imported=True, created_at=clock.now())
    db.session.add(guest)
    db.session.commit()
    sentence = "Guest was imported and cannot sign in"
    refused(flask("users", "password", "imported:x", typed=STRONG), sentence)
