"""The strings of one comment as one reader sees it, ready for `discussion/_comment.html`."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from flask import current_app
from markupsafe import Markup

from app import text
from app.accounts.roles import BADGES, Role
from app.comments.enums import (
    SCORE_HIDDEN_MINUTES,
    UNDO_MINUTES,
    BodyFormat,
    CommentStatus,
)
from app.comments.rows import AnyComment
from app.comments.visibility import has_public_words
from app.discussion.comment_viewer import CommentViewer, Rights
from app.discussion.enums import LEVELS_INDENTED
from app.discussion.tree import Node
from app.moderation.reasons import label_rejection
from app.text.quantities import format_ago, format_count, format_iso, format_minute
from app.web.templating import make_monogram
from app.web.urls import make_url

# Stands in the HTML for the replies until they are drawn: no comment can contain a NUL.
REPLIES = text.mark_stored("\x00replies\x00")

_CLOSED = "Hidden: low score. Show"
_EXCERPT = 90  # characters of the parent, in the flat list
_BADGE_KINDS = {BADGES[Role.EDITOR]: "editor"}  # of the others: staff


class Moment(NamedTuple):
    """A time for programs, to the minute, and how long ago it is."""

    iso: str
    minute: str
    ago: str


class Parent(NamedTuple):
    """A note that names the parent of a comment, where the parent does not stand above it."""

    id: int
    label: str
    excerpt: str = ""


class MoreReplies(NamedTuple):
    """The link to the replies of the comment `id` that the page leaves out.

    They are loaded in place when `level` is that of the comment; without it they are on the
    comment's own page, below which its thread continues or which shows all replies.
    """

    id: int
    amount: str
    whom: str
    after: int = 0
    level: int = 0
    continues: bool = False


class CommentView(NamedTuple):
    """A comment on a page for one reader.

    `nameless` stands in place of the name where the reader does not see it. `closed` says why
    the comment starts closed, `fold` why its words are folded, `tombstone` what is read instead
    of them. `voting` is "open", "sign-in" or "shown" (the score alone), "off" where the site has
    no votes, and empty for what is not published. `score` is empty while it is hidden. `oob`
    marks the parts that HTMX puts in place beside the body.
    """

    name: str
    classes: str
    nameless: str
    place: str
    monogram: str
    profile: str
    badges: list[tuple[str, str]]
    written: Moment
    edited: Moment | None
    has_history: bool
    closed: str
    reply_count: int
    summary: str
    parent: Parent | None
    fold: str
    show: str
    state: str
    is_picked: bool
    tombstone: str
    html: str
    is_long: bool
    voting: str
    vote: int
    score: str
    points: str
    has_downvote: bool
    no_downvote: str
    may: Rights
    was_reported: bool
    is_for_visitor: bool
    oob: bool
    replies: Markup = REPLIES
    undo_hint: str = f"for {UNDO_MINUTES} minutes"
    score_wait: str = f"{SCORE_HIDDEN_MINUTES} minutes"


class CommentViews:
    """Makes the views of comments for the reader of one page.

    In a `flat` list each comment names its parent.
    """

    def __init__(self, viewer: CommentViewer, flat: bool = False) -> None:
        self._viewer, self._flat = viewer, flat
        self._votes: str = current_app.config["VOTES"]
        self._is_visitor = not viewer.viewer.is_authenticated

    def make(self, node: Node, oob: bool = False) -> CommentView:
        """Return the view of a comment in its place on the page."""
        comment, viewer = node.comment, self._viewer
        author, name = comment.author, comment.author_name
        reads, is_new = viewer.reads(comment), viewer.is_new(comment)
        is_muted, is_published = viewer.has_muted(comment), has_public_words(comment)
        rights, vote = viewer.get_rights(comment), viewer.vote_on(comment)
        fold = viewer.folded(node)
        if not fold and node.was_read and reads:
            fold = "You have read this."
        closed = _CLOSED if node.starts_collapsed and not fold else ""
        nameless = ""
        if not reads:
            nameless = _name_tombstone(comment)
        elif fold and is_muted:
            nameless = "Muted comment"
        replies = format_count(comment.reply_count, "reply", "replies")
        if closed:
            summary = f"{closed} the comment by {name}"
        elif not reads or is_muted:
            summary = f"{nameless or 'Muted comment'}, {replies}"
        elif comment.reply_count:
            summary = f"Thread by {name}, {replies}"
        else:
            summary = f"Comment by {name}"
        voting = self._decide_voting(comment, rights) if is_published else ""
        sees_score = voting not in ("", "off") and viewer.sees_score(comment)
        has_downvote = self._votes == "up-down" and voting in ("open", "sign-in")
        asks_why_not = has_downvote and voting == "open" and vote != -1
        return CommentView(
            name=name,
            classes=(
                f"comment{' is-target' if node.is_target else ''}{' is-new' if is_new else ''}"
                f"{' was-read' if node.was_read else ''}"
            ),
            nameless=nameless,
            place=_describe_place(node) if node.level > 1 else "",
            monogram=make_monogram(name),
            profile=(
                make_url("activity.show_profile", name=author.name)
                if author and not author.imported
                else ""
            ),
            badges=self._list_badges(comment, is_new),
            written=_make_moment(comment.created_at),
            edited=_make_moment(comment.edited_at) if comment.edited_at else None,
            has_history=comment.body_format == BodyFormat.MARKDOWN,
            closed=closed,
            reply_count=comment.reply_count,
            summary=summary,
            parent=self._describe_parent(node),
            fold=fold,
            show="Show" if node.was_read else "Show once",
            state=_describe_state(comment) if reads else "",
            is_picked=bool(comment.pick_why),
            tombstone="" if reads else describe_tombstone(comment),
            html=comment.html if reads else "",
            is_long=reads and not node.is_target and comment.is_long,
            voting=voting,
            vote=vote,
            score=str(comment.score) if sees_score else "",
            points=_name_points(comment.score) if voting == "shown" else "",
            has_downvote=has_downvote,
            no_downvote=rights.no_downvote if asks_why_not else "",
            may=rights,
            was_reported=viewer.has_reported(comment),
            is_for_visitor=self._is_visitor,
            oob=oob,
        )

    def make_more(self, node: Node) -> MoreReplies | None:
        """Return the link to the replies that the page leaves out; None when it shows all."""
        if self._flat or not node.more:
            return None
        if node.continues or node.is_ancestor:
            kind = ("reply", "replies") if node.continues else ("other reply", "other replies")
            amount, whom = format_count(node.more, *kind), _name_author(node.comment)
            return MoreReplies(node.comment.id, amount, whom, continues=node.continues)
        return make_more(node.comment, node.more, node.after, node.level)

    def _decide_voting(self, comment: AnyComment, rights: Rights) -> str:
        if self._votes == "off":
            return "off"
        if self._is_visitor:
            return "sign-in"
        return "open" if rights.upvote and not self._viewer.is_author(comment) else "shown"

    def _list_badges(self, comment: AnyComment, is_new: bool) -> list[tuple[str, str]]:
        badges = []
        if comment.author and (label := BADGES.get(Role(comment.author.role))):
            badges.append((_BADGE_KINDS.get(label, "staff"), label))
        if self._viewer.is_author(comment):
            badges.append(("you", "YOU"))
        if comment.status == CommentStatus.PENDING:
            badges.append(("pending", "PENDING REVIEW"))
        elif comment.status == CommentStatus.REJECTED:
            badges.append(("pending", "REMOVED" if comment.published_at else "NOT PUBLISHED"))
        if is_new:
            badges.append(("new", "NEW"))
        if comment.pick_why:
            badges.append(("pick", "PICK"))
        return badges

    def _describe_parent(self, node: Node) -> Parent | None:
        comment = node.comment
        if self._flat:
            parent = comment.parent
            if parent is None or not parent.publicly_listed:
                pass
            elif self._viewer.mutes(parent):
                return Parent(parent.id, "in reply to someone you muted")
            else:
                shown = has_public_words(parent)
                excerpt = text.cut_plain(parent.plain, _EXCERPT) if shown else ""
                return Parent(parent.id, f"in reply to {_name_with_at(parent)}", excerpt)
        if node.level > LEVELS_INDENTED and comment.parent_id:
            above = _name_with_at(node.above) if node.above else "the comment above"
            return Parent(comment.parent_id, f"to {above}")
        return None


def make_more(comment: AnyComment, count: int, after: int, level: int) -> MoreReplies:
    """Return the link that loads the next of `count` replies in place, after the rank `after`."""
    amount = format_count(count, "more reply", "more replies")
    return MoreReplies(comment.id, amount, _name_author(comment), after, level)


def describe_tombstone(comment: AnyComment) -> str:
    """Return what stands in place of the words that a reader may not see."""
    if comment.status == CommentStatus.DELETED:
        return "[deleted by its author]"
    if comment.status == CommentStatus.PENDING:
        return "[waits for a moderator's review]"
    return f"[removed by a moderator: {label_rejection(comment.removal)}]"


def _describe_state(comment: AnyComment) -> str:
    """Return the line above the words: what becomes of them, or why they were picked."""
    if comment.status == CommentStatus.PENDING:
        return "Sent for review: readers see it when a moderator has approved it."
    if comment.status == CommentStatus.REJECTED:
        done = "Removed by a moderator" if comment.published_at else "Not published"
        return f"{done}: {label_rejection(comment.removal)}. Readers don't see it."
    return f"Picked by staff: {comment.pick_why}" if comment.pick_why else ""


def _describe_place(node: Node) -> str:
    """Return whose reply it is and how deep, for those who do not see the indent."""
    to = f" to {_name_author(node.above)}" if node.above else ""
    return f"Reply{to}, level {node.level}"


def _name_tombstone(comment: AnyComment) -> str:
    kinds = {CommentStatus.DELETED: "Deleted", CommentStatus.PENDING: "Held"}
    return f"{kinds.get(CommentStatus(comment.status), 'Removed')} comment"


def _name_author(comment: AnyComment) -> str:
    """Return the name of who wrote it, in a sentence, where everybody may read it."""
    if has_public_words(comment):
        return comment.author_name
    return f"a {_name_tombstone(comment).lower()}"


def _name_with_at(comment: AnyComment) -> str:
    return f"{'@' if has_public_words(comment) and comment.author else ''}{_name_author(comment)}"


def _name_points(score: int) -> str:
    return "point" if score in (1, -1) else "points"


def _make_moment(moment: datetime) -> Moment:
    return Moment(*_spell(moment), format_ago(moment))


@lru_cache(10_000)
def _spell(moment: datetime) -> tuple[str, str]:
    return format_iso(moment), format_minute(moment)
