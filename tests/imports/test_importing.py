"""Bringing in a discussion from elsewhere: our own small thread, and what is wrong with a file."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.models import User
from app.comments.enums import CommentStatus
from app.comments.models import Comment
from app.db.base import db
from app.errors import ImportRefused
from app.imports.models import ImportedComment
from app.imports.threads import import_thread
from tests.cases import each
from tests.comments.threads import Page, drift, listed_ids
from tests.conftest import PASSWORD, Browser, fresh, make_article, say, story
from tests.text.strict import read_strictly

pytestmark = pytest.mark.both_engines  # imports write with each dialect's own SQL

Browse = Callable[..., Browser]
HERE = "/articles/story"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def comment(name: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "parent_id": parent,
        "author": "reader-0001",
        "created_at": "2026-01-05T09:00:00Z",
        "text": f"Words of {name}",
        "score": 0,
        **more,
    }


HOSTILE = (
    "<p onclick='x()'>Kept<script>alert(1)</script><img src=x onerror=alert(1)>"
    "<a href='javascript:alert(1)'>link</a></p>"
)
THREAD = [
    comment("a", score=7, text="A *question*?"),
    comment("a1", "a", author="reader-0002", created_at="2026-01-05T10:30:00+01:00"),
    comment("a2", "a", author=None, score=-3),
    comment("a11", "a1", text_html="<p>See <a href='https://example.org/x'>this</a></p>"),
    comment("b", deleted=True, text=None, author=None),
    comment("b1", "b", author="reader-0003"),
    comment("c", deleted=True, text="was here"),
    comment("d", author="reader-0002", text_html=HOSTILE),
]


def bring(thread: list[dict[str, Any]], source: str = "elsewhere", **more: Any) -> int:
    return import_thread(story(), {"comments": thread}, source, **more)


def by_name(name: str) -> Comment:
    key = db.session.query(ImportedComment).filter_by(external_id=name).one().comment_id
    return db.session.get_one(Comment, key)


@pytest.fixture
def imported(site: Flask) -> None:
    assert bring(deepcopy(THREAD)) == len(THREAD)


@pytest.mark.usefixtures("imported")
def test_order_nesting_time_and_scores_are_kept(browse: Browse) -> None:
    a, a1, a2, a11, d = (by_name(name) for name in ("a", "a1", "a2", "a11", "d"))
    page = Page(browse().get(f"{HERE}?sort=oldest").text)
    assert page.shown == [a.id, a1.id, a11.id, a2.id, by_name("b").id, by_name("b1").id, d.id]
    assert (a1.parent_id, a11.parent_id, a11.depth) == (a.id, a1.id, 3)
    assert a1.created_at == START + timedelta(minutes=30)
    assert [(c.up, c.down) for c in (a, a1, a2)] == [(7, 0), (0, 0), (0, 3)]
    assert Page(browse().get(HERE).text).roots[0] == a.id
    assert story().comment_count == 6
    assert drift() == []


@pytest.mark.usefixtures("imported")
def test_deleted_ones_are_tombstones_while_they_have_replies(browse: Browse) -> None:
    b, c = by_name("b"), by_name("c")
    assert (b.status, b.publicly_listed, b.reply_count) == (CommentStatus.DELETED, True, 1)
    assert (c.status, c.publicly_listed) == (CommentStatus.DELETED, False)
    assert "[deleted by its author]" in browse().get(HERE).text
    assert browse().get(f"/c/{c.id}").status_code == 410


@pytest.mark.usefixtures("imported")
def test_markdown_and_html_pass_our_own_rules() -> None:
    assert "<em>question</em>" in by_name("a").html
    assert 'rel="nofollow ugc noopener"' in by_name("a11").html
    assert "<a" in by_name("a11").html
    hostile = by_name("d").html
    read_strictly(hostile)
    assert "Kept" in hostile
    for word in ("script", "alert", "onclick", "onerror", "javascript"):
        assert word not in hostile


@pytest.mark.usefixtures("imported")
def test_a_comment_without_an_author_has_no_name(browse: Browse) -> None:
    page = Page(browse().get(HERE).text)
    assert "[deleted account]" in page[by_name("a2").id].words


@pytest.mark.usefixtures("imported")
def test_imported_authors_cannot_sign_in_and_have_no_page(browse: Browse) -> None:
    people = db.session.query(User).filter_by(imported=True).all()
    assert sorted(user.name for user in people) == ["reader-0001", "reader-0002", "reader-0003"]
    page = browse().get(HERE).text
    for user in people:
        assert user.password_hash is None
        for name in (user.name, user.name_key):
            sent = {"name": name, "password": PASSWORD}
            assert browse().post("/sign-in", sent).status_code == 422
            assert browse().get(f"/u/{name}").status_code == 404
    assert "reader-0001</h3>" in page
    assert "<a href" not in page.split("reader-0001</h3>")[0].rsplit("<h3", 1)[1]


def test_readers_of_two_sources_are_two_people(site: Flask) -> None:
    make_article("other")
    bring([comment("a")], "one")
    import_thread(story("other"), {"comments": [comment("a")]}, "two")
    assert db.session.query(User).filter_by(name="reader-0001").count() == 2
    assert db.session.query(Comment).count() == 2
    assert drift() == []


def test_readers_of_one_source_are_one_person_below_every_article(site: Flask) -> None:
    make_article("other")
    bring([comment("a")])
    import_thread(story("other"), {"comments": [comment("z")]}, "elsewhere")
    (reader,) = db.session.query(User).filter_by(name="reader-0001")
    assert reader.published_comments == 2


@pytest.mark.usefixtures("imported")
def test_the_same_file_again_changes_nothing() -> None:
    before = [(c.id, c.html, c.version) for c in db.session.query(Comment)]
    version = story().version
    changed = deepcopy(THREAD)
    changed[0]["text"] = "Changed since"
    assert bring(changed) == 0
    assert [(c.id, c.html, c.version) for c in db.session.query(Comment)] == before
    assert story().version == version


@pytest.mark.usefixtures("imported")
def test_a_file_that_has_grown_adds_only_what_is_new(browse: Browse) -> None:
    grown = [*deepcopy(THREAD), comment("a3", "a"), comment("a31", "a3"), comment("e")]
    assert bring(grown) == 3
    assert [c.parent_id for c in map(by_name, ("a3", "a31", "e"))] == [
        by_name("a").id,
        by_name("a3").id,
        None,
    ]
    assert by_name("a3").rank == 3
    assert drift() == []


@pytest.mark.usefixtures("imported")
def test_a_new_reply_brings_the_tombstone_above_it_back(browse: Browse) -> None:
    assert bring([*deepcopy(THREAD), comment("c1", "c")]) == 1
    page = Page(browse().get(f"{HERE}?sort=oldest").text)
    assert page[by_name("c1").id].below == by_name("c").id
    assert set(page.shown) == listed_ids()
    assert drift() == []


@pytest.mark.usefixtures("imported")
def test_new_replies_stand_behind_those_that_were_written_and_deleted_here(
    browse: Browse,
) -> None:
    own = say("rhea", "Written here", by_name("a"))
    later = say("ravi", "Written later", by_name("a"))
    browse("rhea").post(f"/c/{own.id}/delete")
    bring([*deepcopy(THREAD), comment("a3", "a")])
    assert by_name("a3").rank == fresh(later).rank + 1
    assert drift() == []


@pytest.mark.usefixtures("imported")
def test_an_imported_thread_goes_on_like_any_other(browse: Browse) -> None:
    rhea, target = browse("rhea"), by_name("a2")
    rhea.post(f"{HERE}/comments", {"body": "An answer", "parent_id": target.id})
    rhea.post(f"/c/{target.id}/vote", {"value": 1})
    assert (fresh(target).up, fresh(target).down, fresh(target).reply_count) == (1, 3, 1)
    assert drift() == []


def test_progress_is_told_of_every_comment_new_or_not(site: Flask) -> None:
    told: list[int] = []
    bring(deepcopy(THREAD), progress=told.append)
    assert sum(told) == len(THREAD)
    bring(deepcopy(THREAD), progress=told.append)
    assert sum(told) == 2 * len(THREAD)


def test_times_move_together_so_that_the_latest_is_as_wished(site: Flask) -> None:
    latest = clock.now().replace(microsecond=0) - timedelta(minutes=7)
    bring([comment("a"), comment("b", created_at="2026-01-06T09:00:00Z")], until=latest)
    assert by_name("b").created_at == latest
    assert by_name("a").created_at == latest - timedelta(days=1)


def test_nothing_is_from_the_future(site: Flask) -> None:
    bring([comment("a", created_at="2099-01-01T00:00:00Z")])
    assert by_name("a").created_at <= clock.now()


BAD: dict[str, tuple[Any, str]] = {
    "no object": ("words", "comments[2]: must be an object"),
    "no id": (comment("b", id=None), "comments[2].id: is missing"),
    "id a number": (comment("b", id=7), "comments[2].id: must be a text"),
    "no time": (comment("b", created_at=None), "comments[2].created_at: is missing"),
    "no such time": (
        comment("b", created_at="yesterday"),
        "comments[2].created_at: 'yesterday' is not a time",
    ),
    "before all time": (
        comment("b", created_at="0001-01-01T00:00:00+14:00"),
        "comments[2].created_at: ",
    ),
    "text a list": (comment("b", text=["x"]), "comments[2].text: must be a text"),
    "author a number": (comment("b", author=7), "comments[2].author: must be a text"),
    "blank author": (comment("b", author=" "), "comments[2].author: is missing"),
    "score a text": (comment("b", score="7"), "comments[2].score: must be a whole number"),
    "score half": (comment("b", score=0.5), "comments[2].score: must be a whole number"),
    "score endless": (comment("b", score=10**9), "comments[2].score: must be 10000000 or less"),
    "twice": (comment("a"), "comments[2].id: 'a' stands there twice"),
    "too long": (
        comment("b", text_html="<p>" + "x" * 100_000),
        "comments[2].text_html: is 3 characters too long (at most 100,000)",
    ),
    "no parent": (comment("b", "z"), "comments[2].parent_id: the parent does not stand before it"),
    "itself": (comment("b", "b"), "comments[2].parent_id: the parent does not stand before it"),
}


@each("case", BAD)
def test_a_bad_comment_is_named_and_nothing_is_imported(site: Flask, case: str) -> None:
    bad, sentence = BAD[case]
    with pytest.raises(ImportRefused) as refusal:
        bring([comment("a"), bad, comment("c")])
    assert len(refusal.value.sentences) == 1
    assert refusal.value.sentences[0].startswith(sentence)
    assert db.session.query(Comment).count() == 0
    assert db.session.query(User).filter_by(imported=True).count() == 0


def test_a_parent_that_stands_behind_its_reply_is_refused(site: Flask) -> None:
    with pytest.raises(ImportRefused) as refusal:
        bring([comment("a1", "a"), comment("a")])
    assert refusal.value.sentences == ["comments[1].parent_id: the parent does not stand before it"]


def test_every_bad_place_is_named_up_to_twenty(site: Flask) -> None:
    with pytest.raises(ImportRefused) as refusal:
        bring([comment(str(i), score="x") for i in range(25)])
    assert len(refusal.value.sentences) == 21
    assert refusal.value.sentences[-1] == "and 5 more"


@each("data", [None, [], {}, {"comments": {}}, {"comments": "x"}, 7])
def test_what_is_no_thread_is_refused_in_words(site: Flask, data: object) -> None:
    with pytest.raises(ImportRefused, match='must hold an object with a list "comments"'):
        import_thread(story(), data, "elsewhere")


def test_an_empty_thread_is_no_mistake(site: Flask) -> None:
    assert bring([]) == 0


def test_a_comment_that_was_edited_elsewhere_says_so(site: Flask) -> None:
    row = {"id": "e-1", "parent_id": None, "author": "reader-0001", "text": "Better words"}
    row |= {"created_at": "2026-07-05T10:00:00Z", "edited_at": "2026-07-05T10:05:00Z"}
    import_thread(story(), {"comments": [row]}, "elsewhere")
    edited = db.session.query(Comment).one().edited_at
    assert edited is not None
    assert edited.isoformat() == "2026-07-05T10:05:00+00:00"
