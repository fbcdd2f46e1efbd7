"""Reading parts of a discussion and every act on a comment, as page and as fragment."""

from flask import Blueprint, flash, request, url_for

from app.articles.lookup import found as found_article
from app.comments import compose, operations, queries
from app.comments.compose import Compose
from app.comments.discussion import Personal, below, discussion, draw, personal
from app.comments.forms import CommentForm, EditForm, PreviewForm, VoteForm
from app.comments.lookup import found, parent_of_form
from app.comments.models import Comment
from app.comments.tree import Node
from app.comments.vocabulary import SORT_LABELS, CommentStatus
from app.errors import DomainError
from app.policy import Permission as P
from app.policy import require
from app.web.forms import validated
from app.web.guards import needs
from app.web.htmx import Answer, form_page, fragment, is_htmx, refused_with, see_other
from app.web.limits import limited
from app.web.pages import as_id, number
from app.web.urls import comment_url
from app.web.viewer import viewer

bp = Blueprint("comments", __name__)
bp.add_app_template_global(compose.for_article, "compose_box")


# -- reading -----------------------------------------------------------------------------------


@bp.get("/articles/<slug>/comments")
@needs(P.ARTICLE_READ)
def index(slug: str) -> Answer:
    """The next threads, or the section in another order."""
    article = found_article(slug)
    if not is_htmx():
        sort, after, best, c = (request.args.get(key) for key in ("sort", "after", "best", "c"))
        here = url_for("articles.show", slug=slug, sort=sort, after=after, best=best, c=c)
        return see_other(f"{here}#comments")
    shown = discussion(viewer(), article)
    if number("after") is not None:
        first = shown.nodes[0].comment.id if shown.nodes else None
        return fragment(
            "comments/_threads.html",
            announce=f"{len(shown.nodes)} more threads",
            focus=f"c-{first}-h" if first else "cx-h",
            discussion=shown,
        )
    return fragment(
        "comments/_section.html",
        announce=f"Sorted by {SORT_LABELS[shown.sort].lower()}",
        focus=f"sort-{shown.sort}",
        discussion=shown,
    )


@bp.get("/c/<int:comment_id>")
@needs(P.COMMENT_READ)
def show(comment_id: int) -> Answer:
    """The permalink: always lands on the comment, with its ancestors open."""
    return see_other(comment_url(found(comment_id)))


@bp.get("/c/<int:comment_id>/replies")
@needs(P.COMMENT_READ)
def replies(comment_id: int) -> Answer:
    parent, after = found(comment_id), number("after") or 0
    if not is_htmx():
        url = url_for("articles.show", slug=parent.article.slug, c=parent.id, after=after)
        return see_other(f"{url}#c-{parent.id}")
    level = number("level") or 1
    nodes, left = below(parent, after, level=level)
    last = nodes[-1].comment.rank if nodes else after
    return fragment(
        "comments/_replies.html",
        announce=f"{len(nodes)} more {'reply' if len(nodes) == 1 else 'replies'}",
        focus=f"c-{nodes[0].comment.id}-h" if nodes else "",
        items=_drawn(nodes),
        parent=parent,
        more=left,
        after=last,
        level=level,
    )


# -- writing -----------------------------------------------------------------------------------


def _create_refused(error: DomainError) -> Answer:
    """The box again with the text, wherever it was: on the article, or below its parent."""
    view_args = request.view_args or {}
    article = found_article(view_args["slug"])
    parent_id = as_id(request.form.get("parent_id", ""))
    parent = queries.by_id(parent_id) if parent_id else None
    there = parent is not None and parent.article_id == article.id and parent.listed
    if parent_id and not there and is_htmx():  # never over what else stands in the main box
        return compose.kept_page(error, parent_id)
    box = compose.for_reply(parent) if parent and there else compose.for_article(article)
    return compose.page(box.refused(error), f"Error: {box.label}", error.status, again=True)


@bp.post("/articles/<slug>/comments")
@needs(P.COMMENT_CREATE)
@limited("comment")
@refused_with(_create_refused)
def create(slug: str) -> Answer:
    article = found_article(slug)
    form = validated(CommentForm())
    parent = parent_of_form(form.parent_id.data)
    comment = operations.post(
        viewer(), article, form.body.data or "", parent, form.submission.data or ""
    )
    return _posted(comment)


def _said(comment: Comment, done: str) -> str:
    return "Sent for review" if comment.status == CommentStatus.PENDING else done


def _posted(comment: Comment) -> Answer:
    if not is_htmx():
        flash(compose.draft_key(comment), "posted")  # its draft in the browser is done with
        return see_other(comment_url(comment))
    word = "Reply" if comment.parent_id else "Comment"
    return fragment(
        "comments/_posted.html",
        announce=_said(comment, f"{word} posted"),
        focus=f"c-{comment.id}-h",
        items=_drawn([Node(comment, min(comment.depth, 2), above=comment.parent)]),
        comment=comment,
        box=None if comment.parent_id else compose.for_article(comment.article),
    )


@bp.get("/c/<int:comment_id>/reply")
@needs(P.COMMENT_CREATE)
def reply(comment_id: int) -> Answer:
    parent = found(comment_id)
    require(viewer(), P.COMMENT_REPLY, parent)
    return compose.page(compose.for_reply(parent), f"Reply to {parent.author_name}")


def _edit_refused(error: DomainError) -> Answer:
    comment_id = (request.view_args or {})["comment_id"]
    comment = queries.by_id(comment_id)
    if comment is None or not Personal(viewer()).is_author(comment):
        return compose.kept_page(error, comment_id)
    box = compose.for_edit(comment).refused(error)
    return compose.page(box, f"Error: {box.label}", error.status, again=True)


@bp.route("/c/<int:comment_id>/edit", methods=["GET", "POST"])
@needs(P.COMMENT_EDIT)
@limited("edit")
@refused_with(_edit_refused)
def edit(comment_id: int) -> Answer:
    comment = found(comment_id)
    if request.method == "GET":
        require(viewer(), P.COMMENT_EDIT, comment)
        box = compose.for_edit(comment)
        return compose.page(box, "Edit your comment", part="comments/_edit.html")
    form = validated(EditForm())
    operations.edit(viewer(), comment, form.body.data or "", form.version.data or 0)
    return _redrawn(comment, _said(comment, "Saved"))


@bp.route("/c/<int:comment_id>/delete", methods=["GET", "POST"])
@needs(P.COMMENT_DELETE)
@limited("edit")
def delete(comment_id: int) -> Answer:
    comment = found(comment_id)
    if request.method == "GET":
        require(viewer(), P.COMMENT_DELETE, comment)
        return form_page(
            "Delete your comment",
            "comments/_delete.html",
            focus=f"c-{comment.id}-ask",
            comment=comment,
            back=comment_url(comment),
        )
    operations.delete(viewer(), comment)
    if comment.listed:
        return _redrawn(comment, "Comment deleted")
    if is_htmx():
        return fragment(
            "comments/_removed.html",
            announce="Comment deleted",
            focus=f"c-{comment.parent_id}-h" if comment.parent_id else "cx-h",
            retarget=f"#c-{comment.id}",
            reswap="delete",
            comment=comment,
        )
    if comment.parent is not None and comment.parent.listed:
        return see_other(comment_url(comment.parent))
    return see_other(url_for("articles.show", slug=comment.article.slug, _anchor="comments"))


@bp.post("/c/<int:comment_id>/vote")
@needs(P.COMMENT_UPVOTE)
@limited("vote")
def vote(comment_id: int) -> Answer:
    comment = found(comment_id)
    value = int(validated(VoteForm()).value.data or 0)
    operations.vote(viewer(), comment, value)
    if not is_htmx():
        return see_other(comment_url(comment))
    done = {1: "Upvoted", -1: "Downvoted", 0: "Vote taken back"}[value]
    return fragment(
        "comments/_votes_fragment.html",
        announce=f"{done}, score {comment.score}",
        comment=comment,
        you=personal(viewer(), [Node(comment, 1)]),
    )


@bp.post("/preview")
@needs(P.COMMENT_CREATE)
@limited("preview")
@refused_with(lambda error: _previewed(error))
def preview() -> Answer:
    return _previewed(None)


def _previewed(error: DomainError | None) -> Answer:
    """What was typed as it will look: below the box for HTMX, else a page with the box again."""
    form = PreviewForm()
    box = _box_of(form)
    if error is None:
        try:
            box.preview = operations.preview(form.body.data or "")
        except DomainError as refusal:
            error = refusal
    box.refused(error) if error else box.keep()
    if is_htmx():
        return fragment(
            "comments/_preview.html",
            asked=True,
            status=error.status if error else 200,
            announce=error.message if error else "Preview updated",
            box=box,
        )
    status = error.status if error else 200
    return compose.page(box, "Preview of your comment", status)


def _box_of(form: PreviewForm) -> Compose:
    """The box that asked for a preview, from the fields it carries."""
    if form.comment_id.data:
        comment = found(form.comment_id.data)
        require(viewer(), P.COMMENT_EDIT, comment)
        return compose.for_edit(comment)
    if form.parent_id.data:
        return compose.for_reply(found(form.parent_id.data))
    return compose.for_article(found_article(form.article.data or ""))


def _redrawn(comment: Comment, announce: str) -> Answer:
    """The changed comment in its place: its own parts, never its replies."""
    if not is_htmx():
        return see_other(comment_url(comment))
    node = Node(comment, comment.depth, above=comment.parent)
    return fragment(
        "comments/_changed.html",
        announce=announce,
        focus=f"c-{comment.id}-h",
        node=node,
        you=personal(viewer(), [node]),
    )


def _drawn(nodes: list[Node]) -> list[object]:
    return list(draw(nodes, personal(viewer(), nodes)))
