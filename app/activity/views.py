"""The public profile of a member, and the member's own page "Your activity"."""

from flask import Blueprint, render_template, request

from app.accounts import queries
from app.accounts.permissions import require_member
from app.accounts.rows import AnyMember
from app.activity import page
from app.comments import queries as comment_queries
from app.errors import NotFound
from app.members.queries import has_muted
from app.policy import Permission as P
from app.web import pagination
from app.web.guards import requires
from app.web.viewer import get_viewer

bp = Blueprint("activity", __name__)


@bp.get("/u/<name>")
@requires(P.PUBLIC)
def show_profile(name: str) -> str:
    person = queries.get_by_name(name)
    if person is None or person.imported:
        raise NotFound("There is no member with this name.")
    comments, more = comment_queries.list_by_author(person, pagination.get_number("before"))
    reader = get_viewer()
    muted = isinstance(reader, AnyMember) and has_muted(reader, person)
    return render_template(
        "activity/profile.html", person=person, comments=comments, more=more, muted=muted
    )


@bp.get("/activity")
@requires(P.PERSONAL)
def show_activity() -> str:
    tab = request.args.get("tab", "")
    tab = tab if tab in page.TABS else "replies"
    activity = page.get_activity(require_member(get_viewer()), tab)
    return render_template("activity/activity.html", tab=tab, tabs=page.LABELS, **activity)
