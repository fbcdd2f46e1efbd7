"""No answer tells a hidden comment or story from one that never was, over every route."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import delete, text, update
from werkzeug.test import TestResponse

from app.articles import operations as articles
from app.articles.enums import ArticleStatus
from app.articles.models import Article, ArticleSlug
from app.comments import operations
from app.comments.models import Comment
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason, ReportReason
from app.reactions import operations as reactions
from app.search.models import comment_words
from tests.conftest import Browser, fresh, make_article, person, say, story
from tests.web.routes import Route, routes
from tests.web.test_permissions import FORMS

Browse = Callable[..., Browser]
LINK = "See https://example.org/held"  # from a newcomer it is held
HIGH = 700_000
NEVER = 900_000  # no comment, story or entry has had this id

# Requests that name a comment elsewhere than in their path, with its id in place of {}.
NAMED: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/articles/story?c={}", {}),
    ("GET", "/articles/story/comments?c={}", {}),
    ("GET", "/articles/story/comments?ids={}", {}),
    *(("GET", f"/articles/story?sort={sort}&after={{}}", {}) for sort in ("best", "discussed")),
    ("GET", "/articles/story/comments?sort=controversial&after={}", {}),
    ("GET", "/c/700000/replies?ids={}", {}),
    ("POST", "/articles/story/comments", {"body": "An answer", "parent_id": "{}"}),
    ("POST", "/preview", {"body": "An answer", "article": "story", "parent_id": "{}"}),
    ("POST", "/preview", {"body": "An answer", "article": "story", "comment_id": "{}"}),
    ("POST", "/c/{}/bookmark", {"value": "0"}),
    ("POST", "/c/{}/bookmark", {"value": "0", "dom": "saved-{}"}),
    ("GET", "/c/{}/edit", {"version": "1"}),
    ("POST", "/c/{}/edit", {"body": "", "version": "1"}),
    ("POST", "/c/{}/report", {}),
    ("POST", "/mod/c/{}/reject", {}),
    ("POST", "/mod/c/{}/approve", {"version": "x"}),
]


class Request(NamedTuple):
    method: str
    path: str
    form: dict[str, str]
    htmx: bool


def requests_about(app: Flask, argument: str, named: str) -> Iterator[Request]:
    """Every request that names `named` in the place `argument` of a route, or elsewhere."""
    for route in routes(app):
        if argument in route.arguments:
            form = FORMS.get(route.endpoint, {}) | {"version": "1"}
            for htmx in (False, True):
                yield Request(route.method, _path(app, route, argument, named), form, htmx)
    for method, path, form in NAMED if argument == "comment_id" else ():
        filled = {name: value.format(named) for name, value in form.items()}
        for htmx in (False, True):
            yield Request(method, path.format(named), filled, htmx)
    if argument == "slug":
        yield Request("POST", "/preview", {"body": "Words", "article": named}, True)


def _path(app: Flask, route: Route, argument: str, named: str) -> str:
    values: dict[str, Any] = dict.fromkeys(route.arguments, 2) | {argument: named}
    return app.url_map.bind("localhost").build(
        route.endpoint, {k: v if k == "slug" else int(v) for k, v in values.items()}
    )


class Asking:
    """One person who asks about things, one after the other."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.token = browser.token()

    def told(self, asked: Request, named: str) -> tuple[int, str, dict[str, str]]:
        """Return the answer without what is of one request and without the name of the thing."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        if asked.method == "GET":
            answer = self.browser.get(asked.path, htmx=asked.htmx, headers=headers)
        else:
            answer = self.browser.post(
                asked.path, asked.form, htmx=asked.htmx, token=self.token, headers=headers
            )
        return answer.status_code, _plain(answer.text, named), _headers(answer, named)


def _plain(shown: str, named: str) -> str:
    shown = re.sub(r'name="(csrf_token|submission)" value="[^"]*"|[0-9a-f]{16}', "", shown)
    shown = re.sub(r"just now|\d+ min ago|datetime=\"[^\"]*\"", "", shown)
    if named.isdecimal() and int(named) < HIGH:  # an entry's: a page holds more such numbers
        return shown.replace(f"/undo/{named}", "/undo/IT")
    return re.sub(rf"(?<![0-9a-z]){re.escape(named)}(?![0-9a-z])", "IT", shown)


def _headers(answer: TestResponse, named: str) -> dict[str, str]:
    own = ("X-Request-ID", "Date", "ETag", "Content-Length", "Set-Cookie")
    found = {name: _plain(value, named) for name, value in answer.headers if name not in own}
    return found | {"cookies": str(len(answer.headers.getlist("Set-Cookie")))}


def oracles(
    browse: Browse, who: dict[str, str | None], argument: str, hidden: list[str], never: str
) -> list[str]:
    """Return the requests whose answer to somebody of `who` tells one of `hidden` from `never`."""
    found = []
    for role, name in who.items():
        asking = Asking(browse(name))
        app = asking.browser.app
        nobodys = [asking.told(asked, never) for asked in requests_about(app, argument, never)]
        for one in hidden:
            for asked, other in zip(requests_about(app, argument, one), nobodys, strict=True):
                mine = asking.told(asked, one)
                if mine != other:
                    way = "HTMX" if asked.htmx else "page"
                    statuses = f"{mine[0]} {other[0]}"
                    found.append(f"{role}: {asked.method} {asked.path} {way}: {statuses}")
    return found


STRANGERS = {"visitor": None, "member": "ravi"}
ALL_BUT_EDITORS = STRANGERS | {"author": "nils", "moderator": "mo"}


@pytest.fixture(autouse=True)
def _high_ids(site: Flask) -> None:
    """Comments get ids that stand for nothing else on a page, so that they can be taken out."""
    comment = say("rhea", "The first of all")
    db.session.execute(delete(comment_words))  # its entry names the id of before
    db.session.execute(update(Comment).where(Comment.id == comment.id).values(id=HIGH))
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT setval('comments_id_seq', :last)"), {"last": HIGH})
    db.session.commit()


def back_to_draft(slug: str) -> Article:
    made = story(slug)
    made.status = ArticleStatus.DRAFT
    db.session.commit()
    return made


def test_a_comment_that_was_never_public_is_as_if_it_had_never_been(browse: Browse) -> None:
    top = say("rhea", "Read by everybody")
    for number in range(3):
        say("rhea", f"More to read {number}")
    reactions.vote(person("ravi"), fresh(top), 1)

    def held(parent: Comment | None = None) -> Comment:
        return say("nils", LINK, parent and fresh(parent))

    rejected, deleted, reply = held(), held(), held(top)
    moderation.reject(person("mo"), rejected, rejected.version, RejectReason.SPAM)
    operations.delete(person("nils"), fresh(deleted))
    hidden = [str(comment.id) for comment in (held(), reply, rejected, deleted)]
    assert oracles(browse, STRANGERS, "comment_id", hidden, str(NEVER)) == []


def test_a_comment_below_a_story_that_is_no_longer_public_is_so_too(browse: Browse) -> None:
    hidden = say("nils", "Words below", article=make_article("laid-aside"))
    say("rhea", "An answer", hidden, article=story("laid-aside"))
    moderation.report(person("rhea"), hidden, ReportReason.SPAM)
    kept = moderation.approve(person("mo"), fresh(hidden), fresh(hidden).version)
    entry_id = kept.id
    back_to_draft("laid-aside")
    who, never = ALL_BUT_EDITORS, str(NEVER)
    comments = oracles(browse, who, "comment_id", [str(hidden.id)], never)
    entries = oracles(browse, who, "entry_id", [str(entry_id)], never)
    assert comments + entries == []


def test_a_story_that_is_not_public_is_as_if_it_had_never_been(browse: Browse) -> None:
    make_article("former", id=HIGH)
    say("nils", "Words below", article=story("former"))
    articles.change_slug("former", "laid-aside")
    assert db.session.get(ArticleSlug, "former") is not None
    article_id = back_to_draft("laid-aside").id
    never_shown = make_article("taken-back", status=ArticleStatus.WITHDRAWN, published_at=None)
    never_shown.withdrawn_at, never_shown.withdrawn_reason = never_shown.created_at, "a secret"
    db.session.commit()
    who, slugs = ALL_BUT_EDITORS, ["laid-aside", "former", "taken-back"]
    found = oracles(browse, who, "slug", slugs, "never-was")
    found += oracles(browse, who, "article_id", [str(article_id)], str(NEVER))
    assert found == []
