"""HTML of an older version is made anew; nothing else of a comment or article changes."""

import pytest
from flask import Flask
from sqlalchemy import event, update

from app import clock, text
from app.articles.models import Article
from app.comments.models import Comment, Revision, make_columns_of_html
from app.db.base import db
from app.maintenance import rerender
from tests.commands import run
from tests.conftest import Browser, fresh, make_article, person, say, story

pytestmark = pytest.mark.both_engines  # locks

OLD = "<p>as it once was</p>"


def age(*comments: Comment) -> None:
    """Give comments, or all, the HTML of an older version."""
    query = update(Comment).values(html=OLD, pipeline=text.PIPELINE_VERSION - 1)
    db.session.execute(query.where(Comment.id.in_([c.id for c in comments])) if comments else query)
    db.session.commit()


def row(thing: Comment | Article) -> dict[str, object]:
    db.session.expire_all()
    return {name: getattr(thing, name) for name in thing.__table__.columns.keys()}  # noqa: SIM118


def test_a_comment_of_an_older_version_gets_new_html_and_nothing_else(site: Flask) -> None:
    comment = say("rhea", "[x](https://host.example)")
    age(comment)
    before = row(comment)
    assert rerender.count_waiting() == rerender.rerender_texts() == 1
    made = {"html": str(text.render(comment.body)), "pipeline": text.PIPELINE_VERSION}
    assert row(comment) == before | made
    assert rerender.count_waiting() == rerender.rerender_texts() == 0


def test_imported_html_is_cleaned_anew_from_its_source(site: Flask) -> None:
    comment = say("rhea", "x")
    for name, value in make_columns_of_html('<a href="https://host.example">x</a>').items():
        setattr(comment, name, value)
    db.session.commit()
    age(comment)
    rerender.rerender_texts()
    assert '<span class="host">' in fresh(comment).html
    assert fresh(comment).html == str(text.clean_html(comment.body))


def test_an_article_of_an_older_version_gets_new_html_and_a_new_version(site: Flask) -> None:
    article = story()
    article.summary_html, article.opinion_html, article.pipeline = OLD, OLD, 1
    db.session.commit()
    before = row(article)
    assert rerender.rerender_texts() == 1
    assert row(article) == before | {
        "summary_html": str(text.render_article(article.summary)),
        "opinion_html": str(text.render_article(article.opinion)),
        "pipeline": text.PIPELINE_VERSION,
        "version": before["version"] + 1,  # type: ignore[operator]
    }


def test_only_articles_whose_pages_look_different_get_a_new_version(site: Flask) -> None:
    other, same = make_article("other"), make_article("same")
    age(say("rhea", "One"), say("ravi", "Two"), say("rhea", "Three", article=other))
    untouched = say("rhea", "Four", article=same)
    db.session.execute(update(Comment).where(Comment.id == untouched.id).values(pipeline=1))
    db.session.commit()
    before = {a.slug: a.version for a in (story(), other, same)}
    assert rerender.rerender_texts() == 4
    db.session.expire_all()
    moved = {a.slug: a.version - before[a.slug] for a in (story(), other, same)}
    assert moved == {"story": 1, "other": 1, "same": 0}
    assert fresh(untouched).pipeline == text.PIPELINE_VERSION


def test_earlier_texts_of_a_comment_stay_as_they_were(site: Flask) -> None:
    comment = say("rhea", "First")
    db.session.add(
        Revision(comment_id=comment.id, number=1, body="Old", html=OLD, replaced_at=clock.now())
    )
    db.session.commit()
    age(comment)
    rerender.rerender_texts()
    assert db.session.query(Revision).one().html == OLD


def test_batches_are_transactions_of_their_own(site: Flask) -> None:
    for number in range(5):
        say("rhea", f"Comment {number}")
    age()
    steps: list[int] = []
    commits: list[int] = []
    event.listen(db.engine, "commit", note := lambda _: commits.append(len(steps)))
    try:
        assert rerender.rerender_texts(steps.append, batch=2) == 5
    finally:
        event.remove(db.engine, "commit", note)
    assert steps == [2, 2, 1]
    assert set(commits) >= {0, 1, 2}


def test_a_run_that_was_stopped_goes_on_where_it_was(site: Flask) -> None:
    comments = [say("rhea", f"Comment {number}") for number in range(4)]
    age()

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rerender.rerender_texts(stop, batch=2)
    db.session.rollback()
    assert [fresh(c).html == OLD for c in comments] == [False, False, True, True]
    assert rerender.rerender_texts() == 2


def test_what_somebody_edits_meanwhile_is_left_to_them(site: Flask) -> None:
    first, second = say("rhea", "One"), say("ravi", "Two")
    age()

    def edit(_: int) -> None:
        """Between two batches, as by another process."""
        db.session.execute(
            update(Comment).where(Comment.id == second.id).values(body="New", html="<p>New</p>")
        )

    stale = rerender._STALE_COMMENTS.order_by(Comment.id)
    rows = db.session.execute(stale).all()
    edit(0)
    done = rerender._store_comments([(found, "<p>made</p>", "made") for found in rows])
    db.session.commit()
    assert done == 1
    assert (fresh(first).html, fresh(second).html) == ("<p>made</p>", "<p>New</p>")


def test_a_text_beyond_the_limit_keeps_its_html(
    site: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    long, short = say("rhea", "One"), say("ravi", "Two")
    age()
    long.body = "a" * (text.SOURCE_MAX + 1)
    db.session.commit()
    assert rerender.rerender_texts() == 1
    assert fresh(long).html == OLD
    assert fresh(short).html == "<p>Two</p>\n"
    assert "keeps the HTML" in caplog.text


def test_the_command_tells_how_many_were_made_anew(site: Flask) -> None:
    comment = say("rhea", "A `word`")
    age(comment)
    assert run(site, "text", "rerender").output.endswith("Made anew: 1 text.\n")
    assert run(site, "text", "rerender").output.endswith("Made anew: 0 texts.\n")
    assert "<code>word</code>" in Browser(site).get("/articles/story").text


def test_an_author_can_save_an_edit_that_was_open_meanwhile(site: Flask) -> None:
    comment = say("rhea", "Before")
    version = comment.version
    age(comment)
    rerender.rerender_texts()
    assert fresh(comment).version == version
    assert comment.author == person("rhea")
    assert comment.edited_at is None
