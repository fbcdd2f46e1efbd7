"""Who may do what over the web: every route, against a reviewed table."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.comments import operations
from app.comments.enums import EDIT_WINDOW
from app.comments.models import Comment
from app.db.base import db
from app.drafts import operations as drafts
from app.moderation import operations as moderation
from tests.conftest import Browser, fresh, person, say, story
from tests.web.apps import beside, move
from tests.web.routes import Route, routes

Browse = Callable[..., Browser]

# The comment asked about was written by Rhea: she is its author, Ravi some other reader.
WHO = {"visitor": None, "reader": "ravi", "author": "rhea", "mod": "mo", "ed": "edda", "adm": "ada"}
ALL = set(WHO)
MEMBERS = ALL - {"visitor"}
OTHERS = MEMBERS - {"author"}
AUTHOR = {"author"}
STAFF = {"mod", "ed", "adm"}

ALLOWED = {
    "GET accounts.join": ALL,
    "POST accounts.join": ALL,
    "GET activity.show_profile": ALL,
    "GET accounts.sign_in": ALL,
    "POST accounts.sign_in": ALL,
    "POST accounts.sign_out": MEMBERS,
    "GET site.choose_theme": ALL,
    "POST site.choose_theme": ALL,
    "POST discussion.forget_marks": ALL,
    "GET discussion.poll": ALL,
    "GET discussion.mark_seen": ALL,
    "POST discussion.mark_seen": ALL,
    "GET articles.list_categories": ALL,
    "GET articles.show_category": ALL,
    "GET articles.show_feed": ALL,
    "GET articles.show_front": ALL,
    "GET articles.show_organisation": ALL,
    "GET articles.list_organisations": ALL,
    "GET articles.search": ALL,
    "GET discussion.show_article": ALL,
    "GET articles.show_sitemap": ALL,
    "GET articles.show_topic": ALL,
    "GET articles.list_topics": ALL,
    "POST discussion.create_comment": MEMBERS,
    "GET discussion.delete_comment": AUTHOR,
    "POST discussion.delete_comment": AUTHOR,
    "GET discussion.remove_name": AUTHOR,
    "POST discussion.remove_name": AUTHOR,
    "GET discussion.edit_comment": AUTHOR,
    "POST discussion.edit_comment": AUTHOR,
    "GET discussion.list_acts": MEMBERS,
    "GET discussion.list_comments": ALL,
    "POST discussion.preview_comment": MEMBERS,
    "GET discussion.list_replies": ALL,
    "GET discussion.open_reply": ALL,
    "GET discussion.show_comment": ALL,
    "POST discussion.undelete_comment": AUTHOR,
    "POST discussion.discard_draft": MEMBERS,
    "GET discussion.show_unsent": MEMBERS,
    "GET discussion.complete_names": MEMBERS,
    "POST discussion.save_draft": MEMBERS,
    "GET moderation.show_audit": STAFF,
    "GET moderation.show_comment": STAFF,
    "GET moderation.show_context": STAFF,
    "GET moderation.show_home": STAFF,
    "GET moderation.show_queue": STAFF,
    "GET moderation.reject": STAFF,
    "POST moderation.approve": STAFF,
    "POST moderation.reject": STAFF,
    "POST moderation.undo": STAFF,
    "GET moderation.report": OTHERS,
    "POST moderation.report": OTHERS,
    "GET moderation.show_reported": MEMBERS,
    "GET activity.show_activity": MEMBERS,
    "POST members.bookmark": MEMBERS,
    "POST members.follow": MEMBERS,
    "POST members.mute": OTHERS,
    "POST members.mute_by_name": MEMBERS,
    "POST members.mute_word": MEMBERS,
    "POST members.save_reading": MEMBERS,
    "POST members.save_order": MEMBERS,
    "POST discussion.discard_unsent": ALL,
    "GET members.show_settings": MEMBERS,
    "POST members.unmute": OTHERS,
    "POST members.unmute_word": MEMBERS,
    "POST discussion.disagree": OTHERS,
    "GET discussion.pick": STAFF,
    "POST discussion.pick": STAFF,
    "POST discussion.unpick": STAFF,
    "POST discussion.vote": OTHERS,
    "GET revisions.show_history": ALL,
    "POST revisions.redact": STAFF,
    "GET search.search_inside": ALL,
    "GET site.show_about": ALL,
    "GET site.show_contact": ALL,
    "GET site.check_alive": ALL,
    "GET site.show_privacy": ALL,
    "GET site.check_ready": ALL,
    "GET site.show_robots": ALL,
    "GET site.show_terms": ALL,
    "GET site.show_writing": ALL,
}

# What a person would send, so that only the permission decides.
FORMS = {
    "discussion.mark_seen": {"publish_seq": "1"},
    "discussion.create_comment": {"body": "Some words"},
    "discussion.edit_comment": {"body": "Better words"},
    "discussion.preview_comment": {"body": "Some words", "article": "story"},
    "discussion.discard_draft": {"place": "a-1", "article": "story"},
    "discussion.save_draft": {"place": "a-1", "body": "Half a thought"},
    "moderation.reject": {"reason": "spam"},
    "moderation.report": {"reason": "spam"},
    "members.bookmark": {"value": "1"},
    "members.follow": {"value": "followed"},
    "members.mute_by_name": {"name": "mo"},
    "members.mute_word": {"pattern": "words"},
    "members.save_reading": {"sort": "oldest"},
    "members.save_order": {"sort": "oldest"},
    "discussion.disagree": {"value": "1"},
    "discussion.pick": {"why": "Adds data"},
    "discussion.vote": {"value": "1"},
}


def ask(browser: Browser, route: Route, comment: Comment, htmx: bool = False) -> TestResponse:
    """Ask about `comment`, or about a new one like it where the answer changes it."""
    posts, entry, form = route.method == "POST", 1, dict(FORMS.get(route.endpoint, {}))
    if route.endpoint == "discussion.show_unsent":
        leave_a_text(browser)
    if posts and {"comment_id", "entry_id"} & route.arguments:
        comment = fresh(say("rhea", f"Words for {route}"))
        form |= {"version": comment.version}
    if route.endpoint == "discussion.remove_name":  # it opens when the edit window has closed
        comment = say("rhea", f"Older words for {route}")
        comment.created_at -= EDIT_WINDOW
        db.session.commit()
    if (
        route.endpoint == "discussion.undelete_comment"
    ):  # with a reply, so that everybody knows of it
        say("mo", f"An answer for {route}", comment)
        operations.delete(person("rhea"), comment)
    if "number" in route.arguments:  # an earlier version
        operations.edit(person("rhea"), comment, f"Better words for {route}", comment.version)
    if "entry_id" in route.arguments:
        entry = moderation.approve(person("mo"), comment, comment.version).id
    path = route.path(browser.app, comment.id, entry)
    return browser.post(path, form, htmx=htmx) if posts else browser.get(path, htmx=htmx)


def leave_a_text(browser: Browser) -> None:
    """As if this browser had sent a comment before its owner signed in."""
    with browser.client.session_transaction() as session:
        session["unsent"] = [drafts.keep_unsent(story(), None, "Some words", "")]


def passed(answer: TestResponse) -> bool | str:
    """Return whether the door was open, or the status of an answer that tells neither."""
    to_sign_in = (answer.location or "").startswith("/sign-in")
    if answer.status_code in (401, 403) or (answer.status_code == 303 and to_sign_in):
        return False
    return answer.status_code in (200, 204, 303, 422) or answer.status


def test_the_table_names_every_route_and_no_other(app: Flask) -> None:
    assert {str(route) for route in routes(app)} == set(ALLOWED)


# Who tells whether a route asks for the right permission: a visitor, the one with the fewest
# rights who may, and the one with the most who may not. That a permission is given to the others
# as well, and to nobody else, is tests/test_policy.py's to prove.
ASKED = [
    (ALL, {"visitor"}),
    (MEMBERS, {"visitor", "reader"}),
    (OTHERS, {"visitor", "author", "reader"}),
    (AUTHOR, {"visitor", "reader", "adm", "author"}),
    (STAFF, {"visitor", "author", "mod"}),
]


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_each_route_asks_for_the_permission_of_the_table(browse: Browse, htmx: bool) -> None:
    found, expected = {}, {}
    for who, name in WHO.items():
        browser, comment = browse(name), say("rhea", "Words")
        for route in routes(browser.app):
            allowed = ALLOWED[str(route)]
            if who not in next(asked for people, asked in ASKED if people == allowed):
                continue
            if route.endpoint in ("accounts.sign_out", "discussion.create_comment"):
                continue  # the one ends the session, the other is screened: see below
            found[f"{route} for {who}"] = passed(ask(browser, route, comment, htmx))
            expected[f"{route} for {who}"] = who in allowed
    assert found == expected
    assert len(found) > len(ALLOWED)


def test_who_may_write_and_leave(browse: Browse) -> None:
    found, expected = {}, {}
    for who, name in WHO.items():
        browser, comment = browse(name), say("rhea", "Words")
        for endpoint in ("discussion.create_comment", "accounts.sign_out"):
            (route,) = [r for r in routes(browser.app) if r.endpoint == endpoint]
            found[f"{route} for {who}"] = passed(ask(browser, route, comment))
            expected[f"{route} for {who}"] = who in ALLOWED[str(route)]
    assert found == expected


def test_a_page_that_needs_a_sign_in_offers_it_and_a_fragment_says_so(browse: Browse) -> None:
    assert browse().get("/mod/reported").location == "/sign-in?next=/mod/reported"
    answer = browse().get("/mod/reported", htmx=True)
    assert answer.status_code == 401
    assert "Sign in to do this." in answer.text


def test_a_view_that_declares_nothing_answers_403(browse: Browse, site: Flask) -> None:
    with beside(site) as app:
        app.add_url_rule("/forgotten", "forgotten", lambda: "secret words")
        for who in (None, "rhea", "mo", "ada"):
            answer = move(browse(who), app).get("/forgotten")
            assert answer.status_code == 403
            assert "secret words" not in answer.text


def test_a_person_without_a_known_role_is_no_staff(browse: Browse) -> None:
    rhea = browse("rhea")
    for role in ("", "moderators", "ADMIN"):
        person("rhea").role = role
        db.session.commit()
        assert rhea.get("/mod/reported").status_code == 403
