"""The texts that this browser wrote before signing in: its session holds the keys to them.

The session is a signed cookie that ends with the browser, and is emptied on signing out. It
remembers too about which texts somebody was asked, and why one could not be posted by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import session

from app.accounts.models import User
from app.drafts import operations
from app.drafts.models import TEXTS_A_BROWSER, KeptText


@dataclass(frozen=True)
class Unsent:
    """A text that waits, and its key; `why` says what was refused or asked, `is_question` which."""

    token: str
    text: KeptText
    why: str = ""
    is_question: bool = False
    asked: int | None = None  # the id of the person who was asked about it


def list_unsent() -> list[Unsent]:
    """Return what still waits, the oldest first."""
    asked: dict[str, tuple[bool, str, int | None]] = session.get("kept_asked", {})
    found = []
    for token in session.get("kept", []):
        if text := operations.kept(token):
            is_question, why, who = asked.get(token, (False, "", None))
            found.append(Unsent(token, text, str(why), bool(is_question), who))
    return found


def add(token: str) -> None:
    """Hold one key more; beyond TEXTS_A_BROWSER the oldest is dropped."""
    session["kept"] = [*session.get("kept", []), token][-TEXTS_A_BROWSER:]


def hold(waiting: Iterable[Unsent], person: User) -> None:
    """Hold these and no others; about all of them `person` has been asked now."""
    session["kept_asked"] = {
        each.token: (each.is_question, each.why, person.id) for each in waiting
    }
    session["kept"] = list(session["kept_asked"])
    if not session["kept"]:
        release()


def release() -> None:
    """Hold no keys any more."""
    session.pop("kept", None)
    session.pop("kept_asked", None)


def prune() -> None:
    """Let go of the keys to what was posted or is forgotten."""
    if "kept" in session:
        waiting = [each.token for each in list_unsent()]
        session["kept"] = waiting
        if not waiting:
            release()
