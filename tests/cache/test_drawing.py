"""What is kept of drawn comments never shows: a page is the same as one that is drawn anew."""

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from app import clock
from app.accounts import operations as accounts
from app.accounts.roles import Role
from app.articles import operations as articles
from app.articles.enums import ArticleStatus, CommentsMode
from app.articles.models import Article
from app.cache.store import Store
from app.comments import operations
from app.comments.enums import Sort
from app.comments.models import Comment
from app.db.base import db
from app.members import operations as personal
from app.members import read_marks as arrivals
from app.members.models import FollowState
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason, ReportReason
from app.reactions import operations as reactions
from tests.conftest import Browser, fresh, make_article, person, say, story

Browse = Callable[..., Browser]
READERS = (None, "rhea", "ravi", "mo")
# What differs between two answers to one question: tokens and keys of forms, the time, and the
# id of the request.
OWN = re.compile(r'name="(csrf_token|submission)" value="[^"]*"|just now|\d+ min ago|[0-9a-f]{16}')


def pages(browsers: list[Browser], comment: Comment) -> list[str]:
    addresses = (
        "/articles/story?sort=best",
        "/articles/story?sort=newest",
        f"/articles/story?c={comment.id}",
        "/articles/story?new=1&since=1",
    )
    return [OWN.sub("", browser.get(path).text) for browser in browsers for path in addresses]


def test_after_every_act_each_reader_sees_what_a_fresh_process_would_show(
    site: Flask, browse: Browse
) -> None:
    store = site.extensions["pagestore"]
    browsers = [browse(name) for name in READERS]
    top = say("rhea", "A claim with a [link](https://example.org/a).")
    reply = say("ravi", "An answer.", top)
    deep = say("nils", "And more.", reply)

    def same_for_all() -> None:
        warm = pages(browsers, reply)
        store.forget()
        assert pages(browsers, reply) == warm

    def edit() -> None:
        made = fresh(top)
        operations.edit(person("rhea"), made, "Another claim.", made.version)

    def older() -> None:
        for comment in db.session.query(Comment):
            comment.created_at -= timedelta(hours=2)
        db.session.commit()
        store.forget()  # no act does this

    def reword() -> None:
        story().headline, story().summary_html = "Another headline", "<p>Another summary.</p>"
        story().organisation.name = "Another lab"
        story().version += 1
        db.session.commit()

    def reject() -> None:
        moderation.reject(person("mo"), fresh(deep), fresh(deep).version, RejectReason.SPAM)

    def role() -> None:
        accounts.set_role("ravi", Role.MODERATOR)
        browsers[2] = browse("ravi")

    acts: list[Callable[[], object]] = [
        lambda: None,
        lambda: reactions.vote(person("ravi"), fresh(top), 1),
        lambda: reactions.vote(person("mo"), fresh(reply), -1),
        lambda: moderation.report(person("rhea"), fresh(reply), ReportReason.SPAM),
        lambda: personal.save_comment(person("rhea"), fresh(reply)),
        lambda: reactions.disagree(person("mo"), fresh(reply), 1),
        lambda: reactions.pick(person("edda"), fresh(reply), "adds data"),
        edit,
        older,
        lambda: personal.mute(person("rhea"), person("ravi")),
        lambda: personal.set_reading(person("ravi"), Sort.OLDEST, shortcuts=False),
        lambda: personal.mute_word(person("ravi"), "claim", None),
        lambda: arrivals.mark_read(person("ravi"), story(), 1),
        lambda: personal.set_follow(person("rhea"), story(), FollowState.MUTED),
        reword,
        lambda: make_article("next"),
        lambda: say("mo", "One more answer.", fresh(top)),
        lambda: articles.set_discussion("story", mode=CommentsMode.CLOSED),
        lambda: articles.set_discussion("story", mode=CommentsMode.OPEN),
        role,
        reject,
        lambda: operations.remove_name(person("ravi"), fresh(reply)),
    ]
    for act in acts:
        act()
        same_for_all()
    assert story().comment_count == 3
    assert "Another headline" in browsers[0].get("/articles/story").text
    assert clock.now() > fresh(top).created_at


def other_value(name: str, value: object) -> object:
    """Another value for a column of a story."""
    states = {
        "status": ArticleStatus.DRAFT,
        "comments_mode": CommentsMode.CLOSED,
        "close_after_days": 0,
        "withdrawn_at": clock.now(),
        "updated_at": clock.now(),
        "published_at": clock.now() + timedelta(days=1),
        "takeaways": ["Another point"],
    }
    if name in states:
        return states[name]
    if isinstance(value, bool):
        return not value
    return value + 60 if isinstance(value, int) else f"another-{value}"


def test_no_column_of_a_story_is_forgotten_in_what_is_kept_of_its_comments(
    browse: Browse, site: Flask
) -> None:
    """Nobody but an editor reads below a story that is not public, so an editor reads it too."""
    store = site.extensions["pagestore"]
    readers = [browse(name) for name in ("ravi", "edda")]
    comment = say("rhea", "A claim.")
    here = db.session.query(Article).filter_by(id=comment.article_id)

    def read() -> list[str]:
        path = f"/articles/{here.one().slug}?sort=best"
        return [OWN.sub("", reader.get(path).text) for reader in readers]

    filed_under = {"id", "organisation_id", "category_id", "created_at"}
    stale = []
    for name in [c.key for c in Article.__table__.columns if c.key not in filed_under]:
        read()
        before = getattr(here.one(), name)
        here.update({name: other_value(name, before)})
        here.update({"version": Article.version + 1})  # whoever changes a story moves it
        db.session.commit()
        warm = read()
        store.forget()
        if read() != warm:
            stale.append(name)
        here.update({name: before})
        db.session.commit()
    assert stale == []


def test_an_article_is_found_at_its_new_address_at_once(browse: Browse) -> None:
    readers = [browse(name) for name in READERS]
    for slug, former in (("renamed", "story"), ("story", "renamed")):
        for reader in readers:
            assert reader.get(f"/articles/{former}").status_code == 200
        articles.change_slug(former, slug)
        for reader in readers:
            assert reader.get(f"/articles/{former}").location == f"/articles/{slug}"
            assert f"/articles/{slug}/comments" in reader.get(f"/articles/{slug}").text


def test_what_is_kept_of_a_page_holds_nothing_of_who_read_it_first(browse: Browse) -> None:
    personal.set_reading(person("ravi"), Sort.BEST, shortcuts=False)
    say("rhea", "A claim.")
    first, other = browse("ravi"), browse("rhea")
    for _ in range(2):
        assert "They are off in your" in first.get("/articles/story").text
        page = other.get("/articles/story").text
        assert "They are off in your" not in page
        assert "ravi" not in page


def test_a_store_stays_within_its_bound_and_keeps_what_is_asked_for() -> None:
    store = Store(100)
    for number in range(10):
        store.put(number, str(number), 10)
    assert store.get(0) == "0"
    store.put("late", "x", 10)
    assert store.get(1) is None
    assert store.get(0) == "0"
    store.put("huge", "x", 101)
    assert store.get("huge") is None
