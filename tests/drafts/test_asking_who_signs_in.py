"""Who signs in to an account that was there is asked about what was written here before."""

import re
from collections.abc import Callable

from sqlalchemy import update

from app import clock
from app.accounts.models import UserSession
from app.comments import operations
from app.db.base import db
from app.drafts.models import UNSENT_A_BROWSER, UNSENT_LIFE, UNSENT_TRUSTED, UnsentText
from tests.audit.test_audit import failing
from tests.conftest import PASSWORD, Browser, person, say
from tests.drafts.test_writing_first import HERE, asked, comments, join, sign_in, write, written

Browse = Callable[..., Browser]


def end_sessions() -> None:
    """End every session on the server; the browsers keep their cookies."""
    db.session.execute(update(UserSession).values(revoked_at=clock.now()))
    db.session.commit()


def test_the_words_of_one_are_never_posted_under_the_name_of_the_next(browse: Browse) -> None:
    shared = browse()
    write(shared, "Words of the first.")
    shared.get(sign_in(shared, "/sign-in?next=/about", "ravi"))
    for path in ("/about", "/articles/story", "/kept", "/u/ravi"):
        shared.get(path)
    assert comments() == []
    shared.post("/sign-out")
    assert sign_in(shared, "/sign-in?next=/about", "mo") == "/about"  # gone with who was asked
    assert shared.get("/kept").status_code == 410
    later = browse()
    write(later, "Words of an hour ago.")
    written(UNSENT_TRUSTED)
    assert "choose whether to post it" in later.get("/join").text
    assert join(later) == "/kept?next=/about"
    assert comments() == []


def test_who_signs_in_is_asked_once_and_finds_it_in_the_menu_for_a_day(browse: Browse) -> None:
    stranger = browse()
    sign_in(stranger, write(stranger, "The first."))
    assert "Text not posted yet" in stranger.get("/about").text
    # Their session ends on the server: the same browser, and a question that was asked.
    end_sessions()
    assert sign_in(stranger, "/sign-in?next=/about") == "/about"
    assert [form["body"] for form in asked(stranger.get("/kept").text)] == ["The first."]
    end_sessions()
    way = write(stranger, "The second.")
    assert sign_in(stranger, way).startswith("/kept?")
    assert [form["body"] for form in asked(stranger.get("/kept").text)] == [
        "The first.",
        "The second.",
    ]
    written(UNSENT_LIFE)
    assert stranger.get("/kept").status_code == 410
    assert "Text not posted yet" not in stranger.get("/about").text


def test_each_of_several_texts_is_posted_or_discarded_by_itself(browse: Browse) -> None:
    above, stranger = say("ravi", "A claim."), browse()
    for number in range(UNSENT_A_BROWSER):
        write(stranger, f"Text {number}.", parent_id=above.id if number == 1 else "")
    there = sign_in(stranger, "/sign-in?next=/about")
    page = stranger.get(there).text
    assert len(set(re.findall(r'id="([^"]+)"', page))) == len(re.findall(r'id="([^"]+)"', page))
    forms = asked(page)
    assert [form["body"] for form in forms] == [f"Text {n}." for n in range(UNSENT_A_BROWSER)]
    assert forms[1]["parent_id"] == str(above.id)
    for form in forms[:2]:
        assert stranger.post(HERE, form).status_code == 303
    assert [(made.body, made.parent_id) for made in comments()[1:]] == [
        ("Text 0.", None),
        ("Text 1.", above.id),
    ]
    page = stranger.get("/kept").text
    numbers = re.findall(r'name="text" value="(\d+)"', page)
    assert len(numbers) == len(asked(page)) == UNSENT_A_BROWSER - 2
    strange = browse("mo").post("/kept/discard", {"text": numbers[0]})
    assert strange.status_code == 303
    for number in numbers:
        answer = stranger.post("/kept/discard", {"text": number, "next": "/about"})
        last = number == numbers[-1]
        assert answer.location == ("/about" if last else "/kept?next=/about")
        db.session.expire_all()
        assert db.session.get(UnsentText, int(number)) is None
    assert stranger.get("/kept").status_code == 410
    assert len(comments()) == 3


def test_who_comes_next_to_the_browser_is_asked_as_well(browse: Browse) -> None:
    shared = browse()
    sign_in(shared, write(shared, "Words of the first."))
    end_sessions()
    assert sign_in(shared, "/sign-in?next=/about", "ravi").startswith("/kept?")
    assert comments() == []


def test_a_failure_on_joining_loses_no_text(browse: Browse) -> None:
    stranger = browse()
    way = write(stranger, "Words to keep.")
    with failing("INSERT INTO comments"):
        form = {"name": "newcomer", "password": PASSWORD, "agreed": "y"}
        assert stranger.post(way.replace("/sign-in", "/join"), form).status_code == 503
    assert comments() == []
    assert [form["body"] for form in asked(stranger.get("/kept").text)] == ["Words to keep."]


def test_a_reply_to_what_is_gone_is_no_new_thread(browse: Browse) -> None:
    above, stranger = say("ravi", "A claim."), browse()
    operations.delete(person("ravi"), above)
    for htmx in (False, True):
        form = {"body": "An answer.", "parent_id": str(above.id), "submission": "a" * 16}
        own = {"Sec-Fetch-Site": "same-origin"}
        answer = stranger.post(HERE, form, htmx=htmx, token=None, headers=own)
        assert (answer.status_code, "An answer." in answer.text) == (404, True)
    assert db.session.query(UnsentText).count() == 0
