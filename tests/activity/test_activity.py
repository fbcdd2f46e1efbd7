"""Your activity: replies, mentions, what was written, followed and saved, each with its state."""

from collections.abc import Callable
from typing import Any

import pytest

from app.articles.enums import ArticleStatus
from app.comments import operations as comments
from app.comments.enums import SCORE_HIDDEN
from app.comments.models import Comment
from app.db.base import db
from app.members import operations
from app.members.models import Bookmark, Follow, FollowState, ReadMark
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from tests.cases import each
from tests.conftest import Browser, fresh, make_article, person, say, story

Browse = Callable[..., Browser]


def shows(browser: Browser, tab: str, more: str = "") -> str:
    """Return the list of one tab, without the shell around it."""
    answer = browser.get(f"/activity?tab={tab}{more}")
    assert answer.status_code == 200
    return str(answer.text.split('id="tab-heading"')[1].split("</section>")[0])


def reject(comment: Comment, reason: RejectReason = RejectReason.SPAM) -> None:
    moderation.reject(person("mo"), fresh(comment), fresh(comment).version, reason)


@pytest.mark.parametrize("tab", ["", "?tab=replies", "?tab=nonsense", "?tab=%00"])
def test_replies_come_first_newest_first(browse: Browse, tab: str) -> None:
    mine = say("rhea", "My question?")
    for words in ("An older answer.", "A newer answer."):
        say("ravi", words, mine)
    page = browse("rhea").get(f"/activity{tab}").text
    assert 'href="/activity?tab=replies" aria-current="page"' in page
    assert page.index("A newer answer.") < page.index("An older answer.")
    assert "<b>ravi</b> replied to you on" in page
    assert f'href="/c/{mine.id + 1}"' in page
    assert "My question?" not in page


def test_mentions_stand_by_themselves(browse: Browse) -> None:
    say("ravi", "As @rhea wrote elsewhere.")
    page = shows(browse("rhea"), "mentions")
    assert "<b>ravi</b> mentioned you on" in page
    assert "As @rhea wrote elsewhere." in page
    assert "Nobody has replied to you yet." in shows(browse("rhea"), "replies")
    for other in ("ravi", "mo"):
        assert "Nobody has mentioned you yet." in shows(browse(other), "mentions")


def test_muted_people_and_discussions_stay_out(browse: Browse) -> None:
    elsewhere = make_article("elsewhere")
    here, there = say("rhea", "My words."), say("rhea", "My words there.", article=elsewhere)
    say("ravi", "By Ravi.", here)
    say("mo", "By Mo here.", here)
    say("mo", "By Mo there.", there, elsewhere)
    rhea = browse("rhea")
    operations.mute(person("rhea"), person("ravi"))
    operations.set_follow(person("rhea"), elsewhere, FollowState.MUTED)
    operations.mute(person("mo"), person("rhea"))  # somebody else's wish
    page = shows(rhea, "replies")
    assert "By Mo here." in page
    assert "By Ravi." not in page
    assert "By Mo there." not in page
    operations.unmute(person("rhea"), person("ravi"))
    operations.set_follow(person("rhea"), elsewhere, FollowState.FOLLOWED)
    page = shows(rhea, "replies")
    assert "By Ravi." in page
    assert "By Mo there." in page


def test_a_reply_with_a_muted_word_is_folded(browse: Browse) -> None:
    mine = say("rhea", "My words.")
    reply = say("ravi", "The butler did it.", mine)
    operations.mute_word(person("rhea"), "butler", None)
    page = shows(browse("rhea"), "replies")
    assert "Comment with a word you muted." in page
    assert "The butler" not in page
    assert f'href="/c/{reply.id}">Show</a>' in page


@pytest.mark.both_engines  # paging, and counts in SQL of our own
def test_what_was_removed_or_deleted_is_told_without_its_words(browse: Browse) -> None:
    mine = say("rhea", "My words.")
    removed, deleted = say("ravi", "Removed words", mine), say("ravi", "Deleted words", mine)
    vanished = say("ravi", "Vanished words", mine)
    say("mo", "It keeps this standing.", deleted)
    reject(removed, RejectReason.ATTACK)
    for comment in (deleted, vanished):
        comments.delete(person("ravi"), fresh(comment))
    page = shows(browse("rhea"), "replies")
    assert page.count("A reply to you on") == 2  # the third is nowhere any more
    assert "Removed by a moderator: personal attack" in page
    assert "Deleted by its author" in page
    for words in ("ravi", "Removed words", "Deleted words", "Vanished words"):
        assert words not in page


def test_a_story_that_is_no_longer_public_takes_its_replies_along(browse: Browse) -> None:
    article = make_article("soon", headline="The hidden headline")
    mine = say("rhea", "My words.", article=article)
    reply = say("ravi", "Below it.", mine, article)
    operations.save_comment(person("rhea"), reply)
    operations.set_follow(person("rhea"), article, FollowState.FOLLOWED)
    article.status = ArticleStatus.DRAFT
    db.session.commit()
    rhea = browse("rhea")
    assert "Nobody has replied to you yet." in shows(rhea, "replies")
    assert "You follow no discussion yet." in shows(rhea, "following")
    for tab, words in (("written", "My words."), ("saved", "Below it.")):
        page = shows(rhea, tab)
        assert "a story that is no longer public" in page
        assert "The hidden headline" not in page
        assert words not in page


def test_what_one_wrote_is_told_in_every_state(browse: Browse) -> None:
    out = say("nils", "Published words.")
    out.created_at -= SCORE_HIDDEN
    out.up, out.down = 1, 2
    young = say("nils", "Young words.")
    young.up = 7
    db.session.commit()
    say("nils", "Held words https://example.org/x")
    refused = say("nils", "Refused words https://example.org/y")
    removed, deleted = say("nils", "Removed words."), say("nils", "Deleted words.")
    reject(refused, RejectReason.OFF_TOPIC)
    reject(removed)
    comments.delete(person("nils"), fresh(deleted))
    page = shows(browse("nils"), "written")
    entries = page.split('<li class="entry">')[1:]
    expected = [
        ("", ("Deleted by you",)),
        ("Removed words.", ("Removed by a moderator: spam",)),
        ("Refused words", ("Not published: off-topic",)),
        ("Held words", ("Waits for review",)),
        ("Young words.", ("Published", "score hidden for the first 60 minutes")),
        ("Published words.", ("Published", "-1 point")),
    ]
    assert len(entries) == len(expected)
    for entry, (words, states) in zip(entries, expected, strict=True):
        assert words in entry
        for state in states:
            assert state in entry
    assert "Deleted words." not in page
    assert "You have not written a comment yet." in shows(browse("mo"), "written")


@pytest.mark.both_engines  # paging, and counts in SQL of our own
def test_what_one_follows_tells_what_is_new(browse: Browse) -> None:
    make_article("other", headline="The other one")
    make_article("quiet", headline="The quiet one")
    rhea = person("rhea")
    for slug in ("story", "other"):
        operations.set_follow(rhea, story(slug), FollowState.FOLLOWED)
    operations.set_follow(rhea, story("quiet"), FollowState.MUTED)
    for number in range(3):
        say("ravi", f"Number {number}.")
    say("rhea", "My own words are not new to me.")
    reject(say("ravi", "Removed words."))
    db.session.add(ReadMark(user_id=rhea.id, article_id=story().id, publish_seq=1))
    db.session.add(ReadMark(user_id=person("mo").id, article_id=story("other").id, publish_seq=0))
    db.session.commit()
    page = shows(browse("rhea"), "following")
    followed, muted = page.split("Muted discussions")
    assert ">2 new</a>" in followed
    assert "/articles/story?new=1#comments" in followed
    assert followed.index("The other one") < followed.index("A story called story")
    assert " new" not in followed.split("A story called story")[0].split("The other one")[1]
    assert "Unmute" in muted
    assert "The quiet one" in muted
    assert "You follow no discussion yet." in shows(browse("ravi"), "following")


def test_what_is_saved_tells_what_became_of_it(browse: Browse) -> None:
    kept = [say("ravi", f"{word} words.") for word in ("Good", "Removed", "Deleted", "Standing")]
    for comment in kept:
        operations.save_comment(person("rhea"), comment)
    say("mo", "A reply.", kept[3])
    reject(kept[1])
    for comment in kept[2:]:
        comments.delete(person("ravi"), fresh(comment))
    page = shows(browse("rhea"), "saved")
    entries = page.split('<li class="entry with-button">')[1:]
    assert len(entries) == page.count("Remove<span") == 4
    for entry, state in zip(
        entries,
        ("Deleted by its author", "Deleted by its author", "Removed by a moderator: spam", "<b>"),
        strict=True,
    ):
        assert state in entry
    assert "<b>ravi</b> on" in entries[3]
    assert "Good words." in entries[3]
    for words in ("Removed words", "Deleted words", "Standing words"):
        assert words not in page
    assert page.count("ravi") == 2  # in the line and in the button's name
    assert "You have saved no comment yet." in shows(browse("ravi"), "saved")


def fill(number: int, writers: int) -> None:
    """Make every tab of Rhea's long: replies, mentions, own words, follows, saved comments."""
    names = ("ravi", "mo", "edda", "ada")[:writers]
    mine, rhea = say("rhea", "My question?"), person("rhea")
    for i in range(number):
        article, quiet = make_article(f"story-{i}"), make_article(f"quiet-{i}")
        name = names[i % writers]
        reply = say(name, f"Reply number {i}.", mine)
        say(name, f"Mention number {i} of @rhea", article=article)
        say("rhea", f"My number {i}.", article=article)
        db.session.add_all(
            [
                Follow(user_id=rhea.id, article_id=article.id, state=FollowState.FOLLOWED),
                Follow(user_id=rhea.id, article_id=quiet.id, state=FollowState.MUTED),
                ReadMark(user_id=rhea.id, article_id=article.id, publish_seq=0),
                Bookmark(user_id=rhea.id, comment_id=reply.id),
            ]
        )
        db.session.commit()


TABS = ("replies", "mentions", "written", "following", "saved")


@pytest.mark.both_engines  # paging, and counts in SQL of our own
def test_each_tab_goes_on_over_pages(browse: Browse) -> None:
    fill(23, 1)
    rhea = browse("rhea")
    for tab in TABS:
        page = rhea.get(f"/activity?tab={tab}").text
        links = [part.split('"')[0] for part in page.split('rel="next" href="')[1:]]
        assert len(links) == (2 if tab == "following" else 1), tab
        first = shows(rhea, tab).split("Muted discussions")[0]
        second = rhea.get(links[0].replace("&amp;", "&")).text.split("Muted discussions")[0]
        left = 4 if tab == "written" else 3
        assert (first.count("<h3>"), second.count("<h3>")) == (20, left), tab
        assert "Older" not in second
        assert "number 22" not in second


@pytest.mark.both_engines  # paging, and counts in SQL of our own
def test_the_muted_list_has_pages_of_its_own(browse: Browse) -> None:
    fill(21, 1)
    rhea = browse("rhea")
    page = shows(rhea, "following")
    link = page.rsplit('rel="next" href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "muted=" in link
    followed, muted = rhea.get(link).text.split("Muted discussions")
    assert "quiet-0" in muted
    assert "quiet-1" not in muted
    assert followed.count("<h3>") == 20


@pytest.mark.both_engines  # paging, and counts in SQL of our own
@each("tab", TABS)
@each("before", ["1", "0-1", "x", "-1", "9" * 40, "9-" + "9" * 40, "\x00"])
def test_a_place_that_is_nowhere_shows_an_empty_page_or_the_first(
    browse: Browse, tab: str, before: str
) -> None:
    say("ravi", "Hello @rhea", say("rhea", "Words"))
    page = browse("rhea").get("/activity", query_string={"tab": tab, "before": before})
    assert page.status_code == 200


# One for who it is, one for the list; replies and mentions ask for the muted words too,
# following has two lists. A moderator's masthead counts what waits.
COST = {"replies": 3, "mentions": 3, "written": 2, "following": 3, "saved": 2}


@pytest.mark.both_engines  # paging, and counts in SQL of our own
@pytest.mark.parametrize(("number", "writers"), [(1, 1), (9, 4)])
def test_a_tab_costs_the_same_few_queries_whatever_it_shows(
    browse: Browse, counting: Callable[[], Any], number: int, writers: int
) -> None:
    fill(number, writers)
    rhea = browse("rhea")
    for tab, expected in COST.items():
        with counting() as queries:
            page = shows(rhea, tab)
        assert page.count("<h3>") >= number
        assert queries.count == expected, (tab, queries.statements)
    with counting() as queries:
        rhea.get("/settings")
    assert queries.count == 3, queries.statements


def test_nobody_reads_the_activity_of_another(browse: Browse) -> None:
    fill(2, 1)
    nils = browse("nils")
    for tab in TABS:
        page = shows(nils, tab)
        assert "number" not in page
        assert "<h3>" not in page


def test_what_people_wrote_is_text(browse: Browse) -> None:
    say("ravi", "<script>alert(1)</script> **bold** @rhea", say("rhea", "Words"))
    page = shows(browse("rhea"), "replies")
    assert "<script>" not in page
    assert "bold" in page
