"""Screening: the phases as a table, their order, and the facts they are given."""

from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from app.comments import operations as comments
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.errors import Invalid
from app.screening import operations as screening_operations
from app.screening import pipeline
from app.screening.models import WordKind
from app.screening.phases import PHASES, Draft, Outcome
from app.screening.pipeline import NEWCOMER_AGE, NEWCOMER_COMMENTS, is_newcomer, screen
from tests.conftest import fresh, person, say, story
from tests.moderation import desk

LINK = ("example.org",)


@pytest.mark.parametrize(
    ("draft", "outcome", "note"),
    [
        (Draft(), Outcome.PUBLISH, ""),
        (Draft(by_newcomer=True), Outcome.PUBLISH, ""),
        (Draft(links=LINK), Outcome.PUBLISH, ""),
        (Draft(by_staff=True), Outcome.PUBLISH, ""),
        (Draft(banned=("dross", "muck")), Outcome.REFUSE, "banned word: “dross”, “muck”"),
        (Draft(suspect=("crypto",)), Outcome.HOLD, "suspect word: crypto"),
        (Draft(by_newcomer=True, links=LINK), Outcome.HOLD, "link from a new member: example.org"),
        # The order is the policy: what stands earlier decides.
        (
            Draft(by_staff=True, by_newcomer=True, banned=("x",), suspect=("y",), links=LINK),
            Outcome.PUBLISH,
            "",
        ),
        (Draft(banned=("dross",), suspect=("crypto",)), Outcome.REFUSE, "banned word: “dross”"),
        (Draft(by_newcomer=True, suspect=("y",), links=LINK), Outcome.HOLD, "suspect word: y"),
    ],
)
def test_a_draft_gets_the_finding_of_the_first_phase_that_has_one(
    draft: Draft, outcome: Outcome, note: str
) -> None:
    finding = screen(draft)
    assert (finding.outcome, finding.note) == (outcome, note)
    assert bool(finding.message) == (outcome is Outcome.REFUSE)


def test_the_order_of_the_phases_is_the_policy() -> None:
    assert [phase.__name__ for phase in PHASES] == [
        "pass_staff",
        "find_banned_words",
        "find_suspect_words",
        "hold_links_from_newcomers",
    ]


@pytest.mark.parametrize(
    ("age", "comments", "new"),
    [
        (NEWCOMER_AGE - timedelta(minutes=1), 100, True),
        (NEWCOMER_AGE + timedelta(minutes=1), NEWCOMER_COMMENTS - 1, True),
        (NEWCOMER_AGE + timedelta(minutes=1), NEWCOMER_COMMENTS, False),
    ],
    ids=["too young", "too few", "neither"],
)
def test_a_newcomer_is_young_or_has_written_little(
    site: Flask, age: timedelta, comments: int, new: bool
) -> None:
    rhea = person("rhea")
    rhea.created_at, rhea.published_comments = clock.now() - age, comments
    assert is_newcomer(rhea) is new


def test_a_banned_word_is_refused_and_named(site: Flask) -> None:
    screening_operations.add_word(person("ada"), WordKind.BANNED, "dross*")
    with pytest.raises(Invalid, match="does not allow “dross\\*”"):
        say("rhea", "Such DROSSY talk")
    assert db.session.query(Comment).count() == 0
    assert desk.actions() == ["word added"]


def test_staff_may_write_what_readers_may_not(site: Flask) -> None:
    screening_operations.add_word(person("ada"), WordKind.BANNED, "dross")
    screening_operations.add_word(person("ada"), WordKind.SUSPECT, "crypto")
    for name in ("mo", "edda", "ada"):
        assert say(name, f"dross and crypto by {name}").status == CommentStatus.PUBLISHED


def test_a_suspect_word_is_held_with_a_log_row_by_the_site(site: Flask) -> None:
    screening_operations.add_word(None, WordKind.SUSPECT, "free money")
    comment = say("rhea", "Get your FREE  money here")
    assert (comment.status, comment.publicly_listed) == (CommentStatus.PENDING, False)
    row = desk.entries()[-1]
    assert (row.action, row.actor_id, row.comment_id) == ("held", None, comment.id)
    assert (row.before, row.after, row.note) == ("", "pending", "suspect word: free money")


def test_a_newcomers_words_pass_and_their_links_wait(site: Flask) -> None:
    assert say("nils", "Only words").status == CommentStatus.PUBLISHED
    desk.held("a link: https://example.org/")
    assert desk.entries()[-1].note == "link from a new member: example.org"


def test_a_link_of_somebody_known_passes(site: Flask) -> None:
    assert say("rhea", "https://example.org/").status == CommentStatus.PUBLISHED


def test_an_edit_that_brings_a_suspect_word_goes_to_the_queue(site: Flask) -> None:
    screening_operations.add_word(None, WordKind.SUSPECT, "crypto")
    comment = say("rhea", "Harmless")
    comments.edit(person("rhea"), comment, "Now crypto", comment.version)
    assert fresh(comment).status == CommentStatus.PENDING
    assert story().comment_count == 0
    assert desk.actions() == ["word added", "held"]


def test_facts_are_gathered_from_the_text_and_its_author(site: Flask) -> None:
    screening_operations.add_word(None, WordKind.BANNED, "dross")
    screening_operations.add_word(None, WordKind.SUSPECT, "crypto")
    made = Comment()
    made.write("dross crypto https://example.org/a")
    draft = pipeline.make_draft(person("nils"), made.body, made.html)
    assert draft == Draft(
        by_newcomer=True, banned=("dross",), suspect=("crypto",), links=("example.org",)
    )
