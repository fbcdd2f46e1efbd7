"""The site's own pages, the checks for monitoring, and the choice of a theme."""

from datetime import timedelta

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)

from app import text
from app.comments.enums import EDIT_MINUTES, EDITS_MAX, SCORE_HIDDEN_MINUTES, UNDO_MINUTES
from app.drafts.models import DRAFT_LIFE, DRAFTS_CHARACTERS, DRAFTS_MAX, UNSENT_LIFE
from app.policy import Permission as P
from app.site import queries
from app.web.forms import get_typed
from app.web.guards import requires
from app.web.htmx import Answer
from app.web.templating import THEMES
from app.web.urls import get_own_path

bp = Blueprint("site", __name__)


@bp.get("/about")
@requires(P.PUBLIC)
def show_about() -> str:
    return render_template("site/about.html")


@bp.get("/privacy")
@requires(P.PUBLIC)
def show_privacy() -> str:
    return render_template(
        "site/privacy.html",
        undo_minutes=UNDO_MINUTES,
        draft_days=DRAFT_LIFE.days,
        unsent_hours=UNSENT_LIFE // timedelta(hours=1),
    )


@bp.get("/terms")
@requires(P.PUBLIC)
def show_terms() -> str:
    return render_template("site/terms.html")


@bp.get("/contact")
@requires(P.PUBLIC)
def show_contact() -> str:
    return render_template("site/contact.html")


@bp.get("/writing")
@requires(P.PUBLIC)
def show_writing() -> str:
    """Show the syntax of comments and the limits of the site."""
    return render_template(
        "site/writing.html",
        drafts_max=DRAFTS_MAX,
        drafts_characters=DRAFTS_CHARACTERS,
        max_edits=EDITS_MAX,
        edit_minutes=EDIT_MINUTES,
        undo_minutes=UNDO_MINUTES,
        hidden_minutes=SCORE_HIDDEN_MINUTES,
        draft_days=DRAFT_LIFE.days,
        max_names=text.MENTIONS_MAX,
    )


@bp.get("/robots.txt")
@requires(P.PUBLIC)
def show_robots() -> Response:
    private = ("/mod/", "/sign-in", "/join", "/theme", "/search", "/c/", "/kept")
    lines = ["User-agent: *", *[f"Disallow: {path}" for path in private]]
    lines += [f"Sitemap: {current_app.config['SITE_URL']}{url_for('articles.show_sitemap')}", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@bp.get("/healthz")
@requires(P.PUBLIC)
def check_alive() -> Answer:
    """Report that the process runs.

    It does not query the database, whose failure must not restart the process.
    """
    return _respond_health(jsonify(status="ok"))


@bp.get("/readyz")
@requires(P.PUBLIC)
def check_ready() -> Answer:
    """Report whether the process can serve pages, which needs the database."""
    try:
        queries.ping_database()
    except Exception:
        current_app.logger.warning("not ready", exc_info=True)
        answer = jsonify(status="database unavailable")
        answer.status_code = 503
        return _respond_health(answer)
    return _respond_health(jsonify(status="ok"))


def _respond_health(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/theme", methods=["GET", "POST"])
@requires(P.PUBLIC)
def choose_theme() -> Answer | str:
    """Store the theme in a cookie of its own, which visitors may have, too."""
    target = get_own_path(request.values.get("next"))
    if request.method == "GET":
        return render_template("site/theme.html", next=target)
    chosen = get_typed("theme")
    answer = redirect(target, 303)
    if chosen in THEMES:
        answer.set_cookie(
            "theme",
            chosen,
            max_age=365 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    else:
        answer.delete_cookie("theme")
    return answer
