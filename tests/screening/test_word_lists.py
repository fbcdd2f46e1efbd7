"""The site's lists: read when they changed, and not for each comment; bounds in words."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.db.base import db
from app.errors import Conflict, Invalid
from app.screening import operations as screening_operations
from app.screening import pipeline, word_lists
from app.screening.models import ListedWord, WordKind
from app.text import TOKENS_MAX
from tests.conftest import Browser, person, say

pytestmark = pytest.mark.both_engines  # a unique key, and a number that commits move

Counting = Callable[..., Any]
REVISION, WORDS = 1, 1  # statements: is what we hold still true; the lists themselves


def facts(source: str) -> tuple[str, ...]:
    return pipeline.make_draft(person("ravi"), source, f"<p>{source}</p>").banned


def test_the_lists_are_read_once_after_each_change(site: Flask, counting: Counting) -> None:
    ravi = person("ravi")
    screening_operations.add_word(None, WordKind.BANNED, "dross")
    for words, expected in (("dross", ("dross",)), ("muck", ())):
        with counting() as queries:
            assert pipeline.make_draft(ravi, words, "").banned == expected
            assert pipeline.make_draft(ravi, words, "").banned == expected
        assert queries.count <= 2 * REVISION + WORDS + 1, queries.statements  # and ravi's row
        with counting(warm=True) as queries:
            pipeline.make_draft(ravi, words, "")
        assert queries.count == REVISION, queries.statements


def test_a_change_counts_at_once(site: Flask) -> None:
    assert facts("dross and muck") == ()
    screening_operations.add_word(None, WordKind.BANNED, "muck")
    assert facts("dross and muck") == ("muck",)
    screening_operations.add_word(None, WordKind.BANNED, "dross")
    assert facts("dross and muck") == ("dross", "muck")
    screening_operations.remove_word(None, WordKind.BANNED, "muck")
    assert facts("dross and muck") == ("dross",)
    with pytest.raises(Conflict):
        screening_operations.add_word(None, WordKind.BANNED, "dross")
    assert facts("dross and muck") == ("dross",)


def test_a_change_that_did_not_happen_moves_no_revision(site: Flask) -> None:
    screening_operations.add_word(None, WordKind.BANNED, "dross")
    held = word_lists.get_lists()
    with pytest.raises(Conflict):
        screening_operations.add_word(None, WordKind.BANNED, "dross")
    say("ravi", "Something else, with an act of its own")
    assert word_lists.get_lists() is held


def test_a_revision_is_never_one_of_before(site: Flask) -> None:
    seen = []
    for number in range(5):
        screening_operations.add_word(None, WordKind.SUSPECT, f"word{number}")
        seen.append(db.session.scalar(word_lists._REVISION))
    assert len(set(seen)) == len(seen)


def test_a_listed_pattern_has_its_bounds(site: Flask) -> None:
    for pattern, sentence in (
        ("!" * (TOKENS_MAX + 1), f"at most {TOKENS_MAX} words and signs"),
        ("x" * 101, "100 characters at most"),
        ("\u200b", "Enter a word or phrase"),
    ):
        with pytest.raises(Invalid, match=sentence):
            screening_operations.add_word(None, WordKind.BANNED, pattern)
    assert word_lists.count_words(WordKind.BANNED) == 0


def test_a_list_has_an_end(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert screening_operations.LISTED_MAX == 20_000
    monkeypatch.setattr(screening_operations, "LISTED_MAX", 2)
    for pattern in ("one", "two"):
        screening_operations.add_word(None, WordKind.BANNED, pattern)
    with pytest.raises(Invalid, match="The banned list has 2 words, the most there can be"):
        screening_operations.add_word(None, WordKind.BANNED, "three")
    db.session.rollback()
    screening_operations.add_word(None, WordKind.SUSPECT, "three")
    assert word_lists.count_words(WordKind.BANNED) == 2


def test_a_pattern_of_an_earlier_rule_is_never_found(site: Flask) -> None:
    long = "!" * (TOKENS_MAX + 1)
    db.session.add(ListedWord(kind=WordKind.BANNED, pattern=long))
    db.session.commit()
    screening_operations.add_word(None, WordKind.BANNED, "dross")
    assert facts(long + " dross") == ("dross",)


def test_full_lists_cost_a_comment_what_short_ones_do(
    site: Flask, browse: Callable[..., Browser], counting: Counting
) -> None:
    """The same statements, and the same steps of the walk."""
    costs = []
    for size in (200, screening_operations.LISTED_MAX):
        rows = [
            {"kind": WordKind.BANNED, "pattern": f"spam{number} offer{number}"}
            for number in range(len(costs) and 200, size)
        ]
        db.session.execute(insert(ListedWord), rows)
        screening_operations.remove_word(None, WordKind.BANNED, rows[0]["pattern"])
        say("ravi", f"The first comment after a change, {size}")
        with counting(warm=True) as queries:
            say("ravi", "A spam7 and an offer9 that a list of phrases lets pass")
        walked = word_lists.get_lists().by_kind[WordKind.BANNED]._step_count
        costs.append((queries.count, walked))
    assert costs[0] == costs[1], costs
    assert costs[0][1] > 0
    with pytest.raises(Invalid, match="spam19999 offer19999"):
        say("ravi", "Take this spam19999 offer19999")
    assert browse("mo").get("/mod/reported").status_code == 200
