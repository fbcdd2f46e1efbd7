"""What somebody wrote, for everybody; and what a member follows, for themselves."""

from flask import Blueprint, render_template, request

from app.accounts import queries
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.activity import page
from app.comments import queries as comment_queries
from app.errors import NotFound
from app.members.queries import has_muted
from app.policy import Permission as P
from app.web import pagination
from app.web.guards import needs
from app.web.viewer import viewer

bp = Blueprint("activity", __name__)


@bp.get("/u/<name>")
@needs(P.PUBLIC)
def show_profile(name: str) -> str:
    person = queries.by_name(name)
    if person is None or person.imported:
        raise NotFound("There is no member with this name.")
    comments, more = comment_queries.by_author(person, pagination.number("before"))
    reader = viewer()
    muted = isinstance(reader, User) and has_muted(reader, person)
    return render_template(
        "accounts/profile.html", person=person, comments=comments, more=more, muted=muted
    )


@bp.get("/activity")
@needs(P.PERSONAL)
def show_activity() -> str:
    tab = request.args.get("tab", "")
    tab = tab if tab in page.TABS else "replies"
    shown = page.activity(require_user(viewer()), tab)
    return render_template("personal/activity.html", tab=tab, tabs=page.LABELS, **shown)
