"""The audit log: written with the act, readable page by page, and tamper-evident."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.accounts import operations as accounts
from app.accounts.roles import Role
from app.articles.enums import ArticleStatus
from app.audit import verification
from app.comments import operations as comments
from app.comments.enums import CommentStatus as S
from app.db.base import db
from app.errors import Conflict, NotFound
from app.moderation import operations
from app.moderation.reasons import RejectReason
from app.screening import operations as screening_operations
from app.screening.models import WordKind
from tests.audit.tampering import fill
from tests.cases import each
from tests.conftest import Browser, fresh, person, say, story
from tests.moderation import desk

pytestmark = pytest.mark.both_engines  # paging, JSON and triggers

Browse = Callable[..., Browser]


def test_every_act_of_moderation_is_in_the_log_and_the_chain_is_whole(site: Flask) -> None:
    comment = desk.held()
    entry = desk.approve("mo", comment)
    operations.undo(person("mo"), entry)
    desk.reject("mo", comment, RejectReason.OTHER, "A note — with “letters” of all kinds: ü, 漢")
    kept = say("rhea", "Words")
    desk.report("ravi", kept)
    desk.approve("mo", kept)
    comments.delete(person("rhea"), fresh(kept))
    screening_operations.add_word(person("ada"), WordKind.SUSPECT, "crypto")
    screening_operations.remove_word(person("ada"), WordKind.SUSPECT, "crypto")
    accounts.set_role("ravi", Role.MODERATOR)
    assert desk.actions() == [
        *("held", "approved", "undone", "rejected", "kept", "deleted"),
        *("word added", "word removed", "role"),
    ]
    actors = [entry.actor.name if entry.actor else None for entry in desk.entries()]
    assert actors == [None, "mo", "mo", "mo", "mo", "rhea", "ada", "ada", None]
    assert verification.find_faults() == []


def test_a_whole_log_verifies(site: Flask) -> None:
    fill(5)
    result = site.test_cli_runner().invoke(args=["audit", "verify"])
    assert (result.exit_code, result.output) == (0, "The audit log is whole.\n")


@contextmanager
def failing(word: str) -> Iterator[None]:
    """Let the database break at the first statement that holds `word`."""

    def fail(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if word in statement:
            raise OperationalError(statement, {}, Exception("disk I/O error"))

    event.listen(db.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", fail)


@pytest.mark.parametrize("act", ["approve", "reject"])
@pytest.mark.parametrize("word", ["UPDATE reports", "INSERT INTO audit_log"])
def test_an_act_that_fails_leaves_no_row_and_changes_nothing(
    browse: Browse, act: str, word: str
) -> None:
    comment = say("rhea", "Words")
    desk.report("ravi", comment)
    mo = browse("mo")
    sent = {"version": str(fresh(comment).version), "reason": "spam", "csrf_token": mo.token()}
    with failing(word):
        answer = mo.post(f"/mod/c/{comment.id}/{act}", sent, token=None)
    assert answer.status_code == 503
    assert desk.actions() == []
    kept = fresh(comment)
    assert (kept.status, kept.report_count, story().comment_count) == (S.PUBLISHED, 1, 1)
    assert mo.post(f"/mod/c/{comment.id}/{act}", sent, token=None).status_code == 303


def test_a_word_that_is_listed_already_leaves_no_row(site: Flask) -> None:
    screening_operations.add_word(person("ada"), WordKind.BANNED, "dross")
    with pytest.raises(Conflict, match="on the banned list already"):
        screening_operations.add_word(person("ada"), WordKind.BANNED, " dross ")
    with pytest.raises(NotFound):
        screening_operations.remove_word(person("ada"), WordKind.SUSPECT, "dross")
    db.session.rollback()
    assert desk.actions() == ["word added"]


def subjects(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"subject (\d+)<", page)]


def test_the_log_is_read_page_by_page_newest_first(browse: Browse) -> None:
    fill(120)
    mo = browse("mo")
    path: str | None = "/mod/audit"
    seen, sizes = [], []
    while path:
        page = mo.get(path).text
        seen += subjects(page)
        sizes.append(len(subjects(page)))
        link = re.search(r'<a rel="next" href="([^"]+)"', page)
        path = link[1] if link else None
    assert (seen, sizes) == ([*range(120, 0, -1)], [50, 50, 20])


@each("before", ["0", "x", "-5", "99999999999999999999"])
def test_a_place_that_is_no_place_shows_a_page(browse: Browse, before: str) -> None:
    fill(1)
    assert browse("mo").get(f"/mod/audit?before={before}").status_code == 200


def test_a_row_tells_who_did_what_and_why(browse: Browse) -> None:
    comment = desk.held()
    desk.reject("mo", comment, RejectReason.OTHER, "<b>bold</b> note")
    page = browse("mo").get("/mod/audit").text
    assert f'<a href="/mod/c/{comment.id}">comment {comment.id}</a> by nils' in page
    assert "against the house rules: &lt;b&gt;bold&lt;/b&gt; note" in page
    assert "pending → rejected" in page
    assert "<td>the site</td>" in page


def test_an_empty_log_says_so(browse: Browse) -> None:
    assert "Nothing was decided yet." in browse("mo").get("/mod/audit").text


def test_a_comment_that_is_hidden_is_named_to_editors_alone(browse: Browse) -> None:
    comment = desk.held()
    desk.reject("mo", comment)
    story().status = ArticleStatus.DRAFT
    db.session.commit()
    assert f"comment {comment.id}<" not in browse("mo").get("/mod/audit").text
    assert f"comment {comment.id}<" in browse("edda").get("/mod/audit").text
