"""Drawing comments from the one partial, each only once as long as nothing of it changes."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from flask import current_app, get_template_attribute
from markupsafe import Markup

from app import text
from app.cache.store import make_store
from app.comments.models import Comment
from app.comments.visibility import has_public_words
from app.discussion.comment_viewer import CommentViewer
from app.discussion.tree import Node, walk
from app.reactions.permissions import has_enough_comments
from app.web.templating import format_ago

VARIANTS = 250  # drawings kept for one page: of each comment a few, by their readers' marks
_KIDS = "\x00kids\x00"  # where the replies go; no text of a person can hold it
_ROOM = 48 * 1024 * 1024  # bytes of drawn comments that one process keeps
_rendered = make_store(_ROOM)

_NO_MARKS = (0, False, False, False, False, False, "")  # marks of who has none
Halves = tuple[str, str]


@dataclass(frozen=True)
class Thread:
    """Who and what is in a thread of a page, to see at once whether a reader is."""

    comments: frozenset[int]
    people: frozenset[int | None]
    newest: int  # the highest publish_seq

    def touches(self, viewer: CommentViewer) -> bool:
        """Whether anything of it is drawn otherwise for this reader than for others of a kind."""
        mark, marks = viewer.state.mark, viewer.marks
        return (
            bool(viewer.state.words)
            or viewer.viewer.id in self.people
            or (mark is not None and self.newest > mark)
            or not self.people.isdisjoint(viewer.state.muted)
            or not all(map(self.comments.isdisjoint, marks.of_comments))
        )


@dataclass(frozen=True)
class RenderCache:
    """What was made of the threads of a page for others, while nothing of them changes.

    `threads` has what is in them, by the nodes that begin them; `whole` has those that touch
    no reader, and `parts` single comments, both by whom they were made for.
    """

    threads: dict[int, Thread]
    whole: dict[Hashable, str] = field(default_factory=dict)
    parts: dict[Hashable, Halves] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Sequence[Node]) -> "RenderCache":
        return cls({id(node): _make_thread(node) for node in nodes})


def _make_thread(top: Node) -> Thread:
    comments = [node.comment for node in walk([top])]
    return Thread(
        frozenset(comment.id for comment in comments),
        frozenset(who for c in comments for who in (c.author_id, c.disowned_by) if who),
        max(comment.publish_seq for comment in comments),
    )


def render_comments(
    nodes: Sequence[Node],
    viewer: CommentViewer,
    flat: bool = False,
    cache: RenderCache | None = None,
) -> list[Markup]:
    """The list items of `nodes`, in the order of the page.

    `cache` holds what was made of these comments in these places for others.
    """
    kind = _make_kind(viewer)
    return [
        text.mark_stored("".join(_render_thread(node, viewer, flat, kind, cache) for node in nodes))
    ]


def _render_thread(
    top: Node, viewer: CommentViewer, flat: bool, kind: Hashable, cache: RenderCache | None
) -> str:
    """A thread that touches no reader is drawn once for all of a kind."""
    thread = cache.threads.get(id(top)) if cache else None
    if cache is None or thread is None or thread.touches(viewer):
        return _render_tree(top, viewer, flat, kind, cache)
    key = (kind, top.comment.id)
    if key not in cache.whole:
        cache.whole[key] = _render_tree(top, viewer, flat, kind)
    return cache.whole[key]


def _render_tree(
    top: Node, viewer: CommentViewer, flat: bool, kind: Hashable, cache: RenderCache | None = None
) -> str:
    """A comment with all that is below it on the page: no recursion."""
    parts, stack = list[str](), list[Node | str]([top])
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        before, after = _render_node(node, viewer, flat, kind, cache)
        parts.append(before)
        stack.append(after)
        stack.extend(reversed(node.children))
    return "".join(parts)


def _render_node(
    node: Node, viewer: CommentViewer, flat: bool, kind: Hashable, cache: RenderCache | None
) -> Halves:
    """By the reader's own marks alone, where all else is known to be the same."""
    comment, marks = node.comment, _make_marks_key(node, viewer)
    if cache is None or comment.is_by(viewer.viewer.id):
        return _render_halves(node, viewer, flat, kind, marks)
    key = (comment.id, kind, marks)
    if (known := cache.parts.get(key)) is not None:
        return known
    made = _render_halves(node, viewer, flat, kind, marks)
    if len(cache.parts) < VARIANTS:
        cache.parts[key] = made
    return made


def _make_marks_key(node: Node, viewer: CommentViewer) -> Hashable:
    """What this reader did to a comment, and what it is to them."""
    comment = node.comment
    if not viewer.viewer.is_authenticated and viewer.state.mark is None:
        return _NO_MARKS
    return (
        *(viewer.vote_on(comment), viewer.has_reported(comment), viewer.has_saved(comment)),
        *(viewer.disagrees(comment), viewer.has_muted(comment), viewer.is_new(comment)),
        viewer.folded(node),
    )


def _render_halves(
    node: Node, viewer: CommentViewer, flat: bool, kind: Hashable, marks: Hashable
) -> Halves:
    """What is drawn before and after the replies of a comment."""
    key = _make_key(node, viewer, flat, kind, marks)
    known: Halves | None = None if key is None else _rendered.get(key)
    if known is not None:
        return known
    partial = get_template_attribute("discussion/_comment.html", "comment")
    before, after = str(partial(node, viewer, [text.mark_stored(_KIDS)], flat)).split(_KIDS)
    if key is not None:
        _rendered.put(key, (before, after), 2 * (len(before) + len(after)))
    return before, after


def _make_kind(viewer: CommentViewer) -> Hashable:
    """What the buttons of a comment depend on besides the comment and the reader's own marks."""
    reader = viewer.viewer
    return reader.is_authenticated, reader.role, has_enough_comments.test(reader, None)


def _make_key(
    node: Node, viewer: CommentViewer, flat: bool, kind: Hashable, marks: Hashable
) -> Hashable:
    """All that the drawing depends on; None for what is drawn anew each time.

    That is the reader's own, which changes with the clock, and what is not published, which few
    see. What a muted word folds is told by `marks`.
    """
    comment = node.comment
    if not has_public_words(comment) or comment.is_by(viewer.viewer.id):
        return None
    article = comment.article
    return (
        kind,
        current_app.config["VOTES"],
        *(article.slug, article.is_public, article.comments_open),
        *(comment.id, comment.submission, comment.version, comment.pipeline),
        *(comment.created_at, format_ago(comment.created_at), comment.score_is_hidden),
        comment.edited_at and format_ago(comment.edited_at),
        *(comment.up, comment.down, comment.reply_count, comment.disagree_count),
        *(comment.pick_why, _make_name_key(comment)),
        *(node.level, node.more, node.after, node.continues),
        *(node.is_target, node.is_ancestor, node.was_read),
        _make_above_key(node.above),
        flat and (_make_above_key(comment.parent), comment.parent and comment.parent.version),
        flat and comment.parent is not None and viewer.mutes(comment.parent),
        marks,
    )


def _make_name_key(comment: Comment) -> Hashable:
    author = comment.author
    return (author.id, author.name, author.role) if author else comment.author_name


def _make_above_key(comment: Comment | None) -> Hashable:
    """What is said of the comment that another one answers."""
    return comment and (
        comment.id,
        comment.status,
        comment.publicly_listed,
        _make_name_key(comment),
    )
