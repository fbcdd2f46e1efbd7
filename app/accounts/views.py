"""Joining, signing in and out, public profiles, and the choice of a theme."""

from dataclasses import replace

from flask import (
    Blueprint,
    current_app,
    flash,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import logout_user

from app.accounts import operations
from app.accounts.forms import JoinForm, SignInForm
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.accounts.roles import BADGES, MODERATORS, Role
from app.accounts.sessions import signed_in
from app.comments.models import Comment
from app.comments.urls import comment_url
from app.discussion import kept_texts as unsent
from app.discussion.compose import draft_keys
from app.discussion.kept_texts import Unsent
from app.drafts import operations as drafts
from app.errors import DomainError, Nudge
from app.policy import Permission as P
from app.web import request_log
from app.web.forms import typed, validated
from app.web.guards import needs
from app.web.guesses import count_guess
from app.web.htmx import Answer, refused_with, see_other
from app.web.limits import limited
from app.web.urls import own_path
from app.web.viewer import viewer

bp = Blueprint("accounts", __name__)
bp.add_app_template_global(lambda: viewer().role in MODERATORS, "is_moderator")


@bp.app_template_global("badge")
def badge_of(person: User | None) -> str:
    """Return what stands beside a staff member's name; nothing for readers."""
    return BADGES.get(Role(person.role), "") if person else ""


def _door(template: str, error: DomainError | None = None) -> Answer:
    waiting = [each.text for each in unsent.list_unsent()]
    page = render_template(
        template,
        error=error,
        name=typed("name"),
        agreed=typed("agreed"),
        kept=waiting,
        are_of_this_visit=drafts.are_of_this_visit(waiting),
        next=own_path(request.values.get("next")),
    )
    return current_app.make_response((page, error.status if error else 200))


def _sign_in_refused(error: DomainError) -> Answer:
    request_log.note("sign-in", f"refused {error.status}", typed("name")[:40])
    return _door("accounts/sign_in.html", error)


@bp.route("/sign-in", methods=["GET", "POST"])
@needs(P.PUBLIC)
@limited("sign-in")
@refused_with(_sign_in_refused)
def sign_in() -> Answer:
    target = own_path(request.values.get("next"))
    if viewer().is_authenticated:
        return see_other(target)
    if request.method == "GET":
        return _door("accounts/sign_in.html")
    form = SignInForm()
    validated(form)
    name, password = form.name.data or "", form.password.data or ""
    with count_guess(name):
        user = operations.sign_in(name, password, request.user_agent.string)
    request_log.note("sign-in", "done", user.name)
    return _welcome(user, target)


@bp.route("/join", methods=["GET", "POST"])
@needs(P.PUBLIC)
@limited("join")
@refused_with(lambda error: _door("accounts/join.html", error))
def join() -> Answer:
    target = own_path(request.values.get("next"))
    if viewer().is_authenticated:
        return see_other(target)
    if request.method == "GET":
        return _door("accounts/join.html")
    form = validated(JoinForm())
    user = operations.join(
        form.name.data or "", form.password.data or "", current_app.config["SITE_NAME"]
    )
    request_log.note("join", "done", user.name)
    user = operations.open_session(user, request.user_agent.string)
    return _welcome(user, target, joined=True)


def _welcome(user: User, target: str, joined: bool = False) -> Answer:
    """Bind the session, and ask about what was written here before.

    It is posted without a question only for who joins in the visit in which it was written: an
    account that was there already may be that of another person at the same computer.
    """
    had_any, waiting = bool(session.get("kept")), unsent.list_unsent()
    is_theirs = joined and drafts.are_of_this_visit([each.text for each in waiting])
    signed_in(user)
    unsent.hold(waiting, user)  # before anything can fail: the keys are nowhere else
    if had_any and not waiting:
        flash("What you wrote before was kept for 24 hours and is gone", "done")
    if is_theirs and waiting:
        return _post_all(user, waiting, target)
    if all(each.asked == user.id for each in waiting):
        return see_other(target)
    return see_other(url_for("discussion.show_kept", next=target))


def _post_all(user: User, waiting: list[Unsent], target: str) -> Answer:
    """Post what waits; who wrote what was refused is shown it with the reason."""
    posted, refused = list[Comment](), []
    for each in waiting:
        try:
            if comment := drafts.post_kept(user, each.token):
                posted.append(comment)
        except DomainError as error:
            is_question = isinstance(error, Nudge)
            refused.append(replace(each, why=error.message, is_question=is_question))
    unsent.hold(refused, user)
    for key in (key for comment in posted for key in draft_keys(comment)):
        flash(key, "posted")
    if refused:
        return see_other(url_for("discussion.show_kept", next=target))
    return see_other(comment_url(posted[-1]) if posted else target)


@bp.post("/sign-out")
@needs(P.ACCOUNT_LEAVE)
def sign_out() -> Answer:
    operations.sign_out(require_user(viewer()).get_id() or "")
    logout_user()
    session.clear()
    answer = see_other(url_for("articles.front"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
