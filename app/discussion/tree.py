"""From rows to what a page draws, without recursion: a thread may be 10,000 levels deep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.comments.enums import CLOSED_BELOW, LEVELS_SHOWN
from app.comments.models import Comment
from app.comments.visibility import has_public_words


@dataclass
class Node:
    """A comment in its place on a page.

    `level` counts from 1 at the top of what is drawn; `more` is how many listed replies are
    not drawn below it, `after` the rank behind which they begin; `continues` says that they
    are on the next page because the page ends here; `is_target` marks the comment that the
    address names, `is_ancestor` one of those that lead to it, `was_read` one that only leads
    to what is new; `above` is the comment that it answers, where that one is known.
    """

    comment: Comment
    level: int
    children: list["Node"] = field(default_factory=list)
    more: int = 0
    after: int = 0
    continues: bool = False
    is_target: bool = False
    is_ancestor: bool = False
    was_read: bool = False
    above: Comment | None = None

    @property
    def starts_closed(self) -> bool:
        """Whether its low score closes it at first, with words that say so."""
        comment = self.comment
        shown = has_public_words(comment) and not comment.score_is_hidden
        asked_for = self.is_target or self.is_ancestor
        return shown and comment.score < CLOSED_BELOW and not asked_for


def build_threads(heads: Sequence[Comment], below: Iterable[Comment], level: int = 1) -> list[Node]:
    """The nodes of `heads`, each with those of `below` that hang under it.

    `below` holds comments in any order; `level` is that of the heads. Whatever of `below` has
    no parent among the nodes is left out.
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


def build_chain(ancestors: Sequence[Comment], target: Node) -> Node:
    """The chain from the first of `ancestors` (topmost first) down to `target`."""
    target.is_target = True
    top = target
    for ancestor in reversed(ancestors):
        top.above = ancestor
        parent = Node(ancestor, 1, children=[top], is_ancestor=True)
        parent.more, parent.after = ancestor.reply_count - top.comment.publicly_listed, 0
        top = parent
    _renumber(top)
    return top


def group_by_thread(new: Sequence[Comment], line: Sequence[Comment]) -> list[Node]:
    """The threads of `new`, in the order of their first new comment, each below its ancestors.

    `line` holds the new ones and their ancestors; what is not new is marked as read.
    """
    ids, by_id = {comment.id for comment in new}, {comment.id: comment for comment in line}
    heads: dict[int, Comment] = {}
    for comment in new:
        top = comment
        while top.parent_id in by_id:
            top = by_id[top.parent_id]
        heads.setdefault(top.id, top)
    nodes = build_threads(list(heads.values()), line)
    for node in walk(nodes):
        node.was_read = node.comment.id not in ids
        node.more = 0 if node.was_read else node.more
    return nodes


def walk(nodes: Iterable[Node]) -> list[Node]:
    """All nodes, parents before children."""
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
