"""The compose box in its three uses: a new comment, a reply, an edit."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from markupsafe import Markup

from app.accounts.rows import AnyMember
from app.articles.access import get_or_404 as get_article_or_404
from app.articles.rows import AnyArticle
from app.comments import pacing
from app.comments.access import get_or_404
from app.comments.enums import EDIT_WINDOW
from app.comments.models import Comment
from app.comments.operations import new_submission
from app.comments.rows import CommentRow
from app.comments.urls import make_comment_url
from app.comments.visibility import has_public_words
from app.discussion.forms import PreviewForm
from app.discussion.reader_state import ReaderState
from app.drafts import queries
from app.drafts.models import DRAFT_LIFE, UNSENT_LIFE, make_draft_key
from app.errors import Conflict, DomainError, Nudge
from app.policy import Permission, allows, require
from app.web.forms import get_typed
from app.web.htmx import Answer, render_form_page
from app.web.pagination import parse_id
from app.web.viewer import get_viewer

BELOW = "Your text is below."  # added to a refusal that is not about the text itself


@dataclass
class ComposeBox:
    """The inputs of `discussion/_compose.html`.

    `dom` is the form's id and the prefix of its parts' ids. `browser_key` is the key of the
    draft in the browser, `draft_key` that on the server (empty for edits). `error` is the
    sentence of a refusal, `nudge` that of a question before posting. `preview` is the rendered
    text. `drafted_at` is the time of a restored draft, `unsaved` why the server did not save
    one. In slow mode `slow` is the time between two comments and `wait` what is left of it, in
    seconds.
    `until` is when the time to edit ends.
    """

    dom: str
    action: str
    browser_key: str
    label: str
    button: str
    target: str
    swap: str
    article: AnyArticle
    parent: Comment | None = None
    comment: Comment | None = None
    body: str = ""
    submission: str = ""
    version: int = 0
    error: str = ""
    preview: Markup | None = None
    cancel: str = ""
    nudge: str = ""
    draft_key: str = ""
    drafted_at: datetime | None = None
    unsaved: str = ""
    slow: int = 0
    wait: int = 0
    until: datetime | None = None

    @property
    def days(self) -> int:
        """Return for how many days the browser keeps what is typed."""
        return self.unsent_days if self.browser_key.startswith("u-0-") else DRAFT_LIFE.days

    @property
    def unsent_days(self) -> int:
        """Return for how many days it keeps a visitor's text: as briefly as the server does.

        Others may use this browser after them.
        """
        return UNSENT_LIFE.days

    def restore_typed(self) -> None:
        """Set the fields to what the request's form holds, the typed text among them."""
        self.body = get_typed("body")
        self.submission = get_typed("submission")[:64] or self.submission
        self.version = parse_id(get_typed("version")) or self.version

    def refused(self, error: DomainError) -> "ComposeBox":
        """Return this box with the typed text and the reason of the refusal."""
        version, submission = self.version, self.submission
        self.restore_typed()
        if isinstance(error, Nudge):
            self.nudge = error.message
            return self
        if isinstance(error, Conflict):  # the error explains it, so the next try counts as new
            self.version, self.submission = version, submission
        if self.comment is not None and not allows(
            get_viewer(), Permission.COMMENT_EDIT, self.comment
        ):
            self.button, self.until = "", None  # its time is over: the text can be copied
        self.error = error.message if error.status == 422 else f"{error.message} {BELOW}"
        return self


def list_browser_keys(comment: CommentRow) -> list[str]:
    """Return the browser's keys of the draft that became `comment`.

    These are the key of its author, that of a visitor who signed in to post it, and that of
    the box in which an unsent text was offered again.
    """
    draft_key = make_draft_key(comment.article_id, comment.parent_id)
    return [
        f"{_name_writer()}-{draft_key}",
        f"u-0-{draft_key}",
        make_unsent_key(comment.submission),
    ]


def make_unsent_key(submission: str) -> str:
    """Return the browser's key for changes to a text that was written before signing in."""
    return f"k-{submission}"


def _name_writer() -> str:
    """Return a prefix for draft keys, so that a shared browser keeps people's drafts apart."""
    return f"u-{get_viewer().id or 0}"


def _add_pace(box: ComposeBox) -> ComposeBox:
    """Add the times of slow mode, so that a person knows them before they write."""
    person, article = get_viewer(), box.article
    if article.slow_seconds and not person.is_staff:
        box.slow = article.slow_seconds
        box.wait = pacing.count_wait(person, article) if isinstance(person, AnyMember) else 0
    return box


def make_for_article(article: AnyArticle, state: ReaderState | None = None) -> ComposeBox:
    """Return the main box, with the member's draft from `state`."""
    draft_key = make_draft_key(article.id)
    box = ComposeBox(
        dom="compose",
        action=url_for("discussion.create_comment", slug=article.slug),
        browser_key=f"{_name_writer()}-{draft_key}",
        draft_key=draft_key,
        label="Add a comment",
        button="Post comment",
        target="#thread",
        swap="afterbegin",
        article=article,
        submission=_make_submission(),
        body=state.draft if state else "",
        drafted_at=state.drafted_at if state else None,
    )
    return _add_pace(box)


def _make_submission() -> str:
    """Return a key for a form, empty for visitors.

    Visitors share one cached page, so their key is made when the form is sent.
    """
    return new_submission() if get_viewer().is_authenticated else ""


def make_for_reply(parent: Comment) -> ComposeBox:
    # A comment that was removed while they typed shows no name any more.
    named = has_public_words(parent)
    person, draft_key = get_viewer(), make_draft_key(parent.article_id, parent.id)
    draft = queries.find_draft(person, draft_key) if isinstance(person, AnyMember) else None
    box = ComposeBox(
        dom=f"c-{parent.id}-form",
        action=url_for("discussion.create_comment", slug=parent.article.slug),
        browser_key=f"{_name_writer()}-{draft_key}",
        draft_key=draft_key,
        label=f"Reply to {parent.author_name}" if named else "Your reply",
        button="Post reply",
        target=f"#c-{parent.id}-replies",
        swap="beforeend",
        article=parent.article,
        parent=parent,
        submission=_make_submission(),
        cancel=make_comment_url(parent),
        body=draft.body if draft else "",
        drafted_at=draft.updated_at if draft else None,
    )
    return _add_pace(box)


def make_for_edit(comment: Comment) -> ComposeBox:
    return ComposeBox(
        dom=f"c-{comment.id}-edit-form",
        action=url_for("discussion.edit_comment", comment_id=comment.id),
        browser_key=f"e-{comment.id}-{comment.version}",
        label="Edit your comment",
        button="Save",
        target=f"#c-{comment.id}-body",
        swap="outerHTML",
        article=comment.article,
        comment=comment,
        body=comment.body,
        version=comment.version,
        until=comment.created_at + EDIT_WINDOW,
        cancel=make_comment_url(comment),
    )


def make_for_form(form: PreviewForm) -> ComposeBox:
    """Return the box that asked for a preview, from the fields of its form.

    Raises NotFound or another refusal where its subject is gone or may not be edited.
    """
    if form.comment_id.data:
        comment = get_or_404(form.comment_id.data)
        require(get_viewer(), Permission.COMMENT_EDIT, comment)
        return make_for_edit(comment)
    if form.parent_id.data:
        return make_for_reply(get_or_404(form.parent_id.data))
    return make_for_article(get_article_or_404(form.article.data or ""))


def render_page(
    box: ComposeBox,
    title: str,
    status: int = 200,
    again: bool = False,
    part: str = "discussion/_compose.html",
) -> Answer:
    """Return the box as a page, or as a fragment for its slot.

    With `again` the fragment replaces the box itself.
    """
    slot = f"#{box.dom}" if again else ""
    return render_form_page(
        title,
        part,
        status=status,
        slot=slot,
        reswap="outerHTML" if again else "",
        announce=box.error or box.nudge,
        focus=f"{box.dom}-body",
        box=box,
        back=box.cancel
        or url_for("discussion.show_article", slug=box.article.slug, _anchor="comments"),
        quoted=box.parent,
    )


def render_lost_text(error: DomainError, comment_id: int, dom: str) -> Answer:
    """Return the typed text to be copied, in place of its form `dom`, which has no target left."""
    return render_form_page(
        error.title,
        "discussion/_unposted_text.html",
        status=error.status,
        slot=f"#{dom}",
        reswap="outerHTML",
        announce=error.message,
        error=error,
        body=get_typed("body"),
        back=url_for("discussion.show_comment", comment_id=comment_id),
    )
