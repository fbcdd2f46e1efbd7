"""Views for muting, following, saving and settings."""

from flask import Blueprint, flash, request, url_for

from app.accounts.models import User
from app.accounts.queries import get_by_name
from app.articles.access import get_or_404 as get_article_or_404
from app.comments import queries as comment_queries
from app.comments.access import get_or_404 as get_comment_or_404
from app.comments.enums import SORT_LABELS, Sort
from app.comments.models import Comment
from app.comments.permissions import NOT_HERE
from app.comments.urls import make_comment_url
from app.comments.visibility import Visible, of
from app.errors import DomainError, NotFound
from app.members import operations, responses
from app.members.forms import BookmarkForm, FollowForm, MuteForm, OrderForm, ReadingForm, WordForm
from app.members.models import FollowState
from app.policy import Permission as P
from app.web import pagination
from app.web.forms import get_typed, validate_form
from app.web.guards import requires
from app.web.htmx import Answer, is_htmx, redirect_after_post, refused_with, render_fragment
from app.web.limits import limited
from app.web.urls import get_own_path, get_view_arg
from app.web.viewer import get_viewer

bp = Blueprint("members", __name__)


# -- muting a person ---------------------------------------------------------------------------


def _refuse_mute(error: DomainError) -> Answer:
    slot, reswap = responses.find_slot(responses.get_dom_id())
    return responses.respond_noted(error, slot, get_own_path(request.values.get("next")), reswap)


def _get_person(name: str) -> User:
    person = get_by_name(name)
    if person is None or person.imported:
        raise NotFound("There is no member with this name.")
    return person


def _respond_muted(person: User, muted: bool, message: str) -> Answer:
    profile = url_for("activity.show_profile", name=person.name)
    if not is_htmx():
        return responses.go_back(message, profile)
    return render_fragment(
        "members/_mute_button.html",
        announce=message,
        person=person,
        muted=muted,
        dom=responses.get_dom_id(f"mute-{person.id}"),
        next=get_own_path(request.values.get("next"), profile),
    )


@bp.post("/u/<name>/mute")
@requires(P.PERSON_MUTE)
@limited("personal")
@refused_with(_refuse_mute)
def mute(name: str) -> Answer:
    person = _get_person(name)
    operations.mute(get_viewer(), person)
    return _respond_muted(person, True, f"Muted {person.name}")


@bp.post("/u/<name>/unmute")
@requires(P.PERSON_MUTE)
@limited("personal")
@refused_with(_refuse_mute)
def unmute(name: str) -> Answer:
    person = _get_person(name)
    operations.unmute(get_viewer(), person)
    return _respond_muted(person, False, "No longer muted")


# -- following a discussion --------------------------------------------------------------------

_FOLLOWING = {
    FollowState.FOLLOWED: "Following this discussion",
    FollowState.MUTED: "Discussion muted",
}
_NO_LONGER = {FollowState.FOLLOWED: "No longer following", FollowState.MUTED: "No longer muted"}


def _refuse_follow(error: DomainError) -> Answer:
    slug = get_view_arg("slug")
    slot = "#act-note" if get_typed("row") else "#follow-note"
    return responses.respond_noted(
        error, slot, url_for("discussion.show_article", slug=slug, _anchor="comments")
    )


@bp.post("/articles/<slug>/follow")
@requires(P.ARTICLE_FOLLOW)
@limited("personal")
@refused_with(_refuse_follow)
def follow(slug: str) -> Answer:
    article = get_article_or_404(slug)
    chosen = validate_form(FollowForm()).value.data
    state = FollowState(chosen) if chosen else None
    before = operations.set_follow(get_viewer(), article, state)
    before_words = _NO_LONGER.get(FollowState(before), "") if before else "Not followed"
    message = _FOLLOWING[state] if state else before_words
    if not is_htmx():
        return responses.go_back(
            message, url_for("discussion.show_article", slug=article.slug, _anchor="comments")
        )
    row = get_typed("row")
    return render_fragment(
        "members/_follow_button.html" if row in _NO_LONGER else "members/_follow_buttons.html",
        announce=message,
        article=article,
        state=state or "",
        row=row,
    )


# -- saving a comment --------------------------------------------------------------------------


def _refuse_bookmark(error: DomainError) -> Answer:
    comment_id = get_view_arg("comment_id")
    slot, reswap = responses.find_slot(responses.get_dom_id(f"c-{comment_id}-save"))
    return responses.respond_noted(
        error, slot, url_for("discussion.show_comment", comment_id=comment_id), reswap
    )


def _unsave_comment(comment_id: int) -> Comment:
    """Remove a saved comment and return it; raises NotFound for a hidden one that was not saved."""
    was_saved = operations.unsave_comment(get_viewer(), comment_id)
    comment = comment_queries.get_by_id(comment_id)
    if comment is None or (not was_saved and of(get_viewer(), comment) is Visible.HIDDEN):
        raise NotFound(NOT_HERE)
    return comment


@bp.post("/c/<int:comment_id>/bookmark")
@requires(P.COMMENT_BOOKMARK)
@limited("personal")
@refused_with(_refuse_bookmark)
def bookmark(comment_id: int) -> Answer:
    """Save a comment or remove it; removing works also when nobody can read it any more."""
    saved = validate_form(BookmarkForm()).value.data == "1"
    if saved:
        comment = get_comment_or_404(comment_id)
        operations.save_comment(get_viewer(), comment)
    else:
        comment = _unsave_comment(comment_id)
    message = "Comment saved" if saved else "No longer saved"
    if not is_htmx():
        hidden = of(get_viewer(), comment) is Visible.HIDDEN
        list_of_saved = url_for("activity.show_activity", tab="saved")
        return responses.go_back(message, list_of_saved if hidden else make_comment_url(comment))
    return render_fragment(
        "members/_save_button.html",
        announce=message,
        c=comment,
        saved=saved,
        dom=responses.get_dom_id(),
    )


# -- settings ----------------------------------------------------------------------------------


@bp.get("/settings")
@requires(P.PERSONAL)
def show_settings() -> Answer:
    return responses.render_settings()


@bp.post("/settings/order")
@requires(P.PERSONAL)
@limited("personal")
def save_order() -> Answer:
    """Make the order of the open discussion the member's own, by a button beside the orders."""
    sort = Sort(validate_form(OrderForm()).sort.data or "")
    operations.set_order(get_viewer(), sort)
    done = f"Discussions open with {SORT_LABELS[sort].lower()} first"
    if is_htmx():
        return render_fragment(
            "members/_keep_order_button.html", announce=done, focus="order-kept", kept=True
        )
    flash(done, "done")
    return redirect_after_post(get_own_path(request.values.get("next")))


@bp.post("/settings/reading")
@requires(P.PERSONAL)
@limited("personal")
@refused_with(responses.refuse_in("reading"))
def save_reading() -> Answer:
    form = validate_form(ReadingForm())
    operations.set_reading(get_viewer(), Sort(form.sort.data or ""), bool(form.shortcuts.data))
    return responses.respond_saved("reading")


@bp.post("/settings/people")
@requires(P.PERSONAL)
@limited("personal")
@refused_with(responses.refuse_in("people"))
def mute_by_name() -> Answer:
    form = validate_form(MuteForm())
    person = operations.mute_by_name(get_viewer(), form.name.data or "")
    return responses.respond_saved("people", f"Muted {person.name}")


@bp.post("/settings/words")
@requires(P.PERSONAL)
@limited("personal")
@refused_with(responses.refuse_in("words"))
def mute_word() -> Answer:
    form = validate_form(WordForm())
    operations.mute_word(get_viewer(), form.pattern.data or "", form.until.data)
    return responses.respond_saved("words")


@bp.post("/settings/words/remove")
@requires(P.PERSONAL)
@limited("personal")
@refused_with(responses.refuse_in("words"))
def unmute_word() -> Answer:
    operations.unmute_word(get_viewer(), pagination.parse_id(get_typed("word")) or 0)
    if not is_htmx():
        return responses.respond_saved("words", "Removed")
    # Replace the list alone, so that a word typed above it is not lost.
    part = responses.load_section("words")
    return render_fragment(
        "members/_muted_word_list.html", announce="Removed", focus="words-heading", part=part
    )
