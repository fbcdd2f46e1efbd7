"""Drawing comments from the one partial, each only once as long as nothing of it changes."""

from collections.abc import Hashable, Sequence

from flask import current_app, get_template_attribute
from markupsafe import Markup

from app import text
from app.comments.models import Comment
from app.comments.reader import Personal
from app.comments.tree import Node
from app.comments.vocabulary import CommentStatus
from app.policy import seasoned
from app.web.caching import Store
from app.web.templating import ago

VARIANTS = 250  # drawings kept for one page: of each comment a few, by their readers' marks
_KIDS = "\x00kids\x00"  # where the replies go; no text of a person can hold it
_ROOM = 48 * 1024 * 1024  # bytes of drawn comments that one process keeps
_drawn = Store(_ROOM)


def forget() -> None:
    """Draw everything anew, as a process does that has just started."""
    _drawn.clear()


Halves = tuple[str, str]
Drawn = dict[Hashable, Halves]


def draw(
    nodes: Sequence[Node], you: Personal, flat: bool = False, drawn: Drawn | None = None
) -> list[Markup]:
    """The list items of `nodes`, in the order of the page: no recursion.

    `drawn` holds what was made of these comments in these places for others, while nothing of
    them changes.
    """
    kind, parts = _kind(you), list[str]()
    stack: list[Node | str] = [*reversed(nodes)]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        before, after = _of_scene(node, you, flat, kind, drawn)
        parts.append(before)
        stack.append(after)
        stack.extend(reversed(node.children))
    return [text.stored("".join(parts))]


def _of_scene(node: Node, you: Personal, flat: bool, kind: Hashable, drawn: Drawn | None) -> Halves:
    """By the reader's own marks alone, where all else is known to be the same."""
    comment = node.comment
    if drawn is None or comment.is_by(you.viewer.id):
        return _halves(node, you, flat, kind)
    key = (comment.id, kind, *_marks(node, you))
    if (known := drawn.get(key)) is not None:
        return known
    made = _halves(node, you, flat, kind)
    if len(drawn) < VARIANTS:
        drawn[key] = made
    return made


def _marks(node: Node, you: Personal) -> tuple[Hashable, ...]:
    """What this reader did to a comment, and what it is to them."""
    comment = node.comment
    return (
        *(you.vote_on(comment), you.has_reported(comment), you.has_saved(comment)),
        *(you.disagrees(comment), you.has_muted(comment), you.is_new(comment)),
        you.folded(node),
    )


def _halves(node: Node, you: Personal, flat: bool, kind: Hashable) -> Halves:
    """What is drawn before and after the replies of a comment."""
    key = _key(node, you, flat, kind)
    known: Halves | None = None if key is None else _drawn.get(key)
    if known is not None:
        return known
    partial = get_template_attribute("comments/_comment.html", "comment")
    before, after = str(partial(node, you, [text.stored(_KIDS)], flat)).split(_KIDS)
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
        *_marks(node, you),
    )


def _name(comment: Comment) -> Hashable:
    author = comment.author
    return (author.id, author.name, author.role) if author else comment.author_name


def _above(comment: Comment | None) -> Hashable:
    """What is said of the comment that another one answers."""
    return comment and (comment.id, comment.status, comment.listed, _name(comment))
