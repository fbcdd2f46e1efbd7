"""Who sees what of a comment: the one definition and its twin in SQL, over every state."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import contains_eager

from app import clock
from app.accounts.models import Visitor
from app.articles import visibility as articles
from app.articles.enums import ArticleStatus
from app.articles.models import Article
from app.comments import operations, visibility
from app.comments.enums import EDIT_WINDOW, UNDO_WINDOW
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.comments.visibility import Visible, sql_of
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.policy import Viewer
from tests.conftest import fresh, make_article, person, say, story

pytestmark = pytest.mark.both_engines  # the SQL twin of the definition

HOUR = timedelta(hours=1)
PEOPLE = ("rhea", "ravi", "nils", "mo", "edda", "ada")
LINK = "See https://example.org/held"  # from a newcomer it is held


def viewers() -> dict[str, Viewer]:
    return {"visitor": Visitor()} | {name: person(name) for name in PEOPLE}


def stories() -> list[Article]:
    """Return a story in each state, with times that have passed, are to come, or are missing."""
    moments = (clock.now() - HOUR, clock.now() + HOUR, None)
    states = enumerate(product(ArticleStatus, moments))
    return [make_article(f"s{i}", status=s, published_at=at) for i, (s, at) in states]


def plant_every_state() -> int:
    """Comments in every state that the columns can hold; return their number."""
    rhea, mo, now = person("rhea").id, person("mo").id, clock.now()
    stories()
    # Published, scheduled and due, a draft, scheduled and to come, withdrawn.
    places = [story(slug).id for slug in ("s6", "s3", "s0", "s4", "s9")]
    deletions = (None, now - UNDO_WINDOW / 2, now - UNDO_WINDOW)
    people = ((rhea, None), (mo, None), (None, None), (None, rhea))  # author, disowned by
    states = product(S, (now, None), (True, False), deletions, people, places)
    rows = [
        {
            "status": status,
            "published_at": published,
            "publicly_listed": listed,
            "deleted_at": deleted,
            "author_id": author,
            "disowned_by": disowner,
            "article_id": place,
            "submission": f"state-{number}",
            "created_at": now,
            "body": "",
            "html": "",
            "pipeline": 1,
        }
        for number, (status, published, listed, deleted, (author, disowner), place) in enumerate(
            states
        )
    ]
    db.session.execute(insert(Comment), rows)
    db.session.commit()
    return len(rows)


def told_apart(viewer: Viewer) -> list[str]:
    """Return the comments of which the definition and its twin say different things to `viewer`."""
    place = contains_eager(Comment.article)
    query = select(Comment, sql_of(viewer)).join(Comment.article).options(place)
    return [
        f"{c.status} {c.published_at} {c.publicly_listed} {c.deleted_at} {c.author_id}: {said}"
        for c, said in db.session.execute(query)
        if visibility.of(viewer, c) != said
    ]


def test_the_definition_and_its_twin_agree_in_every_state(site: Flask) -> None:
    number = plant_every_state()
    wrong = {name: told_apart(viewer) for name, viewer in viewers().items()}
    assert wrong == {name: [] for name in wrong}
    parts = select(
        Comment,
        visibility.sql_has_public_words(),
        visibility.sql_is_visible_to_author(),
        visibility.sql_is_known_to_all(),
    )
    rows = db.session.execute(parts).all()
    for comment, words, stays, known in rows:
        assert bool(words) == visibility.has_public_words(comment)
        assert bool(stays) == visibility.is_visible_to_author(comment)
        if comment.article.is_public:
            assert bool(known) == (visibility.of(Visitor(), comment) is not Visible.HIDDEN)
    assert len(rows) == number


def test_a_story_is_read_by_the_same_people_in_the_database(site: Flask) -> None:
    stories()
    for name, viewer in viewers().items():
        rows = db.session.execute(select(Article, articles.sql_may_read(viewer))).all()
        asked = {a.slug: bool(said) for a, said in rows}
        assert asked == {a.slug: articles.may_read(viewer, a) for a, _ in rows}, name
    public = set(db.session.scalars(select(Article.slug).where(articles.sql_is_public())))
    assert public == {a.slug for a in db.session.query(Article) if a.is_public}


# -- what the acts of people lead to ---------------------------------------------------------------


def long_ago(comment: Comment) -> Comment:
    """As if it had been written, and deleted, before the windows closed."""
    made = fresh(comment)
    made.created_at -= EDIT_WINDOW
    if made.deleted_at:
        made.deleted_at -= UNDO_WINDOW
    db.session.commit()
    return made


def rejected(comment: Comment) -> Comment:
    moderation.reject(person("mo"), comment, fresh(comment).version, RejectReason.SPAM)
    return comment


def deleted(comment: Comment) -> Comment:
    return operations.delete(person("nils"), fresh(comment))


def answered(comment: Comment) -> Comment:
    say("ravi", "An answer", fresh(comment))
    return comment


def held_again(comment: Comment) -> Comment:
    return operations.edit(person("nils"), fresh(comment), LINK, fresh(comment).version)


def disowned(comment: Comment) -> Comment:
    return operations.remove_name(person("nils"), long_ago(comment))


def below_a(status: ArticleStatus, at: timedelta = -HOUR) -> Comment:
    slug = f"{status}-{'to-come' if at > HOUR * 0 else 'by-now'}"
    comment = say("nils", "Words", article=make_article(slug))
    made = story(slug)
    made.status, made.published_at = status, clock.now() + at
    db.session.commit()
    return comment


def words() -> Comment:
    return say("nils", "Words that everybody reads")


def held() -> Comment:
    return say("nils", LINK)


# What its author Nils, a visitor, another member, a moderator and an editor see: its (w)ords,
# a (t)ombstone, that it is (g)one, or (-) nothing.
REACHED: dict[str, tuple[Callable[[], Comment], str]] = {
    "published": (words, "wwwww"),
    "held": (held, "w--ww"),
    "rejected before anybody saw it": (lambda: rejected(held()), "w--tt"),
    "deleted before anybody saw it": (lambda: deleted(held()), "t--tt"),
    "the same, long ago": (lambda: long_ago(deleted(held())), "g--tt"),
    "removed": (lambda: rejected(words()), "wtttt"),
    "deleted": (lambda: deleted(words()), "tggtt"),
    "deleted long ago": (lambda: long_ago(deleted(words())), "gggtt"),
    "deleted above a reply": (lambda: deleted(answered(words())), "ttttt"),
    "the same, long ago ": (lambda: long_ago(deleted(answered(words()))), "ttttt"),
    "held again": (lambda: held_again(words()), "w--ww"),
    "held again above a reply": (lambda: held_again(answered(words())), "wttww"),
    "held again and deleted": (lambda: deleted(held_again(words())), "tggtt"),
    "disowned": (lambda: disowned(words()), "wwwww"),
    "disowned and removed": (lambda: rejected(disowned(words())), "ttttt"),
    "below a draft": (lambda: below_a(ArticleStatus.DRAFT), "----w"),
    "below a story to come": (lambda: below_a(ArticleStatus.SCHEDULED, HOUR), "----w"),
    "below a scheduled one that came": (lambda: below_a(ArticleStatus.SCHEDULED), "wwwww"),
    "below a withdrawn story": (lambda: below_a(ArticleStatus.WITHDRAWN), "----w"),
}
LETTERS = {Visible.WORDS: "w", Visible.TOMBSTONE: "t", Visible.GONE: "g", Visible.HIDDEN: "-"}


def test_what_each_act_leaves_for_each_reader(site: Flask) -> None:
    found, twin = {}, {}
    for name, (make, _) in REACHED.items():
        comment = fresh(make())
        readers = [person("nils"), Visitor(), *map(person, ("ravi", "mo", "edda"))]
        query = select(Comment).join(Comment.article).where(Comment.id == comment.id)
        asked = [query.with_only_columns(sql_of(reader)) for reader in readers]
        found[name] = "".join(LETTERS[visibility.of(reader, comment)] for reader in readers)
        twin[name] = "".join(LETTERS[Visible(db.session.scalars(q).one())] for q in asked)
    assert found == {name: seen for name, (_, seen) in REACHED.items()}
    assert twin == found
