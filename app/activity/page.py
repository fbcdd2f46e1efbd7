"""What the page "Your activity" shows, one tab at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from app.accounts.models import User
from app.comments.models import Comment
from app.db.keyset import Place
from app.discussion.marks import Reading
from app.discussion.reader import Personal
from app.discussion.tree import Node
from app.members import queries
from app.members.models import FollowState
from app.notifications import queries as notifications_queries
from app.notifications.models import NoticeKind
from app.web import pagination

Shown = dict[str, Any]


@dataclass
class Entry:
    """One comment of a list; `fold` says why its words are folded, `at` when it got there."""

    comment: Comment
    at: datetime
    fold: str = ""


def activity(user: User, tab: str) -> Shown:
    """What the template of `tab` needs: the entries, the reader, the address of older ones."""
    return {"you": Personal(user), **TABS[tab](user)}


def _older(tab: str, before: int | str = "", muted: str = "") -> str:
    return url_for("activity.show_activity", tab=tab, before=before or None, muted=muted or None)


def _notices(kind: NoticeKind, tab: str) -> Callable[[User], Shown]:
    def shown(user: User) -> Shown:
        found, more = notifications_queries.notices(user, kind, pagination.number("before"))
        words = list(queries.words_in_force(user))
        you = Personal(user, reading=Reading(words=words))
        entries = [
            Entry(notice.comment, notice.created_at, you.folded(Node(notice.comment, 1)))
            for notice in found
        ]
        return {"entries": entries, "older": _older(tab, found[-1].id) if more else ""}

    return shown


def _written(user: User) -> Shown:
    found, more = queries.written(user, pagination.number("before"))
    entries = [Entry(comment, comment.created_at) for comment in found]
    return {"entries": entries, "older": _older("written", found[-1].id) if more else ""}


def _following(user: User) -> Shown:
    """What they follow, and below it what they muted: two lists with a place each."""
    entries, more = queries.followed(user, FollowState.FOLLOWED, pagination.place("before"))
    muted, more_muted = queries.followed(user, FollowState.MUTED, pagination.place("muted"))
    last = pagination.spelled(entries[-1].place) if more else ""
    last_muted = pagination.spelled(muted[-1].place) if more_muted else ""
    return {
        "entries": entries,
        "muted": muted,
        "older": _older("following", before=last) if last else "",
        "older_muted": _older("following", muted=last_muted) if last_muted else "",
    }


def _saved(user: User) -> Shown:
    found, more = queries.saved(user, pagination.place("before"))
    entries = [Entry(kept.comment, kept.created_at) for kept in found]
    last = Place(entries[-1].at, entries[-1].comment.id) if more else None
    return {
        "entries": entries,
        "older": _older("saved", pagination.spelled(last)) if last else "",
    }


LABELS = {
    "replies": "Replies",
    "mentions": "Mentions",
    "written": "Written",
    "following": "Following",
    "saved": "Saved",
}
TABS: dict[str, Callable[[User], Shown]] = {
    "replies": _notices(NoticeKind.REPLY, "replies"),
    "mentions": _notices(NoticeKind.MENTION, "mentions"),
    "written": _written,
    "following": _following,
    "saved": _saved,
}
