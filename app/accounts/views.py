"""Views for joining, signing in and signing out."""

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
from app.web.forms import get_typed, validate_form
from app.web.guards import requires
from app.web.htmx import Answer, redirect_after_post, refused_with
from app.web.limits import limited
from app.web.urls import get_own_path
from app.web.viewer import get_viewer

bp = Blueprint("accounts", __name__)
bp.add_app_template_global(lambda: get_viewer().role in MODERATORS, "is_moderator")


@bp.app_template_global("badge")
def get_badge(person: User | None) -> str:
    """Return the badge beside a staff member's name, an empty text for readers."""
    return BADGES.get(Role(person.role), "") if person else ""


def _render_form(template: str, error: DomainError | None = None) -> Answer:
    page = render_template(
        template,
        error=error,
        name=get_typed("name"),
        agreed=get_typed("agreed"),
        next=get_own_path(request.values.get("next")),
    )
    return current_app.make_response((page, error.status if error else 200))


def _refuse_sign_in(error: DomainError) -> Answer:
    request_log.note_event("sign-in", f"refused {error.status}", get_typed("name")[:40])
    return _render_form("accounts/sign_in.html", error)


@bp.route("/sign-in", methods=["GET", "POST"])
@requires(P.PUBLIC)
@limited("sign-in")
@refused_with(_refuse_sign_in)
def sign_in() -> Answer:
    target = get_own_path(request.values.get("next"))
    if get_viewer().is_authenticated:
        return redirect_after_post(target)
    if request.method == "GET":
        return _render_form("accounts/sign_in.html")
    form = SignInForm()
    validate_form(form)
    name, password = form.name.data or "", form.password.data or ""
    with count_guess(name):
        user = operations.sign_in(name, password, request.user_agent.string)
    request_log.note_event("sign-in", "done", user.name)
    return _respond_signed_in(user, target)


@bp.route("/join", methods=["GET", "POST"])
@requires(P.PUBLIC)
@limited("join")
@refused_with(lambda error: _render_form("accounts/join.html", error))
def join() -> Answer:
    target = get_own_path(request.values.get("next"))
    if get_viewer().is_authenticated:
        return redirect_after_post(target)
    if request.method == "GET":
        return _render_form("accounts/join.html")
    form = validate_form(JoinForm())
    user = operations.join(
        form.name.data or "", form.password.data or "", current_app.config["SITE_NAME"]
    )
    request_log.note_event("join", "done", user.name)
    user = operations.open_session(user, request.user_agent.string)
    return _respond_signed_in(user, target, joined=True)


def _respond_signed_in(user: User, target: str, joined: bool = False) -> Answer:
    """Bind the session, and redirect to an address that a listener returned, else to `target`."""
    sessions.bind(user)
    answers = signals.signed_in.send(user, joined=joined, target=target)
    return redirect_after_post(next((address for _, address in answers if address), target))


@bp.post("/sign-out")
@requires(P.ACCOUNT_LEAVE)
def sign_out() -> Answer:
    operations.sign_out(require_user(get_viewer()).get_id() or "")
    logout_user()
    session.clear()
    answer = redirect_after_post(url_for("articles.show_front"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
