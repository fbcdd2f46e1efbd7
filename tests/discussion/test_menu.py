"""The menu of what is wanted now and then with a comment: a fragment, and a page of its own."""

import re
from collections.abc import Callable

import pytest

from app.comments import operations
from app.db.base import db
from app.members import operations as members
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions import operations as reactions
from tests.conftest import Browser, fresh, person, say, story

Browse = Callable[..., Browser]
BOTH = pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])


def acts(html: str) -> list[str]:
    """Return the words that are seen of each act of a menu, in their order."""
    inside = html[html.index('<div class="acts">') :]
    inside = inside[: inside.index("</div>")]
    inside = re.sub(r'<span class="visually-hidden">.*?</span>', "", inside, flags=re.DOTALL)
    acts = re.findall(r"<(?:a|button)\b[^>]*>(.*?)</(?:a|button)>", inside, re.DOTALL)
    return [re.sub("<[^>]*>", "", act).strip() for act in acts]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("ravi", ["Save", "I disagree", "Mute", "Only comments by rhea"]),
        ("rhea", ["Save", "Only comments by rhea"]),
        ("mo", ["Save", "I disagree", "Mute", "Only comments by rhea", "Pick", "Moderate"]),
    ],
)
@BOTH
def test_the_page_has_the_same_acts_as_the_menu(
    browse: Browse, who: str, expected: list[str], htmx: bool
) -> None:
    comment = say("rhea", "Words")
    answer = browse(who).get(f"/c/{comment.id}/acts", htmx=htmx)
    assert answer.status_code == 200
    assert acts(answer.text) == expected


def test_the_menu_takes_the_place_of_its_link_and_is_open(browse: Browse) -> None:
    comment, ravi = say("rhea", "Words"), browse("ravi")
    link = re.search(rf'<a id="c-{comment.id}-acts"[^>]*>', ravi.get("/articles/story").text)
    assert link is not None
    assert f'href="/c/{comment.id}/acts"' in link[0]
    assert f'hx-get="/c/{comment.id}/acts" hx-swap="outerHTML"' in link[0]
    assert 'aria-expanded="false"' in link[0]
    menu = ravi.get(f"/c/{comment.id}/acts", htmx=True)
    assert menu.headers["BB-Fragment"] == "1"
    assert '<details class="menu actions-menu" open>' in menu.text
    summary = re.search(rf'<summary [^>]*id="c-{comment.id}-acts">', menu.text)
    assert summary is not None, "htmx gives the focus to what has the id of the link"
    assert "bb:focus" not in menu.headers.get("HX-Trigger-After-Settle", "")


def test_the_page_leads_back_and_shows_what_it_is_about(browse: Browse) -> None:
    comment = say("rhea", "Words")
    page = browse("ravi").get(f"/c/{comment.id}/acts").text
    assert '<h1 class="page-header">More to do with a comment</h1>' in page
    assert '<blockquote class="quoted">' in page
    assert f'class="back-link" href="/articles/story?c={comment.id}#c-{comment.id}"' in page


@BOTH
def test_it_shows_what_one_did_already(browse: Browse, htmx: bool) -> None:
    comment, ravi = say("rhea", "Words"), browse("ravi")
    members.save_comment(person("ravi"), comment)
    members.mute(person("ravi"), person("rhea"))
    reactions.disagree(person("ravi"), comment, 1)
    found = acts(ravi.get(f"/c/{comment.id}/acts", htmx=htmx).text)
    assert found[:3] == ["Saved", "You disagree", "Unmute"]
    found = acts(browse("nils").get(f"/c/{comment.id}/acts", htmx=htmx).text)
    assert found[:3] == ["Save", "I disagree", "Mute"]


def test_a_visitor_has_no_menu_and_signs_in_for_its_page(browse: Browse) -> None:
    comment = say("rhea", "Words")
    assert "/acts" not in browse().get("/articles/story").text
    answer = browse().get(f"/c/{comment.id}/acts")
    assert answer.location == f"/sign-in?next=/c/{comment.id}/acts"
    assert browse().get(f"/c/{comment.id}/acts", htmx=True).status_code == 401


@BOTH
@pytest.mark.parametrize("end", ["held", "deleted", "removed", "tombstone", "never"])
def test_what_has_no_words_has_no_menu(browse: Browse, end: str, htmx: bool) -> None:
    words = "See https://example.org/held" if end == "held" else "Words"
    comment = say("nils" if end == "held" else "rhea", words)
    expected = {"held": 404, "never": 404}.get(end, 410)
    if end == "tombstone":
        say("mo", "An answer", comment)
    if end in ("deleted", "tombstone"):
        operations.delete(person("rhea"), fresh(comment))
    elif end == "removed":
        moderation.reject(person("mo"), comment, comment.version, RejectReason.SPAM)
    number = 900_000 if end == "never" else comment.id
    answer = browse("ravi").get(f"/c/{number}/acts", htmx=htmx)
    assert answer.status_code == expected
    if htmx:
        assert answer.headers["HX-Retarget"] == f"#c-{number}-slot"


def test_it_is_never_kept_by_a_cache(browse: Browse) -> None:
    comment = say("rhea", "Words")
    for htmx in (False, True):
        answer = browse("ravi").get(f"/c/{comment.id}/acts", htmx=htmx)
        other = browse("ravi").get(f"/c/{comment.id}/report", htmx=htmx)
        for name in ("Cache-Control", "Vary", "ETag"):
            assert answer.headers.get(name) == other.headers.get(name)


def test_a_closed_discussion_keeps_what_is_ones_own(browse: Browse) -> None:
    comment = say("rhea", "Words")
    story().comments_mode = "closed"
    db.session.commit()
    menu = browse("ravi").get(f"/c/{comment.id}/acts", htmx=True)
    assert acts(menu.text) == ["Save", "Mute", "Only comments by rhea"]
