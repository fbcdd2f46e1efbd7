"""A discussion that comes in by several batches: cut off, beside others, from a file."""

import json
import multiprocessing
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.articles.models import Article
from app.comments.models import Comment
from app.db.base import db
from app.errors import Conflict, ImportRefused
from app.imports import cleaning, thread_file, threads
from app.imports.models import ImportedComment
from app.imports.threads import import_thread
from app.reactions import operations as reactions
from bench.site.shape import thread as shape
from tests.comments.test_at_once import together
from tests.comments.threads import drift
from tests.conftest import fresh, make_article, person, say, story
from tests.search.finding import ids as found_by

pytestmark = pytest.mark.both_engines  # imports and races

SIZE = 60
IMPORTS = 3  # of two files at once
SHAPE = shape(SIZE, 8)
THREAD = [
    {
        "id": f"e{place}",
        "parent_id": None if above is None else f"e{above}",
        "author": None if place % 11 == 3 else f"writer {place % 7}",
        "created_at": f"2026-01-05T09:{place:02}:00Z",
        "text": f"Words of *number{place}*",
        "score": place % 5 - 1,
        "deleted": place % 4 == 1,
    }
    for place, above in enumerate(SHAPE.parents)
]
KEPT = (
    "depth",
    "rank",
    "publish_seq",
    "status",
    "publicly_listed",
    "reply_count",
    "thread_count",
    "up",
    "down",
)


@pytest.fixture
def few(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven comments make a batch."""
    monkeypatch.setattr(threads, "BATCH", 7)


def bring(slug: str = "story", **more: Any) -> int:
    return import_thread(story(slug), {"comments": deepcopy(THREAD)}, "elsewhere", **more)


def stored(slug: str = "story") -> list[tuple[Any, ...]]:
    """Return the imported comments, with their names elsewhere for numbers."""
    query = db.session.query(ImportedComment).filter_by(article_id=story(slug).id)
    names = {row.comment_id: row.external_id for row in query}
    rows = db.session.query(Comment).filter(Comment.id.in_(names)).order_by(Comment.id)
    return [
        (
            names[row.id],
            *(names[number] if number else None for number in (row.parent_id, row.root_id)),
            row.author_name,
            *(getattr(row, name) for name in (*KEPT, "best", "html")),
        )
        for row in rows
    ]


def test_a_discussion_in_batches_is_the_same_as_in_one(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring()
    make_article("other")
    monkeypatch.setattr(threads, "BATCH", 7)
    told: list[int] = []
    assert bring("other", progress=told.append) == SIZE
    assert told == [7] * 8 + [4]
    assert stored("other") == stored()
    assert story("other").last_publish_seq == SIZE
    assert story("other").comment_count == story().comment_count == 45
    assert drift() == []
    assert len(found_by("number59", slug="other")) == 1


def bring_in_processes(**more: Any) -> int:
    """Do the same while two further processes clean the texts, however few there are."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cleaning, "SHARED_FROM", 1)
        patched.setattr("os.sched_getaffinity", lambda _: {0, 1})
        return bring(**more)


@pytest.mark.usefixtures("few")
def test_a_discussion_that_is_cleaned_in_processes_is_the_same() -> None:
    told: list[int] = []
    assert bring_in_processes(progress=told.append) == SIZE
    assert multiprocessing.active_children() == []
    assert told == [7] * 8 + [4]
    assert drift() == []
    assert len(found_by("number59")) == 1
    make_article("other")
    bring("other")
    assert stored("other") == stored()


@pytest.mark.usefixtures("few")
def test_an_import_goes_on_after_its_processes_were_killed() -> None:
    def kill(_done: int) -> None:
        for process in multiprocessing.active_children():
            process.kill()
            process.join()

    with pytest.raises(Conflict, match="Import the file again"):
        bring_in_processes(progress=kill)
    db.session.rollback()
    assert multiprocessing.active_children() == []
    assert drift() == []
    assert 0 < bring() < SIZE
    make_article("other")
    bring("other")
    assert stored("other") == stored()


@pytest.mark.usefixtures("few")
def test_an_import_that_was_cut_off_goes_on_when_it_is_run_again() -> None:
    class Cut(Exception):
        """Somebody pressed Ctrl-C."""

    def cut(_done: int) -> None:
        if db.session.query(Comment).count() == 21:
            raise Cut

    with pytest.raises(Cut):
        bring(progress=cut)
    db.session.rollback()
    assert db.session.query(Comment).count() == 21
    assert drift() == []
    assert bring() == SIZE - 21
    assert [row[0] for row in stored()] == [f"e{place}" for place in range(SIZE)]
    assert db.session.query(User).filter_by(imported=True).count() == 7
    assert drift() == []
    make_article("other")
    bring("other")
    assert stored("other") == stored()


@pytest.mark.usefixtures("few")
def test_members_write_and_vote_between_the_batches() -> None:
    said: list[Comment] = []

    def act(_done: int) -> None:
        number = db.session.query(ImportedComment).filter_by(external_id="e0").one().comment_id
        first = db.session.get_one(Comment, number)
        said.append(say("rhea", "From here", first))
        if len(said) == 1:
            reactions.vote(person("ravi"), first, -1)

    before = say("ravi", "Already here")
    assert bring(progress=act) == SIZE
    after = say("ravi", "And later", before)
    assert drift() == []
    ranks = [c.rank for c in db.session.query(Comment).filter_by(parent_id=said[0].parent_id)]
    assert sorted(rank for rank in ranks if rank) == list(range(1, len(ranks) + 1))
    assert fresh(after).publish_seq == SIZE + len(said) + 2
    numbers = [c.id for c in db.session.query(Comment).order_by(Comment.publish_seq)]
    assert numbers == sorted(numbers)


@pytest.mark.usefixtures("few")
def test_two_imports_of_one_file_at_a_time_double_nothing() -> None:
    inner: list[int] = []

    def also(_done: int) -> None:
        if not inner:
            inner.append(0)
            inner[0] = bring()

    assert bring(progress=also) == 7
    assert inner == [SIZE - 7]
    assert len(stored()) == SIZE
    assert drift() == []


# -- files -----------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "thread.json"
    file.write_text(json.dumps({"source": "é", "comments": THREAD, "more": [1, {"a": 2.5e3}]}))
    return file


def test_a_file_is_read_a_piece_at_a_time(path: Path) -> None:
    told: list[int] = []
    thread = thread_file.read_thread_file(path, told.append)
    assert sum(told) == len(path.read_text())
    assert (thread.about, len(thread)) == ({"source": "é", "more": [1, {"a": 2500.0}]}, SIZE)
    whole = thread_file.read_thread({"comments": THREAD})
    assert list(thread.comments()) == list(thread.comments()) == list(whole.comments())
    assert (thread.parents, thread.stands) == (whole.parents, whole.stands)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-le"])
def test_a_file_may_have_any_encoding_of_json(path: Path, encoding: str) -> None:
    path.write_text(path.read_text(), encoding)
    assert len(thread_file.read_thread_file(path)) == SIZE


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "premature EOF, after 0 comments"),
        ('{"comments": [', "premature EOF, after 0 comments"),
        ('{"comments": []', "premature EOF"),
        ('{"comments": [] "source": 1}', "after key and value"),
        ('{"comments" []}', "object key and value must be separated by a colon"),
        ('{"comments": []} x', "trailing garbage"),
        ("{7: []}", "invalid object key"),
        ('{"comments": [{"id": "a]}', "premature EOF, after 0 comments"),
        ('{"comments": [{"id": "a"}, {]}', "after 1 comments"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(path: Path, content: str, sentence: str) -> None:
    path.write_text(content)
    with pytest.raises(ValueError, match=sentence):
        thread_file.read_thread_file(path)


def test_two_imports_at_once_that_bring_the_same_new_authors_both_go_through(site: Flask) -> None:
    article_ids = [story().id, make_article("other").id]
    for number in range(IMPORTS):
        rows = [
            row | {"id": f"{number}-{row['id']}", "author": f"writer {number}-{place}"}
            | {"parent_id": None}
            for place, row in enumerate(THREAD)
        ]  # fmt: skip

        def bring(article_id: int, rows: list[dict[str, Any]] = rows) -> int:
            article = db.session.get_one(Article, article_id)
            return import_thread(article, {"comments": rows}, "elsewhere")

        results = together(
            site,
            [partial(bring, article_ids[0]), partial(bring, article_ids[1], rows[::-1])],
        )
        assert results == [SIZE, SIZE]
    assert db.session.query(User).filter_by(imported=True).count() == IMPORTS * SIZE
    assert drift() == []


@pytest.mark.parametrize(
    "content", ["{}", "7", '{"comments": {}}', '{"comments": [], "comments": []}']
)
def test_a_file_without_one_list_of_comments_is_refused(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(ImportRefused, match='must hold an object with a list "comments"'):
        thread_file.read_thread_file(path)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("part", [slice(30), slice(1, None), slice(0, 0)])
def test_a_file_that_changes_meanwhile_leaves_nothing_untrue(path: Path, part: slice) -> None:
    thread = thread_file.read_thread_file(path)
    path.write_text(json.dumps({"comments": THREAD[part]}))
    with pytest.raises(Conflict, match="changed while it was read"):
        threads.add_thread(story(), thread, "elsewhere")
    db.session.rollback()
    assert drift() == []
