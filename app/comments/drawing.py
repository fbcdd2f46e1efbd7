"""Drawing comments from the one partial, each only once as long as nothing of it changes."""

from collections.abc import Hashable, Sequence

from flask import current_app, get_template_attribute
from markupsafe import Markup

from app import text
from app.comments.models import Comment
from app.comments.reader import Personal
from app.comments.tree import Node, walk
from app.comments.vocabulary import CommentStatus
from app.policy import seasoned
from app.web.caching import Store
from app.web.templating import ago

_KIDS = "\x00kids\x00"  # where the replies go; no text of a person can hold it
_ROOM = 48 * 1024 * 1024  # bytes of drawn comments that one process keeps
_drawn = Store(_ROOM)


def forget() -> None:
    """Draw everything anew, as a process does that has just started."""
    _drawn.clear()


_NOTHING = text.stored("")

Halves = tuple[Markup, Markup]


def draw(nodes: Sequence[Node], you: Personal, flat: bool = False) -> list[Markup]:
    """The list items of `nodes`, deepest first: no recursion."""
    kind = _kind(you)
    drawn: dict[int, Markup] = {}
    for node in reversed(walk(nodes)):
        before, after = _halves(node, you, flat, kind)
        kids = [drawn.pop(child.comment.id) for child in node.children]
        drawn[node.comment.id] = before + _NOTHING.join(kids) + after
    return [drawn[node.comment.id] for node in nodes]


def _halves(node: Node, you: Personal, flat: bool, kind: Hashable) -> Halves:
    """What is drawn before and after the replies of a comment."""
    key = _key(node, you, flat, kind)
    known: Halves | None = None if key is None else _drawn.get(key)
    if known is not None:
        return known
    partial = get_template_attribute("comments/_comment.html", "comment")
    before, after = partial(node, you, [text.stored(_KIDS)], flat).split(_KIDS)
    if key is not None:
        _drawn.put(key, (before, after), 2 * (len(before) + len(after)))
    return before, after


def _kind(you: Personal) -> Hashable:
    """What the buttons of a comment depend on besides the comment and the reader's own marks."""
    reader = you.viewer
    return reader.is_authenticated, reader.role, seasoned.test(reader, None)


def _key(node: Node, you: Personal, flat: bool, kind: Hashable) -> Hashable:
    """All that the drawing depends on; None for what is drawn anew each time.

    That is the reader's own, which changes with the clock, what is not published, which few
    see, and what a muted word folds, which no other reader has.
    """
    comment = node.comment
    if comment.status != CommentStatus.PUBLISHED or comment.is_by(you.viewer.id):
        return None
    if you.reading.words:
        return None
    article = comment.article
    return (
        kind,
        current_app.config["VOTES"],
        *(article.slug, article.comments_open),
        *(comment.id, comment.submission, comment.version, comment.pipeline),
        *(comment.created_at, ago(comment.created_at), comment.score_is_hidden),
        comment.edited_at and ago(comment.edited_at),
        *(comment.up, comment.down, comment.reply_count, comment.disagree_count),
        *(comment.pick_why, _name(comment)),
        *(node.level, node.more, node.after, node.continues),
        *(node.is_target, node.is_ancestor, node.was_read),
        _above(node.above),
        flat and (_above(comment.parent), comment.parent and comment.parent.version),
        flat and comment.parent is not None and you.mutes(comment.parent),
        *(you.vote_on(comment), you.has_reported(comment), you.has_saved(comment)),
        *(you.disagrees(comment), you.has_muted(comment), you.is_new(comment)),
    )


def _name(comment: Comment) -> Hashable:
    author = comment.author
    return (author.id, author.name, author.role) if author else comment.author_name


def _above(comment: Comment | None) -> Hashable:
    """What is said of the comment that another one answers."""
    return comment and (comment.id, comment.status, comment.listed, _name(comment))
