"""The index follows what is written, whoever writes it, and can be made anew."""

from copy import deepcopy

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import delete, insert, select

from app.articles.operations import change_slug
from app.comments import operations
from app.comments.models import Comment
from app.db.base import db
from app.imports import threads
from app.maintenance import reindex as search_operations
from app.search.models import comment_words, store_entry
from tests.commands import run
from tests.comments.threads import crowd, plant
from tests.conftest import fresh, make_article, person, say, story
from tests.search.finding import finds, ids

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("site")]

FILE = {
    "comments": [
        {
            "id": "a",
            "parent_id": None,
            "author": "ann",
            "created_at": "2026-01-02T03:04:05Z",
            "text": "Words of **weights**",
        },
        {
            "id": "b",
            "parent_id": "a",
            "author": "bob",
            "created_at": "2026-01-02T04:04:05Z",
            "text_html": "<p>On <i>licences</i> &amp; prices</p>",
        },
        {
            "id": "c",
            "parent_id": "b",
            "author": "ann",
            "created_at": "2026-01-02T05:04:05Z",
            "text": "Nothing of weights",
            "deleted": True,
        },
    ]
}


def indexed() -> list[int]:
    """Return the comments in the index, whether anybody sees them or not."""
    db.session.rollback()
    return list(db.session.scalars(select(comment_words.c.rowid).order_by(comment_words.c.rowid)))


def test_an_edit_is_found_by_its_new_words_and_no_longer_by_the_old() -> None:
    comment = say("rhea", "Weights")
    operations.edit(person("rhea"), comment, "Licences", comment.version)
    assert ids("weights") == []
    assert ids("licences") == [comment.id]


def test_a_vote_or_a_move_of_the_article_leaves_the_words_alone() -> None:
    comment = say("rhea", "Weights")
    fresh(comment).up = 7
    db.session.commit()
    change_slug("story", "moved")
    assert ids("weights", slug="moved") == [comment.id]


def test_what_is_refused_at_the_commit_is_not_indexed() -> None:
    comment = say("rhea", "Weights")
    fresh(comment).write("Licences")
    db.session.flush()
    db.session.rollback()
    assert (ids("weights"), ids("licences")) == ([comment.id], [])


def test_an_imported_discussion_is_found_markdown_and_html_alike() -> None:
    assert threads.import_thread(story(), deepcopy(FILE), "tests") == 3
    first, second = db.session.scalars(
        select(Comment).where(Comment.status == "published").order_by(Comment.id)
    )
    assert ids("weights") == [first.id]
    assert ids("licences prices") == [second.id]


def test_a_comment_that_is_deleted_for_good_leaves_the_index() -> None:
    gone, kept = say("rhea", "Weights"), say("rhea", "More weights")
    db.session.delete(fresh(gone))
    db.session.commit()
    assert indexed() == [kept.id]


def test_a_number_that_is_given_again_has_the_words_of_the_new_comment() -> None:
    comment = say("rhea", "Weights")
    for words in (["1_licences"], ["1_prices", "1_weights"]):
        store_entry(db.session.connection(), [{"rowid": comment.id, "words": words}])
        db.session.commit()
    assert indexed() == [comment.id]
    assert (ids("licences"), ids("prices")) == ([], [comment.id])


def test_a_comment_of_ten_thousand_long_words_is_stored_and_found() -> None:
    comment = say("rhea", "Weights")
    words = " ".join(f"{n}" + "é" * 60 for n in range(1_500))
    threads.import_thread(story(), _one(f"<p>{words}</p>"), "tests")
    assert ids("7" + "e" * 60) != []
    assert ids("1499éé") != [] != ids("weights") == [comment.id]


def _one(html: str) -> dict[str, object]:
    return {"comments": [{**FILE["comments"][0], "id": "long", "text_html": html}]}


# -- made anew ---------------------------------------------------------------------------------


def test_reindexing_finds_what_was_written_past_the_model_and_drops_what_is_gone() -> None:
    planted = plant([None] * 7, crowd(2))
    comment = say("rhea", "Weights")
    db.session.execute(delete(comment_words))
    db.session.commit()
    steps: list[int] = []
    assert (ids("words"), ids("weights")) == ([], [])
    assert search_operations.reindex_comments(steps.append, batch=3) == 8
    assert steps == [3, 3, 2]
    assert sorted(ids("words")) == planted
    assert finds("weights", comment)
    assert search_operations.reindex_comments() == 8
    assert indexed() == [*planted, comment.id]


def test_the_command_shows_what_it_did(site: Flask) -> None:
    plant([None] * 3, crowd(1))
    other = make_article("other")
    say("rhea", "Weights", article=other)
    result = run(site, "search", "reindex")
    assert result.exit_code == 0
    assert "Indexed: 4 comments." in result.output
    assert len(ids("words")) == 3


def test_reindexing_drops_the_words_of_comments_that_are_no_more(site: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        with pytest.raises(Exception, match="foreign key"):
            db.session.execute(insert(comment_words).values(rowid=999, words=["1_weights"]))
        return
    db.session.execute(insert(comment_words).values(rowid=999, words=["1_weights"]))
    db.session.commit()
    assert search_operations.reindex_comments() == 0
    assert indexed() == []


def test_an_upgrade_indexes_the_comments_that_are_there() -> None:
    planted, comment = plant([None] * 3, crowd(1)), say("rhea", "Weights")
    number = comment.id
    db.session.remove()
    downgrade(revision="2026_11_23_the_discussion")
    upgrade()
    assert indexed() == [*planted, number]
    assert ids("weights") == [number]
