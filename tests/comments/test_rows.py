"""A row says of a comment and of a story what the entity says, so whoever reads one may read it."""

from datetime import timedelta

import pytest
from flask import Flask

from app import policy
from app.accounts.models import Visitor
from app.articles.models import Article, ArticleProperties
from app.articles.rows import ArticleRow, get_row
from app.comments import operations, visibility
from app.comments.models import Comment, CommentProperties, make_columns_of_html
from app.comments.rows import CommentRow, list_rows, select_rows
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.policy import Permission, Viewer
from app.reactions import operations as reactions
from tests.conftest import CAST, fresh, make_article, person, say, story

pytestmark = pytest.mark.both_engines  # types of columns, as each driver returns them

SAME_NAMES = ("id", "name", "role", "imported", "slug", "logo")


def make_comments() -> None:
    """Add a comment in each state, by different people, with what pages can show of one."""
    old = timedelta(hours=2)
    top = say("rhea", "A claim?\n\n" + "A line.\n\n" * 40)
    reply = say("ravi", "An answer.", top)
    say("nils", "See https://example.org/held")
    for who, parent in (("mo", top), ("rhea", reply), ("edda", None), ("ravi", reply)):
        say(who, f"Words of {who}", parent)
    removed, deleted, nameless, html = (
        db.session.query(Comment).order_by(Comment.id.desc()).limit(4)
    )
    reactions.vote(person("rhea"), fresh(reply), 1)
    reactions.pick(person("edda"), fresh(reply), "adds data")
    operations.edit(person("rhea"), fresh(top), "Another claim.", fresh(top).version)
    moderation.reject(person("mo"), fresh(removed), fresh(removed).version, RejectReason.SPAM)
    operations.delete(person("edda"), fresh(deleted))
    for comment in (nameless, top):
        fresh(comment).created_at -= old
        db.session.commit()
    operations.remove_name(person("rhea"), fresh(nameless))
    for name, value in make_columns_of_html("<p>Brought <b>in</b></p>").items():
        setattr(html, name, value)
    person("ravi").imported = True
    db.session.commit()


def list_names(columns: tuple[str, ...], properties: type) -> list[str]:
    """Return the names of columns, and of what follows from them without an argument."""
    follows = [name for name, value in vars(properties).items() if isinstance(value, property)]
    return [*columns, *follows]


def is_same(of_row: object, of_entity: object) -> bool:
    """Return whether two values are equal, or name the same author, category or organisation."""
    if isinstance(of_row, tuple) and not hasattr(of_row, "_fields"):
        assert isinstance(of_entity, list)
        return all(map(is_same, of_row, of_entity)) and len(of_row) == len(of_entity)
    if hasattr(of_row, "_fields"):
        shown = [name for name in SAME_NAMES if hasattr(of_row, name)]
        return all(getattr(of_row, name) == getattr(of_entity, name) for name in shown)
    return type(of_row) is type(of_entity) and of_row == of_entity


def test_a_row_of_a_comment_says_what_the_entity_says(site: Flask) -> None:
    make_comments()
    article = get_row(story().id)
    assert article is not None
    entities = db.session.query(Comment).order_by(Comment.id).all()
    rows = list_rows(select_rows(parents=True).order_by(Comment.id), article)
    assert len(rows) == len(entities) == 7
    for row, entity in zip(rows, entities, strict=True):
        for name in list_names(CommentRow._fields, CommentProperties):
            if not is_same(getattr(row, name), getattr(entity, name)):
                pytest.fail(f"{name} of {entity.id}")
        assert row.is_by(person("rhea").id) is entity.is_by(person("rhea").id)


def test_nobody_may_do_more_or_less_to_a_row_than_to_the_entity(site: Flask) -> None:
    make_comments()
    make_article("closed", comments_mode="closed")
    say("rhea", "Below another story.", article=make_article("hidden"))
    story("hidden").status = "draft"
    db.session.commit()
    viewers: list[Viewer] = [Visitor(), *(person(name) for name in CAST)]
    of_comments = [p for p in Permission if p.startswith("comment:")]
    for entity in db.session.query(Comment).order_by(Comment.id):
        article = get_row(entity.article_id)
        assert article is not None
        (row,) = list_rows(select_rows().where(Comment.id == entity.id), article)
        for viewer in viewers:
            assert visibility.of(viewer, row) is visibility.of(viewer, entity)
            for permission in of_comments:
                subjects = (row, entity) if permission != Permission.COMMENT_CREATE else ()
                refusals = [str(policy.refusal(viewer, permission, each)) for each in subjects]
                assert len(set(refusals)) < 2, (viewer.name, permission, entity.id)
    for found in db.session.query(Article):
        article = get_row(found.id)
        for permission in (Permission.ARTICLE_READ, Permission.COMMENT_CREATE):
            for viewer in viewers:
                said = {str(policy.refusal(viewer, permission, each)) for each in (article, found)}
                assert len(said) == 1


def test_a_row_of_a_story_says_what_the_entity_says(site: Flask) -> None:
    make_article("full", topics=["Open Source", "Chips", "Law"], close_after_days=3)
    make_article("bare", topics=[], opinion="", slow_seconds=60, updated_at=None)
    for entity in db.session.query(Article):
        row = get_row(entity.id)
        for name in list_names(ArticleRow._fields, ArticleProperties):
            assert is_same(getattr(row, name), getattr(entity, name)), (entity.slug, name)
    assert get_row(9_999) is None
