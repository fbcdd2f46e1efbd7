"""Where a visitor was in the discussions that they asked us to remember, in a signed cookie.

It is set by their explicit wish alone, so whoever did not ask reads pages without cookies.
"""

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from app.cache import http
from app.web.htmx import Answer

COOKIE = "read_marks"
http.add_personal_cookie(COOKIE)
MOST = 50  # discussions; the one that was read longest ago makes room
_YEAR = 365 * 24 * 3600


def is_asked() -> bool:
    """Whether this browser carries such a cookie; its pages are then its own."""
    return COOKIE in request.cookies


def get_mark(article_id: int) -> int | None:
    """Return up to which `publish_seq` this visitor has read, None where they never were."""
    return _read_marks().get(str(article_id))


def set_mark(article_id: int, publish_seq: int) -> None:
    """Take over the mark of one discussion, for what this request draws; `remember` keeps it."""
    marks = _read_marks()
    before = marks.pop(str(article_id), 0)
    marks[str(article_id)] = max(before, publish_seq)
    g.read_marks = dict(list(marks.items())[-MOST:])


def remember(answer: Answer) -> None:
    """Keep what was noted, beside the marks that are kept already."""
    answer.set_cookie(
        COOKIE,
        _make_signer().dumps(_read_marks()),
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def forget(answer: Answer) -> None:
    answer.delete_cookie(COOKIE)


def _make_signer() -> URLSafeSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt="read-marks")


def _read_marks() -> dict[str, int]:
    if "read_marks" in g:
        return dict(g.read_marks)
    try:
        marks = _make_signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:  # none, cut short, or of an older key
        return {}
    return marks if isinstance(marks, dict) else {}
