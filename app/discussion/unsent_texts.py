"""The texts that were written in this browser before signing in; its session holds their tokens.

The session is a signed cookie that ends with the browser and is emptied on signing out. It also
remembers who was asked about which text, and why a text could not be posted without a question.
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
from app.comments.rows import CommentRow
from app.comments.urls import make_comment_url
from app.db.base import db
from app.discussion.compose import list_browser_keys
from app.discussion.nudging import find_nudge
from app.drafts import operations
from app.drafts.models import UNSENT_A_BROWSER, UNSENT_TRUSTED, UnsentText
from app.errors import DomainError, Nudge

sessions.carry("unsent", "unsent_asked")


@dataclass(frozen=True)
class Unsent:
    """A text that waits, and its token.

    `why` is the sentence of a refusal, or of a nudge when `is_question` is set.
    """

    token: str
    text: UnsentText
    why: str = ""
    is_question: bool = False
    asked_id: int | None = None  # the id of the person who was asked about it


def list_unsent() -> list[Unsent]:
    """Return the texts that still wait, the oldest first."""
    questions: dict[str, tuple[bool, str, int | None]] = session.get("unsent_asked", {})
    waiting = []
    for token in session.get("unsent", []):
        if text := operations.find_unsent(token):
            is_question, why, who = questions.get(token, (False, "", None))
            waiting.append(Unsent(token, text, str(why), bool(is_question), who))
    return waiting


def add_token(token: str) -> None:
    """Add a token to the session; beyond UNSENT_A_BROWSER drop the oldest."""
    session["unsent"] = [*session.get("unsent", []), token][-UNSENT_A_BROWSER:]


def set_tokens(waiting: Iterable[Unsent], person: User) -> None:
    """Replace the session's tokens by those of `waiting`, and note that `person` was asked."""
    session["unsent_asked"] = {
        each.token: (each.is_question, each.why, person.id) for each in waiting
    }
    session["unsent"] = list(session["unsent_asked"])
    if not session["unsent"]:
        clear_tokens()


def clear_tokens() -> None:
    """Drop all tokens from the session."""
    session.pop("unsent", None)
    session.pop("unsent_asked", None)


def prune_tokens() -> None:
    """Drop the tokens of texts that were posted or have expired."""
    if "unsent" in session:
        waiting = [each.token for each in list_unsent()]
        session["unsent"] = waiting
        if not waiting:
            clear_tokens()


def are_of_this_visit(waiting: Iterable[Unsent]) -> bool:
    """Return whether all were written so lately that their writer is still at the browser.

    One older text means that others may have used this browser, so then none counts.
    """
    return all(each.text.created_at > clock.now() - UNSENT_TRUSTED for each in waiting)


@signed_in.connect
def lead_to_unsent(user: User, *, joined: bool, target: str) -> str | None:
    """Return the page that asks somebody who has just signed in about their unsent texts.

    Who joins in the visit in which the texts were written has them posted without a question.
    An existing account may belong to another person at the same computer, so it is asked.
    """
    had_any, waiting = bool(session.get("unsent")), list_unsent()
    set_tokens(waiting, user)  # before anything can fail: the tokens are stored nowhere else
    if had_any and not waiting:
        flash("What you wrote before was kept for 24 hours and is gone", "done")
    if waiting and joined and are_of_this_visit(waiting):
        return _post_all(user, waiting, target)
    was_asked = all(each.asked_id == user.id for each in waiting)
    return None if was_asked else url_for("discussion.show_unsent", next=target)


def _post_all(user: User, waiting: list[Unsent], target: str) -> str:
    """Post the texts and return where to go next: to those that were refused, if any."""
    posted, refused = list[CommentRow](), []
    for each in waiting:
        try:
            posted.append(_post(user, each.text))
        except DomainError as error:
            is_question = isinstance(error, Nudge)
            refused.append(replace(each, why=error.message, is_question=is_question))
    set_tokens(refused, user)
    for key in (key for comment in posted for key in list_browser_keys(comment)):
        flash(key, "posted")
    if refused:
        return url_for("discussion.show_unsent", next=target)
    return make_comment_url(posted[-1]) if posted else target


def _post(writer: User, text: UnsentText) -> CommentRow:
    """Post a text as the comment that it was meant to be. A refused text stays stored."""
    article = db.session.get_one(Article, text.article_id)
    parent = db.session.get(Comment, text.parent_id) if text.parent_id else None
    return comments.post(writer, article, text.body, parent, text.submission, find_nudge)
