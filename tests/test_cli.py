"""The site's commands about articles and discussions, words, the log and the samples."""

import json
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from app.accounts import passwords
from app.articles.models import Article
from app.comments.models import Comment
from app.db.base import db
from app.samples import operations as samples
from tests.audit.tampering import unguarded
from tests.commands import refused, run
from tests.conftest import Browser, person, say, story
from tests.web.routes import snapshot

Flasks = Callable[..., Result]
Write = Callable[[Any], str]


@pytest.fixture
def flask(site: Flask) -> Flasks:
    """`flask("users", "create", "x", typed="...")` runs a command of the site."""
    return partial(run, site)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file of JSON, or of the very text, and returns its path."""

    def to_file(data: Any) -> str:
        path = tmp_path / "file.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
        return str(path)

    return to_file


# -- articles ----------------------------------------------------------------------------------


def test_an_address_is_changed_and_the_old_one_redirects(flask: Flasks, site: Flask) -> None:
    comment_id = say("rhea", "Words").id
    result = flask("articles", "rename", "story", "new-story")
    assert result.output == "/articles/story leads to /articles/new-story now.\n"
    answer = Browser(site).get("/articles/story")
    assert (answer.status_code, answer.location) == (303, "/articles/new-story")
    assert Browser(site).get(f"/c/{comment_id}").location.startswith("/articles/new-story?")
    # Who still has the old page open writes on the article none the less.
    posted = Browser(site, "ravi").post("/articles/story/comments", {"body": "More words"})
    assert posted.location.startswith("/articles/new-story?")
    assert flask("articles", "rename", "new-story", "newer").exit_code == 0
    for old in ("story", "new-story"):
        assert Browser(site).get(f"/articles/{old}").location == "/articles/newer"
    assert flask("articles", "rename", "newer", "story").exit_code == 0
    assert Browser(site).get("/articles/story").status_code == 200
    assert Browser(site).get("/articles/newer").location == "/articles/story"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("nothing", "new", "There is no article with the slug 'nothing'."),
        ("story", "story", "The slug 'story' belongs to another article."),
        ("story", "Two Words", "lower-case letters, digits and single hyphens"),
        ("story", "a--b", "lower-case letters, digits and single hyphens"),
        ("story", "x" * 121, "lower-case letters, digits and single hyphens"),
    ],
)
def test_an_address_that_cannot_be_is_refused(
    flask: Flasks, old: str, new: str, sentence: str
) -> None:
    refused(flask("articles", "rename", old, new), sentence)
    assert story().slug == "story"


# -- comments ----------------------------------------------------------------------------------


def said(id: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "parent_id": parent,
        "author": "guest",
        "created_at": "2026-01-02T03:04:05Z",
        "text": f"Words of {id}",
        **more,
    }


THREAD = {"source": "a forum", "comments": [said("a"), said("b", "a"), said("c", "b")]}


def test_a_discussion_is_imported_once(flask: Flasks, write: Write) -> None:
    path = write(THREAD)
    result = flask("comments", "import", path, "--article", "story")
    assert result.stdout == "3 new, 0 were there already.\n"
    assert result.stderr == "Importing comments\n"
    before = snapshot()
    result = flask("comments", "import", path, "--article", "story")
    assert result.output.endswith("0 new, 3 were there already.\n")
    assert snapshot() == before
    assert [c.depth for c in db.session.query(Comment).order_by(Comment.id)] == [1, 2, 3]


def test_every_bad_comment_is_named_and_nothing_is_imported(flask: Flasks, write: Write) -> None:
    bad = [
        said("ok"),
        said("ok"),
        said("x", "nowhere"),
        said("t", text=7),
        said("s", score="many"),
        said("d", created_at="yesterday"),
        said("e", created_at="0001-01-01T00:00:00+23:00"),
        said("u", author=["x"]),
        "no object",
    ]
    before = snapshot()
    result = flask("comments", "import", write({"comments": bad}), "--article", "story")
    refused(result, "nothing was imported:", *[f"  comments[{n}]" for n in range(2, 10)])
    assert "comments[1]" not in result.output
    assert snapshot() == before


def test_letters_that_no_database_holds_are_left_out_or_replaced(
    flask: Flasks, write: Write
) -> None:
    """The JSON reader puts "?" for half of a surrogate pair, which is no character."""
    odd = said("a", text="one\x00two\ud800", author="gu\x00est\ud800")
    assert (
        flask("comments", "import", write({"comments": [odd]}), "--article", "story").exit_code == 0
    )
    comment = db.session.query(Comment).one()
    assert (comment.body, comment.author_name) == ("onetwo?", "guest?")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is not readable as JSON"),
        ("[" * 100_000, "is not readable as JSON"),
        ("[]", 'The file must hold an object with a list "comments".'),
        ('{"comments": 7}', 'The file must hold an object with a list "comments".'),
    ],
    ids=["cut", "deep", "list", "number"],
)
def test_a_file_that_is_no_discussion_is_told(
    flask: Flasks, write: Write, content: str, sentence: str
) -> None:
    refused(flask("comments", "import", write(content), "--article", "story"), sentence)


def test_an_unknown_article_and_file_are_told(flask: Flasks, write: Write) -> None:
    path = write(THREAD)
    refused(flask("comments", "import", path, "--article", "x"), "no article with the slug 'x'")
    assert flask("comments", "import", "/no/file", "--article", "story").exit_code == 2


# -- words, audit, samples ---------------------------------------------------------------------


def test_words_are_listed_added_and_removed(flask: Flasks) -> None:
    assert (
        flask("words", "add", "banned", "free  money").output
        == "Added to the banned list: free money\n"
    )
    flask("words", "add", "suspect", "idiot*")
    assert flask("words", "list").output == "banned\tfree money\nsuspect\tidiot*\n"
    refused(flask("words", "add", "banned", "free money"), "is on the banned list already")
    refused(flask("words", "remove", "suspect", "free money"), "is not on the suspect list")
    refused(flask("words", "add", "banned", " * "), "Enter a word or phrase.")
    refused(flask("words", "add", "banned", "x" * 101), "100 characters at most")
    assert flask("words", "remove", "banned", "free money").exit_code == 0
    assert flask("words", "list").output == "suspect\tidiot*\n"


def test_the_audit_log_is_whole_until_somebody_gets_round_its_guards(flask: Flasks) -> None:
    for word in ("one", "two", "three"):
        flask("words", "add", "banned", word)
    assert flask("audit", "verify").output == "The audit log is whole.\n"
    with unguarded():
        db.session.execute(text("UPDATE audit_log SET subject = 'banned: four' WHERE id = 2"))
        db.session.commit()
    refused(flask("audit", "verify"), "Changed since they were written: 2.")
    with unguarded():
        db.session.execute(text("DELETE FROM audit_log WHERE id = 2"))
        db.session.commit()
    refused(flask("audit", "verify"), "so one is missing: 3.")


def test_the_sample_site_is_loaded_once(empty: Flask, tmp_path: Path) -> None:
    runner = empty.test_cli_runner()
    result = runner.invoke(args=["samples", "load"])
    path = Path(empty.config["INSTANCE"]) / "demo-accounts.txt"
    assert result.exit_code == 0, result.output
    assert result.output.endswith(f"The sample accounts stand in {path}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    accounts = dict(line.split() for line in path.read_text().splitlines() if "demo_" in line)
    with empty.app_context():
        assert db.session.query(Article).count() >= 12
        assert {name: person(name).role for name in accounts} == {
            f"demo_{role}": role for role in ("reader", "moderator", "editor", "admin")
        }
        for name, password in accounts.items():
            assert passwords.is_right_password(person(name).password_hash, password)
        loaded, written = snapshot(), path.read_text()
    again = runner.invoke(args=["samples", "load"])
    assert (again.exit_code, again.output) == (0, "")
    with empty.app_context():
        assert snapshot() == loaded
        assert path.read_text() == written
        samples.make_accounts("BotBeat", tmp_path / "other.txt")
        other = (tmp_path / "other.txt").read_text()
    fresh = dict(line.split() for line in other.splitlines() if "demo_" in line)
    assert fresh.keys() == accounts.keys()
    assert not set(fresh.values()) & set(accounts.values())
    assert len({*fresh.values(), *accounts.values()}) == 8
    path.unlink()


def test_a_site_with_an_admin_of_its_own_gets_no_samples(flask: Flasks, site: Flask) -> None:
    before = snapshot()
    assert flask("samples", "load").output == ""
    assert snapshot() == before
