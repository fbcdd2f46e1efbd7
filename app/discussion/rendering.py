"""Drawing comments from the one partial, each only once as long as nothing of it changes."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from flask import current_app, get_template_attribute
from markupsafe import Markup

from app import text
from app.cache.store import store
from app.comments.models import Comment
from app.comments.visibility import has_public_words
from app.discussion.reader import Personal
from app.discussion.tree import Node, walk
from app.reactions.permissions import has_enough_comments
from app.web.templating import ago

VARIANTS = 250  # drawings kept for one page: of each comment a few, by their readers' marks
_KIDS = "\x00kids\x00"  # where the replies go; no text of a person can hold it
_ROOM = 48 * 1024 * 1024  # bytes of drawn comments that one process keeps
_drawn = store(_ROOM)

_NONE = (0, False, False, False, False, False, "")  # marks of who has none
Halves = tuple[str, str]


@dataclass(frozen=True)
class Thread:
    """Who and what is in a thread of a page, to see at once whether a reader is."""

    comments: frozenset[int]
    people: frozenset[int | None]
    newest: int  # the highest serial

    def touches(self, you: Personal) -> bool:
        """Whether anything of it is drawn otherwise for this reader than for others of a kind."""
        mark, marks = you.reading.mark, you.marks
        return (
            bool(you.reading.words)
            or you.viewer.id in self.people
            or (mark is not None and self.newest > mark)
            or not self.people.isdisjoint(you.reading.muted)
            or not all(map(self.comments.isdisjoint, marks.of_comments))
        )


@dataclass(frozen=True)
class Drawn:
    """What was made of the threads of a page for others, while nothing of them changes.

    `threads` has what is in them, by the nodes that begin them; `whole` has those that touch
    no reader, and `parts` single comments, both by whom they were made for.
    """

    threads: dict[int, Thread]
    whole: dict[Hashable, str] = field(default_factory=dict)
    parts: dict[Hashable, Halves] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Sequence[Node]) -> "Drawn":
        return cls({id(node): _thread(node) for node in nodes})


def _thread(top: Node) -> Thread:
    comments = [node.comment for node in walk([top])]
    return Thread(
        frozenset(comment.id for comment in comments),
        frozenset(who for c in comments for who in (c.author_id, c.disowned_by) if who),
        max(comment.serial for comment in comments),
    )


def draw(
    nodes: Sequence[Node], you: Personal, flat: bool = False, drawn: Drawn | None = None
) -> list[Markup]:
    """The list items of `nodes`, in the order of the page.

    `drawn` holds what was made of these comments in these places for others.
    """
    kind = _kind(you)
    return [text.stored("".join(_of_page(node, you, flat, kind, drawn) for node in nodes))]


def _of_page(top: Node, you: Personal, flat: bool, kind: Hashable, drawn: Drawn | None) -> str:
    """A thread that touches no reader is drawn once for all of a kind."""
    thread = drawn.threads.get(id(top)) if drawn else None
    if drawn is None or thread is None or thread.touches(you):
        return _tree(top, you, flat, kind, drawn)
    key = (kind, top.comment.id)
    if key not in drawn.whole:
        drawn.whole[key] = _tree(top, you, flat, kind)
    return drawn.whole[key]


def _tree(top: Node, you: Personal, flat: bool, kind: Hashable, drawn: Drawn | None = None) -> str:
    """A comment with all that is below it on the page: no recursion."""
    parts, stack = list[str](), list[Node | str]([top])
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        before, after = _of_scene(node, you, flat, kind, drawn)
        parts.append(before)
        stack.append(after)
        stack.extend(reversed(node.children))
    return "".join(parts)


def _of_scene(node: Node, you: Personal, flat: bool, kind: Hashable, drawn: Drawn | None) -> Halves:
    """By the reader's own marks alone, where all else is known to be the same."""
    comment, marks = node.comment, _marks(node, you)
    if drawn is None or comment.is_by(you.viewer.id):
        return _halves(node, you, flat, kind, marks)
    key = (comment.id, kind, marks)
    if (known := drawn.parts.get(key)) is not None:
        return known
    made = _halves(node, you, flat, kind, marks)
    if len(drawn.parts) < VARIANTS:
        drawn.parts[key] = made
    return made


def _marks(node: Node, you: Personal) -> Hashable:
    """What this reader did to a comment, and what it is to them."""
    comment = node.comment
    if not you.viewer.is_authenticated and you.reading.mark is None:
        return _NONE
    return (
        *(you.vote_on(comment), you.has_reported(comment), you.has_saved(comment)),
        *(you.disagrees(comment), you.has_muted(comment), you.is_new(comment)),
        you.folded(node),
    )


def _halves(node: Node, you: Personal, flat: bool, kind: Hashable, marks: Hashable) -> Halves:
    """What is drawn before and after the replies of a comment."""
    key = _key(node, you, flat, kind, marks)
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
    return reader.is_authenticated, reader.role, has_enough_comments.test(reader, None)


def _key(node: Node, you: Personal, flat: bool, kind: Hashable, marks: Hashable) -> Hashable:
    """All that the drawing depends on; None for what is drawn anew each time.

    That is the reader's own, which changes with the clock, and what is not published, which few
    see. What a muted word folds is told by `marks`.
    """
    comment = node.comment
    if not has_public_words(comment) or comment.is_by(you.viewer.id):
        return None
    article = comment.article
    return (
        kind,
        current_app.config["VOTES"],
        *(article.slug, article.is_public, article.comments_open),
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
        marks,
    )


def _name(comment: Comment) -> Hashable:
    author = comment.author
    return (author.id, author.name, author.role) if author else comment.author_name


def _above(comment: Comment | None) -> Hashable:
    """What is said of the comment that another one answers."""
    return comment and (comment.id, comment.status, comment.listed, _name(comment))
