"""One page of a discussion, gathered for a reader and drawn from the one comment partial."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import get_template_attribute, request
from markupsafe import Markup

from app import policy
from app.accounts.models import User, Viewer
from app.accounts.roles import MODERATORS
from app.articles.models import Article
from app.comments import queries, tree
from app.comments.models import Comment
from app.comments.queries import Marks
from app.comments.tree import Node
from app.comments.vocabulary import LEVELS_SHOWN, CommentStatus, Sort
from app.errors import Gone, NotFound
from app.policy import Permission
from app.web import pages


@dataclass
class Personal:
    """What fills the personal holes of a page: who reads, and what they did."""

    viewer: Viewer
    marks: Marks = field(default_factory=Marks)

    def may(self, permission: str, comment: Comment) -> bool:
        return policy.allows(self.viewer, Permission(permission), comment)

    def why_not(self, permission: str, comment: Comment) -> str:
        refusal = policy.refusal(self.viewer, Permission(permission), comment)
        return refusal.message if refusal else ""

    def vote_on(self, comment: Comment) -> int:
        return self.marks.votes.get(comment.id, 0)

    def has_reported(self, comment: Comment) -> bool:
        return comment.id in self.marks.reported

    def reads(self, comment: Comment) -> bool:
        """Whether they see its words: unpublished ones are for the author and moderators."""
        if comment.status == CommentStatus.REJECTED:
            return self.is_author(comment)
        held = comment.status == CommentStatus.PENDING
        insider = self.is_author(comment) or self.viewer.role in MODERATORS
        return comment.status == CommentStatus.PUBLISHED or (held and insider)

    def is_author(self, comment: Comment) -> bool:
        return self.viewer.id is not None and comment.author_id == self.viewer.id


@dataclass
class Discussion:
    """What the Comments section shows: the nodes of one page, how to go on, and for whom."""

    article: Article
    sort: Sort
    nodes: list[Node]
    personal: Personal
    more_after: Comment | None = None  # the one behind which the next page begins
    target: Comment | None = None

    @property
    def flat(self) -> bool:
        return self.sort is Sort.NEWEST and self.target is None

    def draw(self) -> list[Markup]:
        return draw(self.nodes, self.personal, self.flat)


def asked_sort() -> Sort:
    """The order that the address asks for; an unknown one is the default."""
    try:
        return Sort(request.args.get("sort", ""))
    except ValueError:
        return Sort.BEST


def discussion(viewer: Viewer, article: Article) -> Discussion:
    """The page that the address asks for: `?sort=&after=`, or one thread by `?c=`."""
    target_id = pages.number("c")
    if target_id is not None:
        return _one_thread(viewer, article, target_id)
    sort, after = asked_sort(), pages.number("after")
    heads, more = queries.heads(article, sort, after, pages.share("best"))
    below = [] if sort is Sort.NEWEST else queries.shown_below(heads)
    own = _own(viewer, article, after)
    if sort is Sort.NEWEST:
        nodes = [Node(comment, 1) for comment in own + heads]
    else:
        nodes = tree.grow(heads, [*below, *own])
        placed = {node.comment.id for node in tree.walk(nodes)}
        nodes = [Node(c, 1, above=c.parent) for c in own if c.id not in placed] + nodes
    return Discussion(
        article,
        sort,
        nodes,
        personal(viewer, nodes),
        more_after=heads[-1] if more else None,
    )


def _own(viewer: Viewer, article: Article, after: int | None) -> list[Comment]:
    """What only this reader sees: on the first page, wherever it hangs, so that it comes once."""
    first_page = not after
    return queries.own_unlisted(viewer, article) if isinstance(viewer, User) and first_page else []


def _one_thread(viewer: Viewer, article: Article, target_id: int) -> Discussion:
    """The thread around one comment: its nearest ancestors, itself, and its replies."""
    line = queries.line(target_id)
    if not line or line[-1].article_id != article.id:
        raise NotFound("This comment is not here.")
    *ancestors, target = line
    if target.status == CommentStatus.DELETED and not target.listed:
        raise Gone("This comment was deleted by its author.")
    policy.require(viewer, Permission.COMMENT_READ, target)
    after = pages.number("after") or 0
    children, left = below(target, after, _own(viewer, article, after))
    last = max((child.comment.rank for child in children), default=0)
    node = Node(target, 1, children=children, more=left, after=last)
    top = tree.hang(ancestors, node)
    return Discussion(article, Sort.BEST, [top], personal(viewer, [top]), target=target)


def below(
    parent: Comment, after: int, own: Sequence[Comment] = (), level: int = 1
) -> tuple[list[Node], int]:
    """The next replies of `parent` behind the rank `after`, with what is shown below them.

    Also says how many replies follow. `own` are the reader's held comments, of which those
    that hang here are added; `level` is that of the parent on the page.
    """
    replies, left = queries.replies(parent, after)
    heads = replies + [c for c in own if c.parent_id == parent.id]
    shown = queries.shown_below(replies, LEVELS_SHOWN - level - 1)
    return tree.grow(heads, [*shown, *own], level + 1), left


def personal(viewer: Viewer, nodes: Sequence[Node]) -> Personal:
    comments = [node.comment for node in tree.walk(nodes)]
    if not isinstance(viewer, User) or not comments:
        return Personal(viewer)
    return Personal(viewer, queries.marks(viewer, comments))


def draw(nodes: Sequence[Node], you: Personal, flat: bool = False) -> list[Markup]:
    """The list items of `nodes`, from the one partial, deepest first: no recursion."""
    partial = get_template_attribute("comments/_comment.html", "comment")
    drawn: dict[int, Markup] = {}
    for node in reversed(tree.walk(nodes)):
        kids = [drawn.pop(child.comment.id) for child in node.children]
        drawn[node.comment.id] = partial(node, you, kids, flat)
    return [drawn[node.comment.id] for node in nodes]
