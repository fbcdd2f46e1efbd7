"""The texts that this browser wrote before signing in: its session holds the keys to them.

The session is a signed cookie that ends with the browser, and is emptied on signing out. It
remembers too about which texts somebody was asked, and why one could not be posted by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import flash, session, url_for

from app import clock
from app.accounts import sessions
from app.accounts.models import User
from app.accounts.signals import signed_in
from app.articles.models import Article
from app.comments import operations as comments
from app.comments.models import Comment
from app.comments.urls import make_comment_url
from app.db.base import db
from app.discussion.compose import list_browser_keys
from app.discussion.nudging import find_nudge
from app.drafts import operations
from app.drafts.models import TEXTS_A_BROWSER, VISIT, UnsentText
from app.errors import DomainError, Nudge

sessions.carry("kept", "kept_asked")


@dataclass(frozen=True)
class Unsent:
    """A text that waits, and its key; `why` says what was refused or asked, `is_question` which."""

    token: str
    text: UnsentText
    why: str = ""
    is_question: bool = False
    asked: int | None = None  # the id of the person who was asked about it


def list_unsent() -> list[Unsent]:
    """Return what still waits, the oldest first."""
    asked: dict[str, tuple[bool, str, int | None]] = session.get("kept_asked", {})
    found = []
    for token in session.get("kept", []):
        if text := operations.find_unsent(token):
            is_question, why, who = asked.get(token, (False, "", None))
            found.append(Unsent(token, text, str(why), bool(is_question), who))
    return found


def add_token(token: str) -> None:
    """Hold one key more; beyond TEXTS_A_BROWSER the oldest is dropped."""
    session["kept"] = [*session.get("kept", []), token][-TEXTS_A_BROWSER:]


def hold_tokens(waiting: Iterable[Unsent], person: User) -> None:
    """Hold these and no others; about all of them `person` has been asked now."""
    session["kept_asked"] = {
        each.token: (each.is_question, each.why, person.id) for each in waiting
    }
    session["kept"] = list(session["kept_asked"])
    if not session["kept"]:
        release_tokens()


def release_tokens() -> None:
    """Hold no keys any more."""
    session.pop("kept", None)
    session.pop("kept_asked", None)


def prune_tokens() -> None:
    """Let go of the keys to what was posted or is forgotten."""
    if "kept" in session:
        waiting = [each.token for each in list_unsent()]
        session["kept"] = waiting
        if not waiting:
            release_tokens()


def are_of_this_visit(waiting: Iterable[Unsent]) -> bool:
    """Return whether all were written so lately that their writer is still at the browser.

    One older text says that others may have used this browser, so none is taken for granted.
    """
    return all(each.text.created_at > clock.now() - VISIT for each in waiting)


@signed_in.connect
def lead_to_unsent(user: User, *, joined: bool, target: str) -> str | None:
    """Return where somebody who has just signed in is asked about what was written here before.

    It is posted without a question only for who joins in the visit in which it was written: an
    account that was there already may be that of another person at the same computer.
    """
    had_any, waiting = bool(session.get("kept")), list_unsent()
    hold_tokens(waiting, user)  # before anything can fail: the keys are nowhere else
    if had_any and not waiting:
        flash("What you wrote before was kept for 24 hours and is gone", "done")
    if waiting and joined and are_of_this_visit(waiting):
        return _post_all(user, waiting, target)
    was_asked = all(each.asked == user.id for each in waiting)
    return None if was_asked else url_for("discussion.show_kept", next=target)


def _post_all(user: User, waiting: list[Unsent], target: str) -> str:
    """Post what waits; who wrote what was refused is shown it with the reason."""
    posted, refused = list[Comment](), []
    for each in waiting:
        try:
            posted.append(_post(user, each.text))
        except DomainError as error:
            is_question = isinstance(error, Nudge)
            refused.append(replace(each, why=error.message, is_question=is_question))
    hold_tokens(refused, user)
    for key in (key for comment in posted for key in list_browser_keys(comment)):
        flash(key, "posted")
    if refused:
        return url_for("discussion.show_kept", next=target)
    return make_comment_url(posted[-1]) if posted else target


def _post(writer: User, text: UnsentText) -> Comment:
    """Post a text as the comment that it was meant to be; refused, it is still kept."""
    article = db.session.get_one(Article, text.article_id)
    parent = db.session.get(Comment, text.parent_id) if text.parent_id else None
    return comments.post(writer, article, text.body, parent, text.submission, find_nudge)
