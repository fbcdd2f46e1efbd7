"""Muted words: what can be one, until when, and how they are taken back."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from app import clock
from app.db.base import db
from app.discussion import reader_state
from app.errors import Invalid
from app.members import operations, queries
from app.members.models import MutedWord
from tests.cases import each
from tests.conftest import Browser, person, story
from tests.text.patterns import find_words

Browse = Callable[..., Browser]
WORDS = "/settings/words"


def words_of(name: str) -> list[tuple[str, date | None]]:
    db.session.rollback()
    return [(word.pattern, word.until) for word in queries.list_muted_words(person(name))]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """Let a test begin at noon, so that no day ends between what it writes and what it reads."""
    with time_machine.travel(datetime.combine(clock.now(), time(12), UTC)):
        yield


def today(days: int = 0) -> date:
    return clock.now().date() + timedelta(days=days)


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_a_word_is_muted_until_a_day_or_for_good(browse: Browse, htmx: bool) -> None:
    rhea = browse("rhea")
    rhea.post(WORDS, {"pattern": "  crypto* "}, htmx=htmx)
    answer = rhea.post(WORDS, {"pattern": "free  money", "until": str(today(3))}, htmx=htmx)
    assert words_of("rhea") == [("crypto*", None), ("free money", today(3))]
    if not htmx:
        assert (answer.status_code, answer.location) == (303, "/settings#words")
        answer = rhea.get("/settings")
    assert "Saved." in answer.text
    assert "for good" in answer.text
    assert f'until <time datetime="{today(3)}">' in answer.text
    assert ("<html" in answer.text) is not htmx


@pytest.mark.parametrize("pattern", ["c++", "東京", "café", "free money", "Was*", "🙂", "@ravi"])
def test_what_is_muted_is_found_in_a_text(pattern: str, browse: Browse) -> None:
    operations.mute_word(person("rhea"), pattern, None)
    reading = reader_state.get_reader_state(person("rhea"), story())
    assert reading.words == [pattern]
    assert find_words(f"There was {pattern.rstrip('*')} in it", reading.words) == [pattern]


@each(
    ("pattern", "until", "field", "sentence"),
    [
        ("", "", "pattern", "Enter a word or phrase."),
        (" \u200b ", "", "pattern", "Enter a word or phrase."),
        ("*", "", "pattern", "Enter a word or phrase."),
        ("\u202e\x00", "", "pattern", "Enter a word or phrase."),
        ("x" * 101, "", "pattern", "has 100 characters at most"),
        ("spoiler", "2020-01-01", "until", "must not be in the past"),
        ("spoiler", "31.12.2026", "until", "Write the day like"),
        ("spoiler", "2026-02-30", "until", "Write the day like"),
        ("spoiler", "9" * 5000, "until", "Write the day like"),
    ],
)
@each("htmx", [False, True])
def test_what_cannot_be_muted_is_told_where_it_was_typed(
    browse: Browse, pattern: str, until: str, field: str, sentence: str, htmx: bool
) -> None:
    form = {"pattern": pattern, "until": until}
    answer = browse("rhea").post(WORDS, form, htmx=htmx)
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    if pattern.isalpha():
        assert f'value="{pattern}"' in answer.text
        assert f'value="{until}"' in answer.text
    if htmx:
        assert f'"bb:focus": "{field}"' in answer.headers["HX-Trigger-After-Settle"]
    assert words_of("rhea") == []


def test_a_hundred_characters_fit(browse: Browse) -> None:
    assert browse("rhea").post(WORDS, {"pattern": "x" * 100}).status_code == 303
    assert words_of("rhea") == [("x" * 100, None)]


@pytest.mark.usefixtures("site")
@pytest.mark.both_engines  # a unique key
def test_a_word_that_is_muted_already_gets_the_new_last_day() -> None:
    rhea = person("rhea")
    operations.mute_word(rhea, "Spoiler", today())
    operations.mute_word(rhea, "spoiler", today(7))
    assert words_of("rhea") == [("Spoiler", today(7))]


@pytest.mark.both_engines  # days in SQL
def test_the_last_day_is_muted_and_the_day_after_is_not(browse: Browse) -> None:
    rhea, last = browse("rhea"), today(1)
    end = datetime.combine(last, time.max, UTC)
    operations.mute_word(person("rhea"), "spoiler", last)
    with time_machine.travel(end - timedelta(minutes=1)):
        assert queries.list_words_in_force(person("rhea")) == ["spoiler"]
    with time_machine.travel(end + timedelta(minutes=1)):
        assert queries.list_words_in_force(person("rhea")) == []
        assert reader_state.get_reader_state(person("rhea"), story()).words == []
        page = rhea.get("/settings").text
        assert f'ended <time datetime="{last}">' in page
        assert "Remove" in page


@pytest.mark.usefixtures("site")
def test_there_is_an_end_to_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert operations.WORDS_MAX == 200
    monkeypatch.setattr(operations, "WORDS_MAX", 2)
    rhea = person("rhea")
    for pattern in ("one", "two"):
        operations.mute_word(rhea, pattern, None)
    operations.mute_word(rhea, "two", today(1))  # no new one
    with pytest.raises(Invalid, match="Remove one first"):
        operations.mute_word(rhea, "three", None)
    db.session.rollback()
    operations.mute_word(person("ravi"), "three", None)
    assert len(words_of("rhea")) == 2


def test_a_word_is_removed_with_and_without_javascript(browse: Browse) -> None:
    for pattern in ("one", "two"):
        operations.mute_word(person("rhea"), pattern, None)
    one, two = (word.id for word in queries.list_muted_words(person("rhea")))
    rhea = browse("rhea")
    answer = rhea.post(f"{WORDS}/remove", {"word": one})
    assert (answer.status_code, answer.location) == (303, "/settings#words")
    page = rhea.get("/settings").text
    assert "Removed." in page
    assert words_of("rhea") == [("two", None)]
    answer = rhea.post(f"{WORDS}/remove", {"word": two}, htmx=True)
    # The list alone is swapped: what is being typed above it stays.
    assert "<input" not in answer.text
    assert "You have muted no words." in answer.text
    assert words_of("rhea") == []
    assert rhea.post(f"{WORDS}/remove", {"word": two}).status_code == 303


@pytest.mark.parametrize("word", ["", "0", "-1", "x", "9" * 30])
def test_no_such_word_is_removed_already(browse: Browse, word: str) -> None:
    operations.mute_word(person("rhea"), "one", None)
    assert browse("rhea").post(f"{WORDS}/remove", {"word": word}).status_code == 303
    assert words_of("rhea") == [("one", None)]


def test_nobody_sees_or_removes_the_words_of_another(browse: Browse) -> None:
    operations.mute_word(person("rhea"), "secretword", None)
    word = db.session.query(MutedWord).one().id
    for who in ("ravi", "mo", "ada"):
        other = browse(who)
        assert "secretword" not in other.get("/settings").text
        other.post(f"{WORDS}/remove", {"word": word})
        other.post(WORDS, {"pattern": "secretword", "until": str(today(1))})
    assert words_of("rhea") == [("secretword", None)]


def test_markup_in_a_word_is_text(browse: Browse) -> None:
    rhea = browse("rhea")
    rhea.post(WORDS, {"pattern": '"><script>alert(1)</script>'})
    assert "<script>alert" not in rhea.get("/settings").text
    assert "&lt;script&gt;" in rhea.get("/settings").text
