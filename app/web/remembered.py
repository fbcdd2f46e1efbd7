"""Where a visitor was in the discussions that they asked us to remember, in a signed cookie.

It is set by their explicit wish alone, so whoever did not ask reads pages without cookies.
"""

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from app.web.htmx import Answer

COOKIE = "read_marks"
MOST = 50  # discussions; the one that was read longest ago makes room
_YEAR = 365 * 24 * 3600


def is_asked() -> bool:
    """Whether this browser carries such a cookie; its pages are then its own."""
    return COOKIE in request.cookies


def mark_of(article_id: int) -> int | None:
    """The serial up to which this visitor has read the discussion, None where they were not."""
    return _marks().get(str(article_id))


def remember(answer: Answer, article_id: int, serial: int) -> None:
    """Keep the mark of one discussion, beside those that are kept already."""
    marks = _marks()
    before = marks.pop(str(article_id), 0)
    marks[str(article_id)] = max(before, serial)
    answer.set_cookie(
        COOKIE,
        _signer().dumps(dict(list(marks.items())[-MOST:])),
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def forget(answer: Answer) -> None:
    answer.delete_cookie(COOKIE)


def _signer() -> URLSafeSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt="read-marks")


def _marks() -> dict[str, int]:
    try:
        marks = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:  # none, cut short, or of an older key
        return {}
    return marks if isinstance(marks, dict) else {}
