"""The tree of comments on a page, built without recursion: threads may be 10,000 levels deep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.comments.rows import AnyComment
from app.comments.visibility import has_public_words
from app.discussion.enums import COLLAPSED_BELOW, LEVELS_SHOWN


@dataclass
class Node:
    """A comment in its place on a page.

    `level` counts from 1 at the top of the page. `more` is the number of listed replies that the
    page leaves out, `after` the rank after which they begin; with `continues` they are on a page
    of their own, because this is the deepest level. `is_target` marks the comment that the
    address names, `is_ancestor` one above it, `was_read` one that only leads to new comments.
    `above` is the parent, where it is known.
    """

    comment: AnyComment
    level: int
    children: list["Node"] = field(default_factory=list)
    more: int = 0
    after: int = 0
    continues: bool = False
    is_target: bool = False
    is_ancestor: bool = False
    was_read: bool = False
    above: AnyComment | None = None

    @property
    def starts_collapsed(self) -> bool:
        """Return whether a low score closes it at first, behind a sentence that says so."""
        comment = self.comment
        has_public_score = has_public_words(comment) and not comment.score_is_hidden
        requested = self.is_target or self.is_ancestor
        return has_public_score and comment.score < COLLAPSED_BELOW and not requested


def get_level(comment: AnyComment) -> int:
    """Return the level of a comment that is put by itself into a page of whole threads."""
    return min(comment.depth, LEVELS_SHOWN)


def build_threads(
    heads: Sequence[AnyComment], below: Iterable[AnyComment], level: int = 1
) -> list[Node]:
    """Return the nodes of `heads`, with the comments of `below` attached to their parents.

    `below` may be in any order; its comments without a parent among the nodes are left out.
    `level` is that of the heads.
    """
    nodes = {head.id: Node(head, level) for head in heads}
    for comment in sorted(below, key=lambda c: (c.depth, c.rank or c.id, c.id)):
        parent = nodes.get(comment.parent_id or 0)
        if parent is not None and comment.id not in nodes:
            node = nodes[comment.id] = Node(comment, parent.level + 1, above=parent.comment)
            parent.children.append(node)
    for node in nodes.values():
        _count_the_rest(node)
    return [nodes[head.id] for head in heads]


def build_chain(ancestors: Sequence[AnyComment], target: Node) -> Node:
    """Return the chain of nodes from the first of `ancestors` (topmost first) to `target`."""
    target.is_target = True
    top = target
    for ancestor in reversed(ancestors):
        top.above = ancestor
        parent = Node(ancestor, 1, children=[top], is_ancestor=True)
        parent.more, parent.after = ancestor.reply_count - top.comment.publicly_listed, 0
        top = parent
    _renumber(top)
    return top


def group_by_thread(new: Sequence[AnyComment], with_ancestors: Sequence[AnyComment]) -> list[Node]:
    """Return the threads of `new`, in the order of their first new comment.

    `with_ancestors` holds the new comments and their ancestors; the latter are marked as read.
    """
    ids = {comment.id for comment in new}
    by_id = {comment.id: comment for comment in with_ancestors}
    heads: dict[int, AnyComment] = {}
    for comment in new:
        top = comment
        while top.parent_id in by_id:
            top = by_id[top.parent_id]
        heads.setdefault(top.id, top)
    nodes = build_threads(list(heads.values()), with_ancestors)
    for node in walk(nodes):
        node.was_read = node.comment.id not in ids
        node.more = 0 if node.was_read else node.more
    return nodes


def walk(nodes: Iterable[Node]) -> list[Node]:
    """Return all nodes, parents before children."""
    ordered, stack = [], list(nodes)[::-1]
    while stack:
        node = stack.pop()
        ordered.append(node)
        stack.extend(reversed(node.children))
    return ordered


def _count_the_rest(node: Node) -> None:
    listed = [child for child in node.children if child.comment.publicly_listed]
    node.more = max(0, node.comment.reply_count - len(listed))
    node.continues = node.more > 0 and node.level >= LEVELS_SHOWN
    if listed:
        node.after = max(child.comment.rank for child in listed)


def _renumber(top: Node) -> None:
    for node in walk([top]):
        for child in node.children:
            child.level = node.level + 1
