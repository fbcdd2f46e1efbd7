"""How a comment is drawn: what its view says, and what the one partial makes of it."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app import clock, policy
from app.accounts.queries import get_by_name
from app.articles.models import Article
from app.comments import operations
from app.comments.enums import DEPTH_MAX
from app.comments.models import Comment
from app.config import ROOT
from app.db.base import db
from app.discussion.comment_viewer import CommentViewer
from app.extensions import login_manager
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.policy import Permission as P
from app.policy import Viewer
from tests.conftest import CAST, Browser, make_article, person, say, story

Browse = Callable[..., Browser]
PARTIAL = ROOT / "templates/discussion/_comment.html"
OFFERED = {
    "answer": P.COMMENT_ANSWER,
    "upvote": P.COMMENT_UPVOTE,
    "report": P.COMMENT_REPORT,
    "act": P.COMMENT_ACTS,
    "edit": P.COMMENT_EDIT,
    "delete": P.COMMENT_DELETE,
    "undelete": P.COMMENT_UNDELETE,
}


def people() -> Iterator[Viewer]:
    yield login_manager.anonymous_user()
    for name in CAST:
        member = get_by_name(name)
        assert member is not None
        yield member


def talk(article: Article) -> list[Comment]:
    """Comments in every state that the rules look at, by several people."""

    def write(who: str, words: str, parent: Comment | None = None) -> Comment:
        return say(who, words, parent, article)

    old, young = write("rhea", "Written long ago"), write("rhea", "Written now")
    nameless, staffs = write("rhea", "Without a name"), write("mo", "From staff")
    answer, deep = write("ravi", "An answer", young), write("ravi", "As deep as it goes", young)
    removed, deleted = write("nils", "To be removed", old), write("ravi", "To be deleted", old)
    write("mo", "What keeps the tombstone", deleted)
    for comment in (old, nameless):
        comment.created_at = clock.now() - timedelta(days=2)
    deep.depth = DEPTH_MAX
    db.session.commit()
    moderation.reject(person("mo"), removed, removed.version, RejectReason.SPAM)
    operations.delete(person("ravi"), deleted)
    operations.remove_name(person("rhea"), nameless)
    held = write("nils", "See https://example.org/held")
    return [old, young, answer, deep, removed, deleted, nameless, held, staffs]


def test_what_a_page_asks_once_is_what_the_rules_say_of_each_comment(site: Flask) -> None:
    """Whoever reads, in whichever order the comments stand, the buttons are those of the rules."""
    open_, shut = talk(story()), talk(make_article("shut"))
    shut[0].article.comments_mode = "closed"
    db.session.commit()
    comments = [*open_, *shut]
    wrong = []
    for viewer in people():
        for order in (comments, comments[::-1]):
            reader = CommentViewer(viewer)
            for comment in order:
                rights = reader.get_rights(comment)
                for name, permission in OFFERED.items():
                    if getattr(rights, name) != policy.allows(viewer, permission, comment):
                        wrong.append(f"{viewer.name}: {name} of {comment.plain}")
                refusal = policy.refusal(viewer, P.COMMENT_DOWNVOTE, comment)
                if rights.no_downvote != (refusal.message if refusal else ""):
                    wrong.append(f"{viewer.name}: downvote of {comment.plain}")
    assert wrong == []


def thread_of(browser: Browser) -> str:
    page = browser.get("/articles/story").text
    return page[page.index('<ol class="thread') : page.index("<footer", page.rindex("</article>"))]


@pytest.mark.parametrize("who", [None, "rhea", "ravi", "edda"])
def test_every_address_of_a_comment_is_one_of_the_site(
    browse: Browse, site: Flask, who: str | None
) -> None:
    """The partial spells its addresses, so that drawing a hundred comments makes none."""
    talk(story())
    adapter = site.url_map.bind("localhost")
    thread = thread_of(browse(who))
    found = set()
    for attribute, address in re.findall(r'\s(href|hx-get|hx-post|formaction)="([^"#]+)"', thread):
        path, query = urlsplit(address)[2:4]
        method = "POST" if attribute in ("hx-post", "formaction") else "GET"
        endpoint, _ = adapter.match(path, method)
        found.add(endpoint)
        if path == "/sign-in":
            adapter.match(query.removeprefix("next="), "GET")
    expected = {"discussion.show_comment", "discussion.open_reply", "activity.show_profile"}
    expected |= {"accounts.sign_in"} if who is None else {"discussion.list_acts", "discussion.vote"}
    assert expected <= found


def test_no_white_space_is_sent_between_the_tags_of_a_comment(browse: Browse) -> None:
    talk(story())
    bodies = re.compile(r'<div class="comment-body.*?</div>', re.DOTALL)
    thread = bodies.sub("", thread_of(browse("edda")))
    assert thread.count('<li class="comment') > 8
    items = re.findall(r'<li class="comment.*</li>', thread, re.DOTALL)
    assert [gap for item in items for gap in re.findall(r">\s+<.{20}", item)] == []


def test_the_partial_asks_nothing() -> None:
    """It fills in strings: no rule, address, time or macro is asked for each comment."""
    source = re.sub(r"\{#.*?#\}", "", PARTIAL.read_text(), flags=re.DOTALL)
    filters = set(re.findall(r"\|\s*(\w+)", source))
    calls = re.findall(r"(\w+)\(", re.sub(r"\{% macro .*?%\}", "", source))
    assert filters == {"stored"}
    assert calls == []
    assert "import" not in source
    assert "include" not in source
