"""A visitor's read marks, in a signed cookie.

The cookie is set only when the visitor asks for it; all others read pages without cookies.
"""

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from app.cache import http
from app.web.htmx import Answer

COOKIE = "read_marks"
http.add_personal_cookie(COOKIE)
MOST = 50  # discussions; the one read longest ago is dropped for a new one
_YEAR = 365 * 24 * 3600


def has_cookie() -> bool:
    """Return whether this browser carries the cookie; its pages are then personal."""
    return COOKIE in request.cookies


def get_mark(article_id: int) -> int | None:
    """Return up to which `publish_seq` this visitor has read, None where they never were."""
    return _read_marks().get(str(article_id))


def set_mark(article_id: int, publish_seq: int) -> None:
    """Set the mark of one discussion for this request; `remember` stores it in the cookie."""
    marks = _read_marks()
    before = marks.pop(str(article_id), 0)
    marks[str(article_id)] = max(before, publish_seq)
    g.read_marks = dict(list(marks.items())[-MOST:])


def remember(answer: Answer) -> None:
    """Store the marks of this request in the cookie."""
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
    except BadSignature:  # absent, cut short, or signed with a key that is gone
        return {}
    return marks if isinstance(marks, dict) else {}
