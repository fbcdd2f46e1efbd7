"""Which comments a search inside a discussion finds, and in which order."""

import pytest

from app.comments import operations
from app.db.base import db
from app.members.models import Mute
from app.search import queries
from tests.cases import each
from tests.conftest import fresh, make_article, person, say
from tests.moderation.desk import approve, held, reject
from tests.search.finding import finds, ids

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("site")]

FILL = "about something else altogether, which nobody was looking for"

# What a comment says, and what finds it.
FOUND = {
    "a word": ("The licence matters most", "licence"),
    "capitals in the comment": ("The LICENCE matters", "licence"),
    "capitals in the search": ("The licence matters", "LICENCE"),
    "an accent in the comment": ("The café was open", "cafe"),
    "an accent in the search": ("The cafe was open", "café"),
    "an accent of its own character": ("The cafe\u0301 was open", "caf\u00e9"),
    "letters that fold to two": ("Die Straße ist lang", "STRASSE"),
    "letters of full width": ("ＧＰＵ time is dear", "gpu"),
    "a soft hyphen inside": ("Copy\u00adright is old", "copyright"),
    "the beginning of the last word": ("Quantisation is lossy", "lossy quant"),
    "words in another order": ("Weights and licences", "licences weights"),
    "the same word twice": ("Weights and licences", "weights licences weights"),
    "a word between signs": ("They said (openly): «weights»!", "weights openly"),
    "a word with signs in it": ("We don't know", "don't"),
    "a word with other signs in it": ("We don’t know", "don't"),
    "a name that is called": ("@ravi knows more", "ravi"),
    "a name with an underscore": ("See max_tokens there", "max_tokens"),
    "two letters": ("What is AI for", "ai"),
    "a digit": ("There were 7 of them", "7"),
    "words inside emphasis": ("It is **very** well", "very"),
    "half of a word in emphasis": ("It is un**like**ly", "unlikely"),
    "a word of a link": ("Read [the paper](https://example.org/x)", "paper"),
    "Chinese": ("出口管制反而促进了开放模型", "开放模型"),
    "one sign of Chinese": ("出口管制反而促进了开放模型", "管"),
    "Japanese": ("このモデルは検索エンジンです", "検索"),
    "Thai": ("แบบจำลองภาษาขนาดใหญ่", "ภาษา"),
    "Korean before its particle": ("검색이 빠르다", "검색"),
    "Arabic with vowel signs": ("كَتَبَ الرجل", "كتب"),
    "Hindi": ("यह हिन्दी में है", "हिन्दी"),
    "Russian": ("Ёлка стоит", "елка"),
    "Chinese beside Latin": ("用AI检索文档", "AI检索"),
}
MISSED = {
    "the middle of a word": ("Quantisation is lossy", "tisation"),
    "the beginning of a word before the last": ("Quantisation is lossy", "quant lossy"),
    "two letters of a longer word": ("An aisle of shelves", "ai"),
    "a word that is missing": ("Weights and licences", "weights prices"),
    "signs of Chinese in another order": ("开放模型", "模型开放"),
    "parts of a word in another order": ("Of the art state", "state-of-the-art"),
    "the address of a link": ("Read [this](https://example.org/paper)", "paper"),
    "a tag of its HTML": ("Some **words**", "strong"),
}


def make_slug(case: str) -> str:
    return case.lower().replace(" ", "-")


@each("case", FOUND)
def test_a_comment_is_found_by(case: str) -> None:
    words, typed = FOUND[case]
    article = make_article(make_slug(case))
    comment = say("rhea", words, article=article)
    say("ravi", FILL, article=article)
    assert ids(typed, slug=article.slug) == [comment.id]


@each("case", MISSED)
def test_a_comment_is_not_found_by(case: str) -> None:
    words, typed = MISSED[case]
    article = make_article(make_slug(case))
    say("rhea", words, article=article)
    assert ids(typed, slug=article.slug) == []


def test_the_more_a_comment_is_about_the_words_the_earlier_it_comes() -> None:
    beside = say("rhea", f"Weights, and then {FILL}. {FILL.capitalize()}.")
    about = say("rhea", "Weights are weights: open weights stay open.")
    say("ravi", FILL)
    assert ids("weights") == [about.id, beside.id]


def test_of_equals_the_newest_comes_first() -> None:
    old, middle, new = (say("rhea", f"Number {n} on weights") for n in (1, 2, 3))
    assert ids("weights") == [new.id, middle.id, old.id]


def test_other_articles_comments_are_not_found() -> None:
    other = make_article("other")
    here, there = say("rhea", "Weights"), say("rhea", "Weights", article=other)
    assert ids("weights") == [here.id]
    assert ids("weights", slug="other") == [there.id]


def test_a_number_before_a_word_is_no_way_into_another_article() -> None:
    other = make_article("other")
    say("rhea", "Weights", article=other)
    for typed in (f"{other.id}_weights", f"{other.id} weights", f'" OR "{other.id}_weights'):
        assert ids(typed) == []


def test_only_so_many_are_found_and_they_are_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [say("rhea", f"Number {n} on weights").id for n in range(8)]
    monkeypatch.setattr(queries, "FOUND_MAX", 5)
    assert ids("weights") == said[:2:-1]
    monkeypatch.setattr(queries, "RANKED", 3)
    assert ids("weights") == said[:4:-1]


def test_the_newest_comments_are_looked_at_first_and_all_where_they_hold_too_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = say("rhea", "Bias and weights, weights, weights").id
    said = [say("rhea", f"Number {n} on weights").id for n in range(4)]
    say("rhea", "Weights elsewhere", article=make_article("other"))
    monkeypatch.setattr(queries, "FOUND_MAX", 2)
    monkeypatch.setattr(queries, "NEAR", 3)
    assert ids("weights") == said[:1:-1]
    assert ids("bias") == [old]
    assert ids("number 1") == said[1:2]


# -- who sees it -------------------------------------------------------------------------------


def test_what_its_author_deletes_is_gone_and_comes_back_with_undo() -> None:
    comment = say("rhea", "Weights")
    operations.delete(person("rhea"), comment)
    assert not finds("weights", comment)
    operations.undelete(person("rhea"), fresh(comment))
    assert finds("weights", comment)


def test_a_tombstone_with_replies_is_not_found() -> None:
    comment = say("rhea", "Weights")
    reply = say("ravi", "An answer", comment)
    operations.delete(person("rhea"), comment)
    assert (ids("weights"), ids("answer")) == ([], [reply.id])


def test_what_a_moderator_removes_is_gone_for_everybody_and_comes_back_when_approved() -> None:
    comment = say("rhea", "Weights")
    reject("mo", comment)
    assert [ids("weights", who) for who in (None, "rhea", "ravi", "mo")] == [[]] * 4
    approve("mo", comment)
    assert finds("weights", comment)


def test_what_waits_for_a_moderator_is_not_found_until_it_is_approved() -> None:
    comment = held("Weights at https://example.org/mine")
    assert [ids("weights", who) for who in (None, "nils", "mo")] == [[]] * 3
    approve("mo", comment)
    assert finds("weights", comment)


def test_people_whom_one_has_muted_are_left_out_for_oneself_alone() -> None:
    by_ravi, by_mo = say("ravi", "Weights"), say("mo", "Weights")
    nobodys = say("nils", "Weights")
    nobodys.author, nobodys.disowned_by = None, nobodys.author_id
    db.session.add(Mute(user_id=person("rhea").id, muted_id=person("ravi").id))
    db.session.commit()
    assert ids("weights", "rhea") == [nobodys.id, by_mo.id]
    assert ids("weights", "mo") == ids("weights") == [nobodys.id, by_mo.id, by_ravi.id]


# -- no syntax ---------------------------------------------------------------------------------

HOSTILE = [
    *('"', "'", '""', '"\'"', "*", "^", "(", ")", "AND", "OR", "NOT", "NEAR", "NEAR(a b)"),
    *("words:weights", "{words}:weights", "rowid:1", "-weights", "+weights", "weights*", "w*e"),
    *("weights AND", "OR weights", "weights NOT", "a:*", "a & b", "a | !b", "a <-> b", "!a", ":*"),
    *("\\", "\\'", "weights\\", "'; DROP TABLE comments; --", "%", "_", "%s", ":word", "?", "$1"),
    *("\u0301", "\u200b", "\u0301a", "🙂", "￼", "﷽", "ﷺ", "½", "\U0001d504", "_" * 50, "a" * 200),
    *("检" * 200, " ".join("abcdefghij" * 10), "a-" * 100, "\x00", "wei\x00ghts", "\ud800"),
]


@pytest.fixture
def weights() -> int:
    """Return the id of a comment that is there to be found."""
    return say("rhea", "Some words of weights").id


@each("typed", HOSTILE)
def test_nothing_that_is_typed_is_syntax(weights: int, typed: str) -> None:
    look_for = queries.parse_words(typed)
    if look_for.phrases:
        assert set(ids(typed)) <= {weights}
    for phrase in look_for.phrases:
        assert not set("\"'\\*:()&|!<>^ ") & set("".join(phrase))


def test_operators_are_words_like_others() -> None:
    plain, other = say("rhea", "Salt and pepper or not"), say("rhea", "Salt")
    assert ids("salt AND pepper") == ids("NOT pepper") == ids("salt OR") == [plain.id]
    assert ids("salt -pepper") == [plain.id]
    assert ids("sal*") == ids('"salt"') == [other.id, plain.id]
