"""The tabs of the page "Your activity"."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from app.accounts.rows import AnyMember
from app.comments.models import Comment
from app.db.keyset import Cursor
from app.discussion.comment_viewer import CommentViewer
from app.discussion.reader_state import ReaderState
from app.discussion.tree import Node
from app.members import queries
from app.members.models import FollowState
from app.notifications import queries as notifications_queries
from app.notifications.models import NoticeKind
from app.web import pagination

Context = dict[str, Any]


@dataclass
class Entry:
    """One comment of a list; `fold` says why its words are folded, `at` when it was added."""

    comment: Comment
    at: datetime
    fold: str = ""


def get_activity(user: AnyMember, tab: str) -> Context:
    """Return the context of the template of `tab`: entries, reader, address of older entries."""
    return {"viewer": CommentViewer(user), **TABS[tab](user)}


def _make_older_url(tab: str, before: int | str = "", muted: str = "") -> str:
    return url_for("activity.show_activity", tab=tab, before=before or None, muted=muted or None)


def _list_notices(kind: NoticeKind, tab: str) -> Callable[[AnyMember], Context]:
    def make(user: AnyMember) -> Context:
        notices, more = notifications_queries.list_notices(
            user, kind, pagination.get_number("before")
        )
        words = list(queries.list_words_in_force(user))
        viewer = CommentViewer(user, state=ReaderState(words=words))
        entries = [
            Entry(notice.comment, notice.created_at, viewer.folded(Node(notice.comment, 1)))
            for notice in notices
        ]
        return {"entries": entries, "older": _make_older_url(tab, notices[-1].id) if more else ""}

    return make


def _list_written(user: AnyMember) -> Context:
    comments, more = queries.list_written(user, pagination.get_number("before"))
    entries = [Entry(comment, comment.created_at) for comment in comments]
    older = _make_older_url("written", comments[-1].id) if more else ""
    return {"entries": entries, "older": older}


def _list_following(user: AnyMember) -> Context:
    """List the followed discussions, and below them the muted ones, each with its own cursor."""
    entries, more = queries.list_followed(
        user, FollowState.FOLLOWED, pagination.get_cursor("before")
    )
    muted, more_muted = queries.list_followed(
        user, FollowState.MUTED, pagination.get_cursor("muted")
    )
    last = pagination.format_cursor(entries[-1].cursor) if more else ""
    last_muted = pagination.format_cursor(muted[-1].cursor) if more_muted else ""
    return {
        "entries": entries,
        "muted": muted,
        "older": _make_older_url("following", before=last) if last else "",
        "older_muted": _make_older_url("following", muted=last_muted) if last_muted else "",
    }


def _list_saved(user: AnyMember) -> Context:
    bookmarks, more = queries.list_saved(user, pagination.get_cursor("before"))
    entries = [Entry(bookmark.comment, bookmark.created_at) for bookmark in bookmarks]
    last = Cursor(entries[-1].at, entries[-1].comment.id) if more else None
    return {
        "entries": entries,
        "older": _make_older_url("saved", pagination.format_cursor(last)) if last else "",
    }


LABELS = {
    "replies": "Replies",
    "mentions": "Mentions",
    "written": "Written",
    "following": "Following",
    "saved": "Saved",
}
TABS: dict[str, Callable[[AnyMember], Context]] = {
    "replies": _list_notices(NoticeKind.REPLY, "replies"),
    "mentions": _list_notices(NoticeKind.MENTION, "mentions"),
    "written": _list_written,
    "following": _list_following,
    "saved": _list_saved,
}
