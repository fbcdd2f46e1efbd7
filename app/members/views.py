"""Muting, following and saving, one's settings, and one's activity."""

from flask import Blueprint, flash, request, url_for

from app.accounts.models import User
from app.accounts.queries import by_name
from app.articles.access import found as found_article
from app.comments import queries as comment_queries
from app.comments.access import found as found_comment
from app.comments.enums import SORT_LABELS, Sort
from app.comments.models import Comment
from app.comments.permissions import NOT_HERE
from app.comments.urls import comment_url
from app.comments.visibility import Visible, of
from app.errors import DomainError, NotFound
from app.members import operations, responses
from app.members.forms import BookmarkForm, FollowForm, MuteForm, OrderForm, ReadingForm, WordForm
from app.members.models import FollowState
from app.policy import Permission as P
from app.web import pagination
from app.web.forms import typed, validated
from app.web.guards import needs
from app.web.htmx import Answer, fragment, is_htmx, refused_with, see_other
from app.web.limits import limited
from app.web.urls import own_path
from app.web.viewer import viewer

bp = Blueprint("members", __name__)


# -- muting a person ---------------------------------------------------------------------------


def _mute_refused(error: DomainError) -> Answer:
    slot, reswap = responses.slot_of(responses.dom_id())
    return responses.noted(error, slot, own_path(request.values.get("next")), reswap)


def _person(name: str) -> User:
    person = by_name(name)
    if person is None or person.imported:
        raise NotFound("There is no member with this name.")
    return person


def _muted(person: User, muted: bool, said: str) -> Answer:
    profile = url_for("activity.show_profile", name=person.name)
    if not is_htmx():
        return responses.back(said, profile)
    return fragment(
        "personal/_mute.html",
        announce=said,
        person=person,
        muted=muted,
        dom=responses.dom_id(f"mute-{person.id}"),
        next=own_path(request.values.get("next"), profile),
    )


@bp.post("/u/<name>/mute")
@needs(P.PERSON_MUTE)
@limited("personal")
@refused_with(_mute_refused)
def mute(name: str) -> Answer:
    person = _person(name)
    operations.mute(viewer(), person)
    return _muted(person, True, f"Muted {person.name}")


@bp.post("/u/<name>/unmute")
@needs(P.PERSON_MUTE)
@limited("personal")
@refused_with(_mute_refused)
def unmute(name: str) -> Answer:
    person = _person(name)
    operations.unmute(viewer(), person)
    return _muted(person, False, "No longer muted")


# -- following a discussion --------------------------------------------------------------------

_FOLLOWING = {
    FollowState.FOLLOWED: "Following this discussion",
    FollowState.MUTED: "Discussion muted",
}
_NO_LONGER = {FollowState.FOLLOWED: "No longer following", FollowState.MUTED: "No longer muted"}


def _follow_refused(error: DomainError) -> Answer:
    slug = (request.view_args or {})["slug"]
    slot = "#act-note" if typed("row") else "#follow-note"
    return responses.noted(
        error, slot, url_for("discussion.show_article", slug=slug, _anchor="comments")
    )


@bp.post("/articles/<slug>/follow")
@needs(P.ARTICLE_FOLLOW)
@limited("personal")
@refused_with(_follow_refused)
def follow(slug: str) -> Answer:
    article = found_article(slug)
    chosen = validated(FollowForm()).value.data
    state = FollowState(chosen) if chosen else None
    before = operations.follow(viewer(), article, state)
    before_words = _NO_LONGER.get(FollowState(before), "") if before else "Not followed"
    said = _FOLLOWING[state] if state else before_words
    if not is_htmx():
        return responses.back(
            said, url_for("discussion.show_article", slug=article.slug, _anchor="comments")
        )
    row = typed("row")
    return fragment(
        "personal/_follow_row.html" if row in _NO_LONGER else "personal/_follow.html",
        announce=said,
        article=article,
        state=state or "",
        row=row,
    )


# -- saving a comment --------------------------------------------------------------------------


def _bookmark_refused(error: DomainError) -> Answer:
    comment_id = (request.view_args or {})["comment_id"]
    slot, reswap = responses.slot_of(responses.dom_id(f"c-{comment_id}-save"))
    return responses.noted(
        error, slot, url_for("discussion.show_comment", comment_id=comment_id), reswap
    )


def _dropped(comment_id: int) -> Comment:
    """Drop a comment from those saved; raises NotFound for a hidden one that was not saved."""
    was_saved = operations.unsave(viewer(), comment_id)
    comment = comment_queries.by_id(comment_id)
    if comment is None or (not was_saved and of(viewer(), comment) is Visible.HIDDEN):
        raise NotFound(NOT_HERE)
    return comment


@bp.post("/c/<int:comment_id>/bookmark")
@needs(P.COMMENT_BOOKMARK)
@limited("personal")
@refused_with(_bookmark_refused)
def bookmark(comment_id: int) -> Answer:
    """Save a comment or drop it; dropping works for one that nobody can read any more."""
    saved = validated(BookmarkForm()).value.data == "1"
    if saved:
        comment = found_comment(comment_id)
        operations.save(viewer(), comment)
    else:
        comment = _dropped(comment_id)
    said = "Comment saved" if saved else "No longer saved"
    if not is_htmx():
        hidden = of(viewer(), comment) is Visible.HIDDEN
        list_of_saved = url_for("activity.show_activity", tab="saved")
        return responses.back(said, list_of_saved if hidden else comment_url(comment))
    return fragment(
        "personal/_bookmark.html", announce=said, c=comment, saved=saved, dom=responses.dom_id()
    )


# -- settings ----------------------------------------------------------------------------------


@bp.get("/settings")
@needs(P.PERSONAL)
def settings() -> Answer:
    return responses.settings_page()


@bp.post("/settings/order")
@needs(P.PERSONAL)
@limited("personal")
def order() -> Answer:
    """Keep the order of the discussion that is open; the button stands beside the orders."""
    sort = Sort(validated(OrderForm()).sort.data or "")
    operations.set_order(viewer(), sort)
    done = f"Discussions open with {SORT_LABELS[sort].lower()} first"
    if is_htmx():
        return fragment("personal/_order.html", announce=done, focus="order-kept", kept=True)
    flash(done, "done")
    return see_other(own_path(request.values.get("next")))


@bp.post("/settings/reading")
@needs(P.PERSONAL)
@limited("personal")
@refused_with(responses.refused_in("reading"))
def save_reading() -> Answer:
    form = validated(ReadingForm())
    operations.set_reading(viewer(), Sort(form.sort.data or ""), bool(form.shortcuts.data))
    return responses.saved("reading")


@bp.post("/settings/people")
@needs(P.PERSONAL)
@limited("personal")
@refused_with(responses.refused_in("people"))
def mute_by_name() -> Answer:
    form = validated(MuteForm())
    person = operations.mute_by_name(viewer(), form.name.data or "")
    return responses.saved("people", f"Muted {person.name}")


@bp.post("/settings/words")
@needs(P.PERSONAL)
@limited("personal")
@refused_with(responses.refused_in("words"))
def mute_word() -> Answer:
    form = validated(WordForm())
    operations.mute_word(viewer(), form.pattern.data or "", form.until.data)
    return responses.saved("words")


@bp.post("/settings/words/remove")
@needs(P.PERSONAL)
@limited("personal")
@refused_with(responses.refused_in("words"))
def unmute_word() -> Answer:
    operations.unmute_word(viewer(), pagination.as_id(typed("word")) or 0)
    if not is_htmx():
        return responses.saved("words", "Removed")
    # The list alone, so that what is being typed above it stays.
    part = responses.section("words")
    return fragment("personal/_word_list.html", announce="Removed", focus="words-h", part=part)


# -- activity ----------------------------------------------------------------------------------
