"""A member's public page, and the one choice that a visitor has."""

from collections.abc import Callable

import pytest
from flask import Flask

from app import clock
from app.accounts.models import User
from app.articles.enums import ArticleStatus
from app.comments.enums import CommentStatus
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from tests.conftest import Browser, make_article, person, say
from tests.web.apps import ADDRESS, production

Browse = Callable[..., Browser]


def test_a_profile_shows_published_comments_of_public_articles_newest_first(
    browse: Browse,
) -> None:
    say("rhea", "The first one")
    say("rhea", "The second one")
    text = browse().get("/u/RHEA").text
    assert "<h1>rhea</h1>" in text
    assert text.index("The second one") < text.index("The first one")
    assert 'href="/articles/story?c=1#c-1"' in text


def test_what_is_not_public_is_on_no_profile(browse: Browse) -> None:
    pending = say("nils", "Pending https://example.org/x")
    assert pending.status == CommentStatus.PENDING
    rejected = say("nils", "Rejected words")
    moderation.reject(person("mo"), rejected, rejected.version, RejectReason.SPAM)
    article = make_article("soon")
    say("nils", "Below a draft", article=article)
    article.status = ArticleStatus.DRAFT
    db.session.commit()
    for who in (None, "rhea", "nils", "mo", "ada"):
        text = browse(who).get("/u/nils").text
        assert "No comments yet." in text
        for words in ("Pending", "Rejected words", "Below a draft"):
            assert words not in text


@pytest.mark.both_engines  # paging
def test_a_long_profile_goes_on_over_pages(browse: Browse) -> None:
    for number in range(23):
        say("rhea", f"Comment number {number}.")
    first = browse().get("/u/rhea").text
    assert first.count('class="comment profile-comment"') == 20
    assert "number 3." in first
    assert "number 2." not in first
    second = browse().get("/u/rhea?before=4").text
    assert 'href="/u/rhea?before=4"' in first
    assert second.count('class="comment profile-comment"') == 3
    assert "Older comments" not in second


@pytest.mark.parametrize("path", ["/u/nobody", "/u/imported:abc", "/u/Guest", "/u/rhea/x.css"])
def test_nobody_and_imported_authors_have_no_profile(browse: Browse, path: str) -> None:
    guest = User(name="Guest", name_key="imported:abc", imported=True, created_at=clock.now())
    db.session.add(guest)
    db.session.commit()
    assert browse().get(path).status_code == 404


def test_staff_are_named_as_such(browse: Browse) -> None:
    assert '<span class="badge staff">MOD</span>' in browse().get("/u/mo").text
    assert 'class="badge' not in browse().get("/u/rhea").text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_kept_in_a_cookie_of_its_own(browse: Browse, theme: str) -> None:
    visitor = browse()
    answer = visitor.post("/theme", {"theme": theme, "next": "/topics"})
    assert (answer.status_code, answer.location) == (303, "/topics")
    cookie = visitor.client.get_cookie("theme")
    assert cookie is not None
    assert (cookie.value, cookie.http_only, cookie.same_site) == (theme, True, "Lax")
    assert f'<html lang="en" data-theme="{theme}">' in visitor.get("/").text


@pytest.mark.parametrize("theme", ["", "purple", '"><script>'])
def test_any_other_theme_goes_back_to_that_of_the_system(browse: Browse, theme: str) -> None:
    visitor = browse()
    visitor.post("/theme", {"theme": "dark"})
    visitor.post("/theme", {"theme": theme})
    assert visitor.client.get_cookie("theme") is None
    assert '<html lang="en">' in visitor.get("/").text


def test_a_theme_cookie_made_by_hand_is_never_drawn(browse: Browse) -> None:
    visitor = browse()
    visitor.client.set_cookie("theme", '"><script>alert(1)</script>')
    assert '<html lang="en">' in visitor.get("/").text


def test_in_production_the_theme_cookie_is_sent_over_https_only(site: Flask) -> None:
    with production(site) as app:
        visitor = app.test_client()
        page = visitor.get("/theme", base_url=ADDRESS).text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"theme": "dark", "csrf_token": token}
        answer = visitor.post("/theme", data=form, base_url=ADDRESS)
        (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("theme=")]
        assert "; Secure;" in cookie
