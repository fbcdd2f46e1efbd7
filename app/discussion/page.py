"""One page of a discussion: its comments, its reader, and the address of the next page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request
from markupsafe import Markup

from app import policy
from app.accounts.models import User
from app.accounts.queries import get_by_name
from app.accounts.roles import STAFF
from app.accounts.rows import AnyMember
from app.articles.rows import AnyArticle, AnyStory
from app.comments import queries
from app.comments.enums import Sort
from app.comments.permissions import NOT_HERE
from app.comments.rows import AnyComment, CommentRow
from app.discussion import new_comments, reader_state, threads, tree, visitor_marks
from app.discussion.cached_page import CachedPage, get_cached_page
from app.discussion.comment_viewer import CommentViewer
from app.discussion.enums import LEVELS_SHOWN, Only
from app.discussion.reader_state import ReaderState
from app.discussion.rendering import render_comments
from app.discussion.tree import Node
from app.errors import NotFound
from app.policy import Permission, Viewer
from app.web import pagination

# The query strings of the pages that a discussion begins with for many readers.
FIRST_PAGES = frozenset(
    {*(f"sort={sort}" for sort in Sort), f"show={Only.STAFF}", f"show={Only.PICKS}"}
)


@dataclass
class Discussion:
    """The content of the Comments section: the nodes of one page, its reader and the next page.

    `more_after` is the last comment of this page if another page follows. `only` narrows the
    page: to the comments of `person`, or to those published after the publish_seq `since`.
    `remembers` is False when we do not know the reader's last visit.
    """

    article: AnyArticle
    sort: Sort
    nodes: list[Node]
    viewer: CommentViewer
    more_after: CommentRow | None = None
    target: CommentRow | None = None
    only: Only | None = None
    person: User | None = None
    since: int | None = None
    remembers: bool = False
    highlights: list[tuple[str, CommentRow]] = field(default_factory=list)
    cached: CachedPage | None = None

    @property
    def new(self) -> int:
        """The number of comments published since the reader's last visit."""
        return self.viewer.state.new

    @property
    def flat(self) -> bool:
        if self.only is not None:
            return self.only is not Only.NEW
        return self.sort is Sort.NEWEST and self.target is None

    @property
    def next_args(self) -> dict[str, Any]:
        """The arguments for `url_for` that lead to the next page; empty on the last page."""
        last = self.more_after
        if last is None:
            return {}
        cursor: dict[str, Any] = {"slug": self.article.slug, "after": last.id}
        if self.only is Only.NEW:
            return cursor | {"new": 1, "since": self.since, "after": last.publish_seq}
        if self.person is not None:
            return cursor | {"by": self.person.name}
        if self.only is not None:
            return cursor | {"show": self.only}
        # The key in the address would disclose a score that is still hidden.
        discloses_score = self.sort is not Sort.DISCUSSED and last.score_is_hidden
        column = None if discloses_score else threads.ORDERED_BY.get(self.sort)
        key = {"key": getattr(last, column.key)} if column is not None else {}
        return cursor | {"sort": self.sort} | key

    @property
    def grows_in_place(self) -> bool:
        """Return whether the page can insert new comments at the top and below their parents."""
        return self.target is None and self.only is None and self.sort in threads.ORDERED_BY

    def render(self) -> Markup:
        if self.cached is not None:
            return self.cached.render(self.viewer)
        return render_comments(self.nodes, self.viewer, self.flat)


def get_requested_sort(viewer: Viewer) -> Sort:
    """Return the order that the address names, else the member's own, else best."""
    return _parse_sort(request.args.get("sort", "")) or get_own_sort(viewer)


def get_own_sort(viewer: Viewer) -> Sort:
    """Return the order in which discussions open for this person."""
    preferred = viewer.sort if isinstance(viewer, AnyMember) else ""
    return _parse_sort(preferred) or Sort.BEST


def _parse_sort(name: str) -> Sort | None:
    try:
        return Sort(name)
    except ValueError:  # unknown, or absent
        return None


def _get_requested_only() -> Only | None:
    if request.args.get("new"):
        return Only.NEW
    if request.args.get("by"):
        return Only.PERSON
    name = request.args.get("show", "")
    return Only(name) if name in (Only.STAFF, Only.PICKS) else None


def get_discussion(viewer: Viewer, article: AnyStory) -> Discussion:
    """Return the page that the query string names.

    `?sort=&after=` is a page of threads, `?c=` one thread, `?new=1` the new comments, and
    `?show=staff`, `?show=picks` or `?by=name` a flat list. Raises NotFound for an unknown
    comment or name.
    """
    target_id, only = pagination.get_number("c"), _get_requested_only()
    if target_id is not None:
        return _get_thread(viewer, article, target_id)
    if only is Only.NEW:
        return _get_new(viewer, article)
    sort, after = get_requested_sort(viewer), pagination.get_number("after")
    if only is not None or sort is Sort.NEWEST:
        return _get_flat(viewer, article, sort, only, after)
    page = get_cached_page(article, sort, after, pagination.get_amount("key"), viewer.role in STAFF)
    reader = read_viewer(viewer, article, [*page.heads, *page.below], with_new=not after)
    nodes, own = page.nodes, _list_own(article, reader, after)
    is_drawn_anew = own or viewer.role in STAFF or current_app.debug  # who edits a template sees it
    if own:
        nodes = tree.build_threads(page.heads, [*page.below, *own])
        attached = {node.comment.id for node in tree.walk(nodes)}
        nodes = [Node(c, 1, above=c.parent) for c in own if c.id not in attached] + nodes
    return Discussion(
        article,
        sort,
        nodes,
        reader,
        more_after=page.heads[-1] if page.more else None,
        remembers=reader.state.mark is not None,
        highlights=page.highlights,
        cached=None if is_drawn_anew else page,
    )


def read_viewer(
    viewer: Viewer, article: AnyArticle, comments: Iterable[AnyComment], with_new: bool = False
) -> CommentViewer:
    """Return the reader of `comments` with all that is personal to them, with one query.

    Of a visitor only a mark is known. `with_new` counts what is new to them as well.
    """
    if isinstance(viewer, AnyMember):
        ids = (comment.id for comment in comments)
        state = reader_state.get_reader_state(viewer, article, ids, with_new)
        return CommentViewer(viewer, state)
    state = ReaderState(mark=visitor_marks.get_mark(article.id))
    if with_new and state.mark is not None:
        state.new = new_comments.count_new(article, state.mark)
    return CommentViewer(viewer, state)


def _list_own(article: AnyArticle, reader: CommentViewer, after: int | None) -> list[CommentRow]:
    """Return the comments that only this reader sees.

    The first page shows all of them, whatever their parent, so that each appears once.
    """
    return [] if after else queries.list_with_parents(article, reader.state.unlisted)


def _get_flat(
    viewer: Viewer, article: AnyArticle, sort: Sort, only: Only | None, after: int | None
) -> Discussion:
    """Return a page of comments of every depth, the newest first, narrowed by `only`."""
    person = None
    if only is Only.PERSON and (person := get_by_name(pagination.get_word("by"))) is None:
        raise NotFound("There is no member with this name.")
    comments, more = threads.list_flat(article, only, after, person.id if person else None)
    reader = read_viewer(viewer, article, comments, with_new=only is None)
    own = _list_own(article, reader, after) if only is None else []
    return Discussion(
        article,
        sort,
        [Node(comment, 1) for comment in own + comments],
        reader,
        more_after=comments[-1] if more else None,
        only=only,
        person=person,
        remembers=reader.state.mark is not None,
    )


def _get_new(viewer: Viewer, article: AnyArticle) -> Discussion:
    """Return what was published since the reader's mark (or `?since=`), below its ancestors."""
    since = pagination.get_number("since")
    if since is None:
        since = read_viewer(viewer, article, ()).state.mark
    if since is None:
        since = article.last_publish_seq
    after = pagination.get_number("after")
    comments, more = new_comments.list_new(article, max(since, after or 0), viewer)
    ids = [comment.id for comment in comments]
    with_ancestors = queries.list_ancestors(article, *ids) if ids else []
    reader = read_viewer(viewer, article, with_ancestors)
    remembers = reader.state.mark is not None
    reader.state.mark = since
    return Discussion(
        article,
        Sort.BEST,
        tree.group_by_thread(comments, with_ancestors),
        reader,
        more_after=comments[-1] if more else None,
        only=Only.NEW,
        since=since,
        remembers=remembers,
    )


def _get_thread(viewer: Viewer, article: AnyArticle, target_id: int) -> Discussion:
    """Return the thread around one comment: its nearest ancestors, itself, and its replies.

    Raises NotFound unless the comment belongs to `article` and the viewer may read it.
    """
    branch = queries.list_ancestors(article, target_id)
    if not branch:
        raise NotFound(NOT_HERE)
    *ancestors, target = branch
    policy.require(viewer, Permission.COMMENT_READ, target)
    after = pagination.get_number("after") or 0
    below = Below.of(target, after)
    reader = read_viewer(viewer, article, [*branch, *below.replies, *below.further])
    children = below.build(_list_own(article, reader, after))
    last = max((child.comment.rank for child in children), default=0)
    node = Node(target, 1, children=children, more=below.left, after=last)
    top = tree.build_chain(ancestors, node)
    remembers = reader.state.mark is not None
    return Discussion(article, Sort.BEST, [top], reader, target=target, remembers=remembers)


@dataclass(frozen=True)
class Below:
    """The replies to `parent`, with what a page shows at first below them.

    `left` is the number of replies that follow. `level` is the parent's level on the page.
    """

    parent: AnyComment
    replies: list[CommentRow]
    further: list[CommentRow]
    left: int
    level: int

    @classmethod
    def of(cls, parent: AnyComment, after: int, level: int = 1) -> "Below":
        """Return the replies after the rank `after`."""
        replies, left = queries.list_replies(parent, after)
        further = threads.list_shown_below(replies, LEVELS_SHOWN - level - 1)
        return cls(parent, replies, further, left, level)

    def build(self, own: Sequence[CommentRow] = ()) -> list[Node]:
        """Return their nodes; comments of `own`, which only the reader sees, are added."""
        heads = self.replies + [c for c in own if c.parent_id == self.parent.id]
        return tree.build_threads(heads, [*self.further, *own], self.level + 1)


def make_viewer(viewer: Viewer, comment: AnyComment) -> CommentViewer:
    """Return the reader of one comment that is drawn again: nothing is muted or new then."""
    if not isinstance(viewer, AnyMember):
        return CommentViewer(viewer)
    state = reader_state.get_reader_state(viewer, comment.article, [comment.id])
    return CommentViewer(viewer, ReaderState(votes=state.votes, reported=state.reported))
