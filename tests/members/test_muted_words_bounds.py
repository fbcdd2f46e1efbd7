"""What muted words may cost: bounds that are told, and a text that is looked through once."""

from collections.abc import Callable
from typing import Any

import pytest

from app.comments import operations as comment_operations
from app.comments.models import Comment
from app.db.base import db
from app.discussion import muted_words
from app.members import operations, queries
from app.members.models import MutedWord
from app.text import TOKENS_MAX
from tests.conftest import Browser, fresh, person, say

Browse = Callable[..., Browser]
HERE = "/articles/story"
FOLDED = "Comment with a word you muted."


@pytest.fixture
def looked_through(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the ids of the comments whose words were compared with a list, in turn."""
    asked: list[int] = []
    read = muted_words._split_words

    def noting(comment: Comment, *rest: Any) -> list[str]:
        asked.append(comment.id)
        return read(comment, *rest)

    monkeypatch.setattr(muted_words, "_split_words", noting)
    return asked


@pytest.fixture
def split(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that were split into words, in turn."""
    asked: list[str] = []
    split_words = muted_words.text.split_words

    def noting(source: str) -> list[str]:
        asked.append(source)
        return split_words(source)

    monkeypatch.setattr(muted_words.text, "split_words", noting)
    return asked


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_a_pattern_of_too_many_signs_is_refused_where_it_was_typed(
    browse: Browse, htmx: bool
) -> None:
    pattern = "!" * (TOKENS_MAX + 1)
    answer = browse("rhea").post("/settings/words", {"pattern": pattern}, htmx=htmx)
    assert answer.status_code == 422
    told = answer.text.split('id="pattern-error"')[1].split("</p>")[0]
    assert f"at most {TOKENS_MAX} words and signs" in told
    assert f'value="{pattern}"' in answer.text
    assert queries.list_muted_words(person("rhea")) == []
    browse("rhea").post("/settings/words", {"pattern": pattern[1:]})
    assert [word.pattern for word in queries.list_muted_words(person("rhea"))] == [pattern[1:]]


def test_patterns_of_an_earlier_rule_fold_nothing_and_are_shown_as_such(browse: Browse) -> None:
    rhea = person("rhea")
    for size in range(41, 101):
        db.session.add(MutedWord(user_id=rhea.id, pattern="!" * size))
    db.session.commit()
    for number in range(6):
        say("ravi", "!" * 4_900 + f" {number}")
    operations.mute_word(person("rhea"), "5", None)
    reader = browse("rhea")
    assert reader.get(HERE).text.count(FOLDED) == 1
    settings = reader.get("/settings").text
    assert settings.count("not in force: it has too many words and signs") == 60
    assert "for good" in settings


def test_a_comment_is_looked_through_once_for_each_of_its_texts_and_each_list(
    browse: Browse, looked_through: list[int], split: list[str]
) -> None:
    one, two = say("ravi", "A spoiler here"), say("ravi", "Harmless words")
    operations.mute_word(person("rhea"), "spoiler", None)
    reader = browse("rhea")
    for _ in range(3):
        assert reader.get(HERE).text.count(FOLDED) == 1
    assert sorted(looked_through) == [one.id, two.id]

    comment_operations.edit(person("ravi"), fresh(two), "Another spoiler", fresh(two).version)
    assert reader.get(HERE).text.count(FOLDED) == 2
    assert sorted(looked_through) == [one.id, two.id, two.id]

    word = queries.list_muted_words(person("rhea"))[0].id
    operations.unmute_word(person("rhea"), word)
    assert FOLDED not in reader.get(HERE).text
    split.clear()
    operations.mute_word(person("rhea"), "another", None)
    assert reader.get(HERE).text.count(FOLDED) == 1
    operations.mute_word(person("nils"), "a*", None)
    assert browse("nils").get(HERE).text.count(FOLDED) == 2
    # The words themselves depend on no list: they were found once for all readers.
    assert split == []


def test_a_word_of_one_reader_folds_nothing_for_another(browse: Browse) -> None:
    say("ravi", "A spoiler here")
    operations.mute_word(person("rhea"), "spoiler", None)
    operations.mute_word(person("nils"), "harmless", None)
    readers = browse("rhea"), browse("nils"), browse("mo")
    for _ in range(2):
        assert [FOLDED in reader.get(HERE).text for reader in readers] == [True, False, False]


def test_a_list_at_its_end_opens_a_discussion(browse: Browse, looked_through: list[int]) -> None:
    rhea = person("rhea")
    for number in range(operations.WORDS_MAX):
        db.session.add(MutedWord(user_id=rhea.id, pattern=f"w{number} " * 12 + "*"))
    db.session.commit()
    comment = say("ravi", "w199 " * 11 + "w1990")
    for _ in range(2):
        assert FOLDED in browse("rhea").get(HERE).text
    assert looked_through == [comment.id]


def test_a_page_looks_through_so_much_and_folds_the_rest_until_it_is_opened_again(
    browse: Browse, looked_through: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    comments = [say("ravi", f"Words {number}") for number in range(3)]
    say("ravi", "A spoiler here")
    operations.mute_word(person("rhea"), "spoiler", None)
    monkeypatch.setattr(muted_words, "WORK_A_PAGE", 1e-9)  # one text: each takes more than that
    for known in range(1, 5):
        page = browse("rhea").get(HERE).text
        unknown = page.count("not yet looked through for the words you muted")
        assert (len(looked_through), unknown) == (known, 4 - known)
    assert page.count(FOLDED) == 1
    assert {comment.id for comment in comments} < set(looked_through)
    browse("rhea").get(HERE)
    assert len(looked_through) == 4
