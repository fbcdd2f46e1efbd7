"""Joining, signing in and signing out."""

from flask import (
    Blueprint,
    current_app,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import logout_user

from app.accounts import operations, sessions, signals
from app.accounts.forms import JoinForm, SignInForm
from app.accounts.guesses import count_guess
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.accounts.roles import BADGES, MODERATORS, Role
from app.errors import DomainError
from app.policy import Permission as P
from app.web import request_log
from app.web.forms import typed, validated
from app.web.guards import needs
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
    page = render_template(
        template,
        error=error,
        name=typed("name"),
        agreed=typed("agreed"),
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
    """Bind the session, and lead on: to `target`, or to what waits for this person here."""
    sessions.bind(user)
    asked = signals.signed_in.send(user, joined=joined, target=target)
    return see_other(next((address for _, address in asked if address), target))


@bp.post("/sign-out")
@needs(P.ACCOUNT_LEAVE)
def sign_out() -> Answer:
    operations.sign_out(require_user(viewer()).get_id() or "")
    logout_user()
    session.clear()
    answer = see_other(url_for("articles.front"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
