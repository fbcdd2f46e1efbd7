"""Reading parts of a discussion and every act on a comment, as page and as fragment."""

from typing import Any

from flask import flash, request, url_for
from werkzeug.exceptions import TooManyRequests

from app.articles.access import found as found_article
from app.articles.access import shown as shown_article
from app.articles.models import Article
from app.comments import operations, queries
from app.comments.access import found, parent_of_form
from app.comments.enums import LEVELS_SHOWN, NEW_COUNTED, SORT_LABELS, THREADS_A_PAGE, CommentStatus
from app.comments.models import Comment
from app.comments.urls import comment_url
from app.comments.visibility import Visible, of
from app.discussion import compose, threads, tree, visitor_marks
from app.discussion import kept_texts as unsent
from app.discussion.forms import CommentForm, EditForm, PreviewForm
from app.discussion.nudging import find_nudge
from app.discussion.page import below, discussion, own_sort
from app.discussion.reader import Personal
from app.discussion.responses import drawn, redrawn
from app.discussion.tree import Node
from app.discussion.views.blueprint import bp
from app.drafts import operations as drafts
from app.errors import DomainError, NotFound, Nudge, SignedOut
from app.extensions import limiter
from app.policy import Permission as P
from app.policy import require
from app.web.forms import typed, validated
from app.web.guards import needs, require_own_page
from app.web.htmx import Answer, form_page, fragment, is_htmx, moved_to, refused_with, see_other
from app.web.limits import as_refusal, limited
from app.web.pagination import as_id, number, numbers
from app.web.urls import sign_in_url
from app.web.viewer import viewer

bp.add_app_template_global(compose.for_article, "compose_box")
bp.add_app_template_global(own_sort, "own_sort")
bp.add_app_template_global(comment_url, "comment_url")
bp.add_app_template_global(visitor_marks.is_asked, "remembers")
bp.add_app_template_global(lambda: SORT_LABELS, "sort_labels")
bp.add_app_template_global(lambda: NEW_COUNTED, "new_counted")
PLACES = ("sort", "after", "key", "c", "show", "by", "new", "since")  # of a page of a discussion


# -- reading -----------------------------------------------------------------------------------


@bp.get("/articles/<slug>/comments")
@needs(P.ARTICLE_READ)
def list_comments(slug: str) -> Answer:
    """The next threads, or the section in another order."""
    article = shown_article(slug)
    if not is_htmx():
        asked: dict[str, Any] = {key: request.args[key] for key in PLACES if key in request.args}
        return see_other(url_for("discussion.show_article", slug=slug, _anchor="comments", **asked))
    if ids := numbers("ids", THREADS_A_PAGE):
        return _arrived(article, ids, None)
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


def _arrived(article: Article, ids: list[int], parent_id: int | None) -> Answer:
    """Comments that a poll told an open page of, for the place where they belong.

    The page asks in several turns, so it moves the focus and speaks itself.
    """
    comments = threads.by_ids(article, ids, parent_id)
    level = (comments[0].depth if comments else 1) if parent_id else 1
    nodes = tree.grow(comments, threads.shown_below(comments), min(level, LEVELS_SHOWN))
    return fragment("comments/_arrived.html", items=drawn(nodes), article=article)


@bp.get("/c/<int:comment_id>")
@needs(P.COMMENT_READ)
def show_comment(comment_id: int) -> Answer:
    """The permalink: always lands on the comment, with its ancestors open."""
    return see_other(comment_url(found(comment_id)))


@bp.get("/c/<int:comment_id>/replies")
@needs(P.COMMENT_READ)
def list_replies(comment_id: int) -> Answer:
    parent, after = found(comment_id), number("after") or 0
    if not is_htmx():
        url = url_for("discussion.show_article", slug=parent.article.slug, c=parent.id, after=after)
        return see_other(f"{url}#c-{parent.id}")
    if ids := numbers("ids", THREADS_A_PAGE):
        return _arrived(parent.article, ids, parent.id)
    level = number("level") or 1
    nodes, left = below(parent, after, level=level)
    last = nodes[-1].comment.rank if nodes else after
    return fragment(
        "comments/_replies.html",
        announce=f"{len(nodes)} more {'reply' if len(nodes) == 1 else 'replies'}",
        focus=f"c-{nodes[0].comment.id}-h" if nodes else "",
        items=drawn(nodes),
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
    if isinstance(error, SignedOut) and parent_id and not there:
        error = NotFound("The comment that you reply to is not here any more.")
        return compose.kept_page(error, parent_id, f"c-{parent_id}-form")
    if isinstance(error, SignedOut):
        try:
            return _kept(article, parent)
        except DomainError as refusal:  # too long, or empty: they can still change it
            error = refusal
        except TooManyRequests:
            error = as_refusal(limiter.current_limit)
    if parent_id and not there and is_htmx():  # never over what else stands in the main box
        return compose.kept_page(error, parent_id, f"c-{parent_id}-form")
    box = compose.for_reply(parent) if parent and there else compose.for_article(article)
    title = box.label if isinstance(error, Nudge) else f"Error: {box.label}"
    return compose.page(box.refused(error), title, error.status, again=True)


@limited("keep")
def _kept(article: Article, parent: Comment | None) -> Answer:
    """What somebody wrote who is not signed in waits on the server until they are."""
    require_own_page()
    token = drafts.keep(article, parent.id if parent else None, typed("body"), typed("submission"))
    unsent.add(token)
    there = comment_url(parent) if parent else url_for("discussion.show_article", slug=article.slug)
    return moved_to(sign_in_url(there))


@bp.post("/articles/<slug>/comments")
@needs(P.COMMENT_CREATE)
@limited("comment")
@refused_with(_create_refused)
def create_comment(slug: str) -> Answer:
    article = found_article(slug)
    form = validated(CommentForm())
    parent = parent_of_form(form.parent_id.data)
    comment = operations.post(
        viewer(),
        article,
        form.body.data or "",
        parent,
        form.submission.data or "",
        ask=None if form.nudged.data else find_nudge,
    )
    return _posted(comment)


def _said(comment: Comment, done: str) -> str:
    return "Sent for review" if comment.status == CommentStatus.PENDING else done


def _posted(comment: Comment) -> Answer:
    unsent.prune()
    if not is_htmx():
        for key in compose.draft_keys(comment):
            flash(key, "posted")  # its draft in the browser is done with
        flash(_said(comment, "Comment posted"), "done")
        return see_other(comment_url(comment))
    word = "Reply" if comment.parent_id else "Comment"
    return fragment(
        "comments/_posted.html",
        announce=_said(comment, f"{word} posted"),
        focus=f"c-{comment.id}-h",
        items=drawn([Node(comment, min(comment.depth, 2), above=comment.parent)]),
        comment=comment,
        box=None if comment.parent_id else compose.for_article(comment.article),
    )


@bp.get("/c/<int:comment_id>/reply")
@needs(P.COMMENT_ANSWER)
def open_reply(comment_id: int) -> Answer:
    """The box of a reply, also for a stranger: they sign in after writing."""
    parent = found(comment_id)
    require(viewer(), P.COMMENT_ANSWER, parent)
    return compose.page(compose.for_reply(parent), f"Reply to {parent.author_name}")


def _edit_refused(error: DomainError) -> Answer:
    comment_id = (request.view_args or {})["comment_id"]
    comment = queries.by_id(comment_id)
    # Who may not see it is told nothing of it, also not that they wrote below a hidden story.
    hidden = comment is None or of(viewer(), comment) is Visible.HIDDEN
    if comment is None or hidden or not Personal(viewer()).is_author(comment):
        return compose.kept_page(error, comment_id, f"c-{comment_id}-edit-form")
    box = compose.for_edit(comment).refused(error)
    return compose.page(box, f"Error: {box.label}", error.status, again=True)


@bp.route("/c/<int:comment_id>/edit", methods=["GET", "POST"])
@needs(P.COMMENT_EDIT)
@limited("edit")
@refused_with(_edit_refused)
def edit_comment(comment_id: int) -> Answer:
    comment = found(comment_id)
    if request.method == "GET":
        require(viewer(), P.COMMENT_EDIT, comment)
        box = compose.for_edit(comment)
        return compose.page(box, "Edit your comment", part="comments/_edit.html")
    form = validated(EditForm())
    operations.edit(viewer(), comment, form.body.data or "", form.version.data or 0)
    return redrawn(comment, _said(comment, "Saved"))


def _asked(comment: Comment, title: str, part: str) -> Answer:
    """The question before an act that takes something back."""
    focus, back = f"c-{comment.id}-ask", comment_url(comment)
    return form_page(title, part, focus=focus, comment=comment, back=back)


@bp.route("/c/<int:comment_id>/delete", methods=["GET", "POST"])
@needs(P.COMMENT_DELETE)
@limited("edit")
def delete_comment(comment_id: int) -> Answer:
    comment = found(comment_id)
    if request.method == "GET":
        require(viewer(), P.COMMENT_DELETE, comment)
        return _asked(comment, "Delete your comment", "comments/_delete.html")
    operations.delete(viewer(), comment)
    return redrawn(comment, "Comment deleted", focus=f"c-{comment.id}-undelete")


@bp.post("/c/<int:comment_id>/undelete")
@needs(P.COMMENT_UNDELETE)
@limited("edit")
def undelete_comment(comment_id: int) -> Answer:
    comment = found(comment_id)
    operations.undelete(viewer(), comment)
    return redrawn(comment, "Comment restored")


@bp.route("/c/<int:comment_id>/disown", methods=["GET", "POST"])
@needs(P.COMMENT_DISOWN)
@limited("edit")
def disown_comment(comment_id: int) -> Answer:
    """Take one's name off a comment that can no longer be edited."""
    comment = found(comment_id)
    if request.method == "GET":
        require(viewer(), P.COMMENT_DISOWN, comment)
        return _asked(comment, "Take your name off this comment", "comments/_disown.html")
    operations.disown(viewer(), comment)
    return redrawn(comment, "Your name is off this comment")


@bp.post("/preview")
@needs(P.COMMENT_CREATE)
@limited("preview")
@refused_with(lambda error: _previewed(error))
def preview_comment() -> Answer:
    return _previewed(None)


def _previewed(error: DomainError | None) -> Answer:
    """What was typed as it will look: below the box for HTMX, else a page with the box again."""
    form = PreviewForm()
    box = compose.of_form(form)
    if error is None:
        try:
            box.preview = operations.preview(form.body.data or "")
        except DomainError as refusal:
            error = refusal
    box.refused(error) if error else box.keep()
    if box.place and not is_htmx():  # without JavaScript nothing else keeps a draft
        try:
            drafts.save(viewer(), box.place, box.body)
        except DomainError as refusal:
            box.unsaved = refusal.message
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
