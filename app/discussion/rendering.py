"""Render comments from the one partial, and cache the HTML while its inputs stay the same."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from flask import current_app, get_template_attribute
from markupsafe import Markup

from app import text
from app.cache.store import make_store
from app.comments.rows import AnyComment
from app.comments.visibility import has_public_words
from app.discussion.comment_viewer import CommentViewer
from app.discussion.tree import Node, walk
from app.reactions.permissions import has_enough_comments
from app.text.quantities import format_ago

VARIANTS = 250  # renderings cached for one page: a few of each comment, by readers' marks
_KIDS = "\x00kids\x00"  # a placeholder for the replies; no comment can contain a NUL
_ROOM = 48 * 1024 * 1024  # bytes of rendered comments that one process caches
_rendered = make_store(_ROOM)

_NO_MARKS = (0, False, False, False, False, False, "")  # of a reader without marks
Halves = tuple[str, str]  # the HTML of a comment before and after its replies


@dataclass(frozen=True)
class Thread:
    """The ids of the comments and authors in one thread, to compare with a reader's at once."""

    comments: frozenset[int]
    people: frozenset[int | None]
    newest: int  # the highest publish_seq

    def touches(self, viewer: CommentViewer) -> bool:
        """Return whether this reader gets other HTML of the thread than others of their kind."""
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
    """The HTML of one version of a page, to be used for several readers.

    `threads` describes each thread, by the `id()` of its top node. `whole` has the HTML of
    whole threads for readers whom they do not touch, `parts` that of single comments; both by
    the kind of reader.
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
    """Return the list items of `nodes`, in the order of the page.

    `cache` holds what was rendered of the same nodes for other readers.
    """
    kind = _make_kind(viewer)
    return [
        text.mark_stored("".join(_render_thread(node, viewer, flat, kind, cache) for node in nodes))
    ]


def _render_thread(
    top: Node, viewer: CommentViewer, flat: bool, kind: Hashable, cache: RenderCache | None
) -> str:
    """Return the HTML of a thread; readers of a kind share it unless it touches one of them."""
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
    """Return a comment with all that is below it on the page, without recursion."""
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
    """Return the halves of one comment; a page's cache needs only the reader's marks as key."""
    comment, marks = node.comment, _make_marks_key(node, viewer)
    if cache is None or comment.is_by(viewer.viewer.id):
        return _render_halves(node, viewer, flat, kind, marks)
    key = (comment.id, kind, marks)
    if (cached := cache.parts.get(key)) is not None:
        return cached
    halves = _render_halves(node, viewer, flat, kind, marks)
    if len(cache.parts) < VARIANTS:
        cache.parts[key] = halves
    return halves


def _make_marks_key(node: Node, viewer: CommentViewer) -> Hashable:
    """Return what this reader did to a comment, and whether it is new, muted or folded."""
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
    """Return the HTML before and after the replies of a comment."""
    key = _make_key(node, viewer, flat, kind, marks)
    cached: Halves | None = None if key is None else _rendered.get(key)
    if cached is not None:
        return cached
    partial = get_template_attribute("discussion/_comment.html", "comment")
    before, after = str(partial(node, viewer, [text.mark_stored(_KIDS)], flat)).split(_KIDS)
    if key is not None:
        _rendered.put(key, (before, after), 2 * (len(before) + len(after)))
    return before, after


def _make_kind(viewer: CommentViewer) -> Hashable:
    """Return what the buttons depend on besides the comment and the reader's own marks."""
    reader = viewer.viewer
    return reader.is_authenticated, reader.role, has_enough_comments.test(reader, None)


def _make_key(
    node: Node, viewer: CommentViewer, flat: bool, kind: Hashable, marks: Hashable
) -> Hashable:
    """Return all that the HTML depends on, or None for what is rendered anew each time.

    Not cached are the reader's own comments, which change with the clock, and unpublished ones,
    which few people see. `marks` says whether a muted word folds the comment.
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


def _make_name_key(comment: AnyComment) -> Hashable:
    author = comment.author
    return (author.id, author.name, author.role) if author else comment.author_name


def _make_above_key(comment: AnyComment | None) -> Hashable:
    """Return what the page says of a comment's parent."""
    return comment and (
        comment.id,
        comment.status,
        comment.publicly_listed,
        _make_name_key(comment),
    )
