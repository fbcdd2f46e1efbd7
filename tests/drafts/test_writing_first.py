"""Write first, sign in after: what a stranger wrote is kept, and posted when they are known."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from app import clock
from app.accounts.models import UserSession
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from app.drafts.models import UNSENT_LIFE, UNSENT_TRUSTED, UnsentText
from app.screening import operations
from app.screening.models import WordKind
from tests.conftest import PASSWORD, Browser, person, say, story

Browse = Callable[..., Browser]
HERE = "/articles/story/comments"
OURS = {"Sec-Fetch-Site": "same-origin"}


def write(stranger: Browser, body: str = "Words of a stranger.", **fields: object) -> str:
    """Send the box as a stranger's browser does, without a token; returns where it leads."""
    answer = stranger.post(HERE, {"body": body, **fields}, token=None, headers=OURS)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def sign_in(stranger: Browser, way: str, name: str = "rhea", password: str = PASSWORD) -> str:
    target = unquote(way.partition("next=")[2])
    form = {"name": name, "password": password, "next": target}
    answer = stranger.post("/sign-in", form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def join(stranger: Browser, name: str = "newcomer") -> str:
    form = {"name": name, "password": "a-long-enough-phrase", "agreed": "y", "next": "/about"}
    answer = stranger.post("/join", form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def asked(page: str) -> list[dict[str, str]]:
    """Return the forms of the page that asks, as Post would send them."""
    forms = re.findall(r'<form class="compose" id="(kept-\d+)".*?</form>', page, re.S)
    found = []
    for dom in forms:
        form = page[page.index(f'id="{dom}"') :].partition("</form>")[0]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        words = re.findall(r"<textarea[^>]*>(.*?)</textarea>", form, re.S)[0]
        found.append(fields | {"body": words})
    return found


def written(ago: timedelta) -> None:
    """As if all kept texts had been written so long ago."""
    db.session.execute(update(UnsentText).values(created_at=clock.now() - ago))
    db.session.commit()


def comments() -> list[Comment]:
    db.session.expire_all()
    return db.session.query(Comment).order_by(Comment.id).all()


def test_a_visitors_page_has_a_box_and_is_still_the_same_for_all(browse: Browse) -> None:
    first, second = browse().get("/articles/story"), browse().get("/articles/story")
    assert first.data == second.data
    assert "Set-Cookie" not in first.headers
    assert 'name="body"' in first.text
    assert "csrf_token" not in first.text


def test_who_signs_in_is_shown_what_was_written_and_posts_it_themselves(browse: Browse) -> None:
    stranger = browse()
    way = write(stranger)
    assert way.startswith("/sign-in?next=")
    assert "choose whether to post it" in stranger.get(way).text
    there = sign_in(stranger, way)
    assert there == "/kept?next=/articles/story"
    page = stranger.get(there).text
    (form,) = asked(page)
    assert form["body"] == "Words of a stranger."
    assert 'href="/articles/story">' in page  # not now
    assert comments() == []
    answer = stranger.post(HERE, form)
    assert answer.status_code == 303
    (made,) = comments()
    assert (made.body, made.author_id, made.status) == (
        "Words of a stranger.",
        person("rhea").id,
        S.PUBLISHED,
    )
    after = stranger.get(str(answer.location)).text
    assert f"u-0-a-{story().id}" in after  # the browser's own draft may go
    assert "Text not posted yet" not in after
    assert db.session.query(UnsentText).count() == 0


def test_who_joins_in_the_same_visit_has_it_posted_through_the_same_pipeline(
    browse: Browse,
) -> None:
    stranger = browse()
    write(stranger, "See https://example.org/new")
    written(UNSENT_TRUSTED - timedelta(minutes=5))
    assert "it is posted for you" in stranger.get("/join").text
    there = join(stranger)
    (made,) = comments()
    assert made.author is not None
    assert (made.author.name, made.status) == ("newcomer", S.PENDING)
    assert f"c={made.id}" in there


def test_a_reply_lands_below_the_comment_that_it_answers(browse: Browse) -> None:
    above, stranger = say("ravi", "A claim."), browse()
    assert "Post reply" in stranger.get(f"/c/{above.id}/reply").text
    write(stranger, "An answer.", parent_id=above.id)
    join(stranger)
    made = comments()[-1]
    assert (made.parent_id, made.body) == (above.id, "An answer.")


def test_htmx_is_led_to_sign_in_as_a_page(browse: Browse) -> None:
    answer = browse().post(HERE, {"body": "Words."}, token=None, headers=OURS, htmx=True)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")
    assert db.session.query(UnsentText).count() == 1


def test_a_session_that_ended_while_somebody_wrote_loses_nothing(browse: Browse) -> None:
    rhea = browse("rhea")
    token = rhea.token()
    db.session.execute(update(UserSession).values(revoked_at=clock.now()))
    db.session.commit()
    answer = rhea.post(HERE, {"body": "A long text."}, token=token, headers=OURS)
    assert answer.status_code == 303
    assert sign_in(rhea, str(answer.location)).startswith("/kept?")
    (form,) = asked(rhea.get("/kept").text)
    assert rhea.post(HERE, form).status_code == 303
    assert [made.body for made in comments()] == ["A long text."]


@pytest.mark.parametrize("body", ["", "   ", "x" * 5_001])
def test_a_text_that_cannot_be_posted_is_refused_before_signing_in(
    browse: Browse, body: str
) -> None:
    answer = browse().post(HERE, {"body": body}, token=None, headers=OURS)
    assert answer.status_code == 422
    assert 'id="compose-error"' in answer.text
    assert db.session.query(UnsentText).count() == 0


def test_what_the_site_refuses_after_joining_is_shown_with_the_reason(browse: Browse) -> None:
    operations.add_word(None, WordKind.BANNED, "dross")
    stranger = browse()
    write(stranger, "All of it dross.")
    assert join(stranger) == "/kept?next=/about"
    page = stranger.get("/kept").text
    assert "does not allow" in page
    assert "All of it dross." in page
    assert comments() == []
    assert "does not allow" in stranger.get("/kept").text  # also when it is loaded again
    stranger.post(HERE, {"body": "Something else entirely."})
    assert "All of it dross." in stranger.get("/kept").text
    key = re.findall(r'name="submission" value="([^"]+)"', page)[0]
    form = {"body": "All of it fine.", "submission": key}
    assert stranger.post(HERE, form).status_code == 303
    assert stranger.get("/kept").status_code == 410


def test_a_question_before_posting_is_asked_after_joining(browse: Browse) -> None:
    stranger = browse()
    write(stranger, "WHY DOES NOBODY READ THE PAPER")
    join(stranger)
    page = stranger.get("/kept").text
    assert "capitals" in page
    assert "Post anyway" in page
    assert "Error" not in page


def test_all_that_a_stranger_wrote_is_posted(browse: Browse) -> None:
    stranger = browse()
    for words in ("The first.", "The second."):
        write(stranger, words)
    join(stranger)
    assert [made.body for made in comments()] == ["The first.", "The second."]


def test_what_waits_is_shown_where_one_signs_in_and_can_be_discarded(browse: Browse) -> None:
    stranger = browse()
    way = write(stranger, "Not to be posted by whoever comes next.")
    assert "Not to be posted" in stranger.get(way).text
    assert stranger.post("/kept/discard", {"next": "/articles/story"}).status_code == 303
    assert "Not to be posted" not in stranger.get("/sign-in").text
    sign_in(stranger, way)
    assert comments() == []
    assert db.session.query(UnsentText).count() == 0


def test_another_browser_cannot_post_it(browse: Browse) -> None:
    write(browse())
    other = browse()
    sign_in(other, "/sign-in?next=/")
    assert comments() == []


@pytest.mark.both_engines  # times, and rows that others hold are skipped
def test_a_kept_text_is_forgotten_after_a_day(browse: Browse) -> None:
    stranger = browse()
    way = write(stranger)
    db.session.execute(update(UnsentText).values(created_at=clock.now() - UNSENT_LIFE))
    db.session.commit()
    assert "Words of a stranger." not in stranger.get(way).text
    page = stranger.get(sign_in(stranger, "/sign-in?next=/articles/story")).text
    assert "was kept for 24 hours and is gone" in page
    assert comments() == []
    write(browse(), "Another.")
    assert [text.body for text in db.session.query(UnsentText)] == ["Another."]
    assert timedelta(hours=24) == UNSENT_LIFE


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_a_form_of_another_site_keeps_nothing(browse: Browse, headers: dict[str, str]) -> None:
    answer = browse().post(HERE, {"body": "Not mine."}, token=None, headers=headers)
    assert answer.status_code == 403
    assert "Not mine." in answer.text
    assert db.session.query(UnsentText).count() == 0


def test_keeping_is_limited_by_address(browse: Browse, limits: None) -> None:
    for number in range(10):
        write(browse(), f"Text {number}.")
    answer = browse().post(HERE, {"body": "One more."}, token=None, headers=OURS)
    assert answer.status_code == 429
    assert "One more." in answer.text


def test_only_a_hash_of_the_key_is_stored(site: Flask, browse: Browse) -> None:
    stranger = browse()
    write(stranger)
    with stranger.client.session_transaction() as session:
        key = session["unsent"][0]
    assert key not in db.session.query(UnsentText).one().token_hash


@pytest.mark.both_engines  # sums in SQL
def test_the_texts_of_strangers_have_an_end_for_the_whole_site(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.drafts.operations.UNSENT_MAX", 2)
    strangers = [browse() for _ in range(2)]
    for stranger in strangers:
        write(stranger)
    form = {"body": "One text too many"}
    answer = browse().post(HERE, form, token=None, headers=OURS)
    assert answer.status_code == 409
    assert "Too many texts wait for their writers just now." in answer.text
    assert "One text too many</textarea>" in answer.text
    assert db.session.query(UnsentText).count() == 2
    with time_machine.travel(clock.now() + UNSENT_LIFE + timedelta(minutes=1)):
        write(browse())  # what nobody came back for makes room
