"""Views that read parts of a discussion, and views of every act on a comment."""

from typing import Any

from flask import flash, request, url_for
from werkzeug.exceptions import TooManyRequests

from app.articles.access import get_cached_or_404 as get_cached_article_or_404
from app.articles.access import get_discussion_or_404
from app.articles.access import get_or_404 as get_article_or_404
from app.articles.models import Article
from app.articles.rows import AnyArticle
from app.comments import operations, queries, visibility
from app.comments.access import get_or_404, get_parent_or_404
from app.comments.enums import NEW_COUNTED, SCORE_HIDDEN_MINUTES, SORT_LABELS, CommentStatus
from app.comments.models import Comment
from app.comments.rows import AnyComment, CommentRow
from app.comments.urls import make_comment_url
from app.comments.visibility import Visible
from app.discussion import compose, threads, tree, visitor_marks
from app.discussion import unsent_texts as unsent
from app.discussion.comment_view import describe_tombstone, make_more
from app.discussion.comment_viewer import CommentViewer
from app.discussion.enums import THREADS_A_PAGE
from app.discussion.forms import CommentForm, EditForm, PreviewForm
from app.discussion.nudging import find_nudge
from app.discussion.page import Below, get_discussion, get_own_sort, read_viewer
from app.discussion.rendering import render_comments
from app.discussion.responses import render_items, respond_changed
from app.discussion.tree import Node
from app.discussion.views.blueprint import bp
from app.drafts import operations as drafts
from app.errors import DomainError, NotFound, Nudge, SignedOut
from app.extensions import limiter
from app.policy import Permission as P
from app.policy import require
from app.web.forms import get_typed, validate_form
from app.web.guards import on_rows, require_own_page, requires
from app.web.htmx import (
    Answer,
    is_htmx,
    redirect_after_post,
    redirect_moved,
    refused_with,
    render_form_page,
    render_fragment,
)
from app.web.limits import limited, make_refusal
from app.web.pagination import get_number, get_numbers, parse_id
from app.web.urls import get_view_arg, make_sign_in_url
from app.web.viewer import get_viewer

bp.add_app_template_global(compose.make_for_article, "compose_box")
bp.add_app_template_global(get_own_sort, "own_sort")
bp.add_app_template_global(make_comment_url, "comment_url")
bp.add_app_template_global(describe_tombstone, "tombstone")
bp.add_app_template_global(lambda: SCORE_HIDDEN_MINUTES, "hidden_minutes")
bp.add_app_template_global(visitor_marks.has_cookie, "remembers")
bp.add_app_template_global(lambda: SORT_LABELS, "sort_labels")
bp.add_app_template_global(lambda: NEW_COUNTED, "new_counted")
# The arguments in the address of a page of a discussion.
PAGE_ARGS = ("sort", "after", "key", "c", "show", "by", "new", "since")


# -- reading -----------------------------------------------------------------------------------


@bp.get("/articles/<slug>/comments")
@requires(P.ARTICLE_READ)
def list_comments(slug: str) -> Answer:
    """Return the next threads, or the section in another order."""
    article = get_cached_article_or_404(slug)
    if not is_htmx():
        args: dict[str, Any] = {key: request.args[key] for key in PAGE_ARGS if key in request.args}
        return redirect_after_post(
            url_for("discussion.show_article", slug=slug, _anchor="comments", **args)
        )
    if ids := get_numbers("ids", THREADS_A_PAGE):
        return _render_new(article, ids, None)
    discussion = get_discussion(get_viewer(), article)
    if get_number("after") is not None:
        first = discussion.nodes[0].comment.id if discussion.nodes else None
        return render_fragment(
            "discussion/_threads.html",
            announce=f"{len(discussion.nodes)} more threads",
            focus=f"c-{first}-heading" if first else "discussion-heading",
            discussion=discussion,
        )
    return render_fragment(
        "discussion/_discussion.html",
        announce=f"Sorted by {SORT_LABELS[discussion.sort].lower()}",
        focus=f"sort-{discussion.sort}",
        discussion=discussion,
    )


def _render_new(article: AnyArticle, ids: list[int], parent_id: int | None) -> Answer:
    """Return new comments that a poll named, to be inserted below their parent.

    The page sends several such requests, so its script moves the focus and announces them.
    """
    comments = threads.list_by_ids(article, ids, parent_id)
    level = tree.get_level(comments[0]) if comments and parent_id else 1
    nodes = tree.build_threads(comments, threads.list_shown_below(comments), level)
    return render_fragment(
        "discussion/_new_comments.html", items=render_items(nodes), article=article
    )


@bp.get("/c/<int:comment_id>")
@requires(P.COMMENT_READ)
def show_comment(comment_id: int) -> Answer:
    """Redirect a permalink to the comment on its article's page, with its ancestors open."""
    return redirect_after_post(make_comment_url(get_or_404(comment_id)))


@bp.get("/c/<int:comment_id>/replies")
@requires(P.COMMENT_READ)
def list_replies(comment_id: int) -> Answer:
    parent, after = get_or_404(comment_id), get_number("after") or 0
    if not is_htmx():
        url = url_for("discussion.show_article", slug=parent.article.slug, c=parent.id, after=after)
        return redirect_after_post(f"{url}#c-{parent.id}")
    if ids := get_numbers("ids", THREADS_A_PAGE):
        return _render_new(parent.article, ids, parent.id)
    level = get_number("level") or 1
    below = Below.of(parent, after, level)
    nodes = below.build()
    last = nodes[-1].comment.rank if nodes else after
    return render_fragment(
        "discussion/_replies.html",
        announce=f"{len(nodes)} more {'reply' if len(nodes) == 1 else 'replies'}",
        focus=f"c-{nodes[0].comment.id}-heading" if nodes else "",
        items=render_items(nodes),
        more=make_more(parent, below.left, last, level) if below.left else None,
    )


@bp.get("/c/<int:comment_id>/acts")
@requires(P.COMMENT_ACTS)
def list_acts(comment_id: int) -> Answer:
    """Return the menu of what is wanted now and then, or the same as a page."""
    comment = get_or_404(comment_id)
    require(get_viewer(), P.COMMENT_ACTS, comment)
    viewer = read_viewer(get_viewer(), comment.article, [comment])
    if is_htmx():
        return render_fragment("discussion/_acts_menu.html", c=comment, viewer=viewer)
    return render_form_page(
        "More to do with a comment",
        "discussion/_acts.html",
        back=make_comment_url(comment),
        quoted=comment,
        c=comment,
        viewer=viewer,
    )


# -- writing -----------------------------------------------------------------------------------


def _refuse_comment(error: DomainError) -> Answer:
    """Return the box again with the text, on the article or below its parent.

    The text of a visitor is saved instead, and they are led to the sign-in page.
    """
    article = get_article_or_404(get_view_arg("slug"))
    parent_id = parse_id(request.form.get("parent_id", ""))
    parent = queries.get_by_id(parent_id) if parent_id else None
    is_open = parent is not None and parent.article_id == article.id and parent.publicly_listed
    if isinstance(error, SignedOut) and parent_id and not is_open:
        error = NotFound("The comment that you reply to is not here any more.")
        return compose.render_lost_text(error, parent_id, f"c-{parent_id}-form")
    if isinstance(error, SignedOut):
        try:
            return _save_unsent(article, parent)
        except DomainError as refusal:  # too long, or empty: they can still change it
            error = refusal
        except TooManyRequests:
            error = make_refusal(limiter.current_limit)
    if parent_id and not is_open and is_htmx():  # the main box may hold another text: keep it
        return compose.render_lost_text(error, parent_id, f"c-{parent_id}-form")
    if parent and is_open:
        box = compose.make_for_reply(parent)
    else:
        box = compose.make_for_article(article)
    title = box.label if isinstance(error, Nudge) else f"Error: {box.label}"
    return compose.render_page(box.refused(error), title, error.status, again=True)


@limited("unsent")
def _save_unsent(article: Article, parent: Comment | None) -> Answer:
    """Save a visitor's text on the server and lead them to the sign-in page."""
    require_own_page()
    token = drafts.keep_unsent(
        article, parent.id if parent else None, get_typed("body"), get_typed("submission")
    )
    unsent.add_token(token)
    target = (
        make_comment_url(parent)
        if parent
        else url_for("discussion.show_article", slug=article.slug)
    )
    return redirect_moved(make_sign_in_url(target))


@bp.post("/articles/<slug>/comments")
@requires(P.COMMENT_CREATE)
@limited("comment")
@refused_with(_refuse_comment)
@on_rows
def create_comment(slug: str) -> Answer:
    article = get_discussion_or_404(slug)
    form = validate_form(CommentForm())
    parent = get_parent_or_404(form.parent_id.data)
    comment = operations.post(
        get_viewer(),
        article,
        form.body.data or "",
        parent,
        form.submission.data or "",
        ask=None if form.nudged.data else find_nudge,
    )
    return _respond_posted(comment)


def _say_posted(comment: AnyComment, done: str) -> str:
    return "Sent for review" if comment.status == CommentStatus.PENDING else done


def _respond_posted(comment: CommentRow) -> Answer:
    unsent.prune_tokens()
    if not is_htmx():
        for key in compose.list_browser_keys(comment):
            flash(key, "posted")  # so that the browser deletes its draft
        flash(_say_posted(comment, "Comment posted"), "done")
        return redirect_after_post(make_comment_url(comment))
    word = "Reply" if comment.parent_id else "Comment"
    # Nobody has marked it yet, and its author mutes nothing of their own.
    node = Node(comment, tree.get_level(comment), above=comment.parent)
    return render_fragment(
        "discussion/_posted_comment.html",
        announce=_say_posted(comment, f"{word} posted"),
        focus=f"c-{comment.id}-heading",
        items=render_comments([node], CommentViewer(get_viewer())),
        comment=comment,
        box=None if comment.parent_id else compose.make_for_article(comment.article),
    )


@bp.get("/c/<int:comment_id>/reply")
@requires(P.COMMENT_ANSWER)
def open_reply(comment_id: int) -> Answer:
    """Return the box of a reply, also to a visitor, who signs in after writing."""
    parent = get_or_404(comment_id)
    require(get_viewer(), P.COMMENT_ANSWER, parent)
    return compose.render_page(compose.make_for_reply(parent), f"Reply to {parent.author_name}")


def _refuse_edit(error: DomainError) -> Answer:
    comment_id = get_view_arg("comment_id")
    comment = queries.get_by_id(comment_id)
    # Who may not see the comment learns nothing of it, not even its author below a hidden story.
    hidden = comment is None or visibility.of(get_viewer(), comment) is Visible.HIDDEN
    if comment is None or hidden or not CommentViewer(get_viewer()).is_author(comment):
        return compose.render_lost_text(error, comment_id, f"c-{comment_id}-edit-form")
    box = compose.make_for_edit(comment).refused(error)
    return compose.render_page(box, f"Error: {box.label}", error.status, again=True)


@bp.route("/c/<int:comment_id>/edit", methods=["GET", "POST"])
@requires(P.COMMENT_EDIT)
@limited("edit")
@refused_with(_refuse_edit)
def edit_comment(comment_id: int) -> Answer:
    comment = get_or_404(comment_id)
    if request.method == "GET":
        require(get_viewer(), P.COMMENT_EDIT, comment)
        box = compose.make_for_edit(comment)
        return compose.render_page(box, "Edit your comment", part="discussion/_edit_form.html")
    form = validate_form(EditForm())
    operations.edit(get_viewer(), comment, form.body.data or "", form.version.data or 0)
    return respond_changed(comment, _say_posted(comment, "Saved"))


def _render_question(comment: Comment, title: str, part: str) -> Answer:
    """Return the question before an act that takes something back."""
    focus, back = f"c-{comment.id}-ask", make_comment_url(comment)
    return render_form_page(title, part, focus=focus, comment=comment, back=back)


@bp.route("/c/<int:comment_id>/delete", methods=["GET", "POST"])
@requires(P.COMMENT_DELETE)
@limited("edit")
def delete_comment(comment_id: int) -> Answer:
    comment = get_or_404(comment_id)
    if request.method == "GET":
        require(get_viewer(), P.COMMENT_DELETE, comment)
        return _render_question(comment, "Delete your comment", "discussion/_confirm_delete.html")
    operations.delete(get_viewer(), comment)
    return respond_changed(comment, "Comment deleted", focus=f"c-{comment.id}-undelete")


@bp.post("/c/<int:comment_id>/undelete")
@requires(P.COMMENT_UNDELETE)
@limited("edit")
def undelete_comment(comment_id: int) -> Answer:
    comment = get_or_404(comment_id)
    operations.undelete(get_viewer(), comment)
    return respond_changed(comment, "Comment restored")


@bp.route("/c/<int:comment_id>/disown", methods=["GET", "POST"])
@requires(P.COMMENT_REMOVE_NAME)
@limited("edit")
def remove_name(comment_id: int) -> Answer:
    """Take the author's name off a comment that can no longer be edited."""
    comment = get_or_404(comment_id)
    if request.method == "GET":
        require(get_viewer(), P.COMMENT_REMOVE_NAME, comment)
        return _render_question(
            comment, "Take your name off this comment", "discussion/_confirm_remove_name.html"
        )
    operations.remove_name(get_viewer(), comment)
    return respond_changed(comment, "Your name is off this comment")


@bp.post("/preview")
@requires(P.COMMENT_CREATE)
@limited("preview")
@refused_with(lambda error: _render_preview(error))
def preview_comment() -> Answer:
    return _render_preview(None)


def _render_preview(error: DomainError | None) -> Answer:
    """Return the typed text as it will look: below the box for HTMX, else on a page with the box.

    `error` is a refusal that came before the preview.
    """
    form = PreviewForm()
    box = compose.make_for_form(form)
    if error is None:
        try:
            box.preview = operations.render_preview(form.body.data or "")
        except DomainError as refusal:
            error = refusal
    box.refused(error) if error else box.restore_typed()
    if box.draft_key and not is_htmx():  # without JavaScript nothing else saves a draft
        try:
            drafts.save_draft(get_viewer(), box.draft_key, box.body)
        except DomainError as refusal:
            box.unsaved = refusal.message
    if is_htmx():
        return render_fragment(
            "discussion/_preview.html",
            asked=True,
            status=error.status if error else 200,
            announce=error.message if error else "Preview updated",
            box=box,
        )
    status = error.status if error else 200
    return compose.render_page(box, "Preview of your comment", status)
