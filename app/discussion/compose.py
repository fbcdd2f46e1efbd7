"""The compose box in its three uses: a new comment, a reply, an edit."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from markupsafe import Markup

from app.accounts.models import User
from app.articles.access import get_or_404 as found_article
from app.articles.models import Article
from app.comments import pacing
from app.comments.access import get_or_404
from app.comments.enums import EDIT_WINDOW
from app.comments.models import Comment
from app.comments.operations import new_submission
from app.comments.urls import make_comment_url
from app.comments.visibility import has_public_words
from app.discussion.forms import PreviewForm
from app.discussion.reader_state import ReaderState
from app.drafts import queries
from app.errors import Conflict, DomainError, Nudge
from app.policy import Permission, allows, require
from app.web.forms import get_typed
from app.web.htmx import Answer, render_form_page
from app.web.pagination import parse_id
from app.web.viewer import get_viewer

BELOW = "Your text is below."  # what a refusal adds that is not about the text itself


@dataclass
class ComposeBox:
    """What `discussion/_compose.html` draws.

    `dom` is the form's id and the prefix of its parts' ids; `draft` the key under which the
    browser keeps what is typed, `place` the one for the server (empty for edits); `error` the
    sentence of a refusal, `nudge` that of a question before posting; `preview` the text as it
    will look; `drafted_at` says from when a restored text is, `unsaved` why the server does not
    keep one. In slow mode `slow` is the time between two comments and `wait` what is left of
    it, in seconds; `until` is when the time to edit ends.
    """

    dom: str
    action: str
    draft: str
    label: str
    button: str
    target: str
    swap: str
    article: Article
    parent: Comment | None = None
    comment: Comment | None = None
    body: str = ""
    submission: str = ""
    version: int = 0
    error: str = ""
    preview: Markup | None = None
    cancel: str = ""
    nudge: str = ""
    place: str = ""
    drafted_at: datetime | None = None
    unsaved: str = ""
    slow: int = 0
    wait: int = 0
    until: datetime | None = None

    def keep(self) -> None:
        """Take over what was typed, and the version that it was typed from."""
        self.body = get_typed("body")
        self.submission = get_typed("submission")[:64] or self.submission
        self.version = parse_id(get_typed("version")) or self.version

    def refused(self, error: DomainError) -> "ComposeBox":
        """The same form with what was typed and the reason why it was not taken."""
        version, submission = self.version, self.submission
        self.keep()
        if isinstance(error, Nudge):
            self.nudge = error.message
            return self
        if isinstance(error, Conflict):  # they were told: the next try is a new one
            self.version, self.submission = version, submission
        if self.comment is not None and not allows(
            get_viewer(), Permission.COMMENT_EDIT, self.comment
        ):
            self.button, self.until = "", None  # its time is over: the text can be copied
        self.error = error.message if error.status == 422 else f"{error.message} {BELOW}"
        return self


def make_draft_key(article: Article, parent_id: int | None) -> str:
    """The box of `article` itself, or that of a reply in it."""
    return f"a-{article.id}" + (f"-c-{parent_id}" if parent_id else "")


def list_browser_keys(comment: Comment) -> list[str]:
    """The browser's keys of the draft that became `comment`: its author's, a stranger's who
    signed in to post it, and that of the box where they were asked."""
    place = make_draft_key(comment.article, comment.parent_id)
    return [f"{_name_writer()}-{place}", f"u-0-{place}", make_unsent_key(comment.submission)]


def make_unsent_key(submission: str) -> str:
    """The browser's key for what is changed in a text that was written before signing in."""
    return f"k-{submission}"


def _name_writer() -> str:
    """Drafts in a shared browser belong to who typed them."""
    return f"u-{get_viewer().id or 0}"


def _add_pace(box: ComposeBox) -> ComposeBox:
    """The box with slow mode told, before somebody begins to write."""
    person, article = get_viewer(), box.article
    if article.slow_seconds and not person.is_staff:
        box.slow = article.slow_seconds
        box.wait = pacing.count_wait(person, article) if isinstance(person, User) else 0
    return box


def make_for_article(article: Article, state: ReaderState | None = None) -> ComposeBox:
    """The main box; `state` brings the member's draft along."""
    place = make_draft_key(article, None)
    box = ComposeBox(
        dom="compose",
        action=url_for("discussion.create_comment", slug=article.slug),
        draft=f"{_name_writer()}-{place}",
        place=place,
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
    """A key for a form; a stranger's is made when it is sent, for their page is everybody's."""
    return new_submission() if get_viewer().is_authenticated else ""


def make_for_reply(parent: Comment) -> ComposeBox:
    # What was taken away while they typed has no name any more.
    named = has_public_words(parent)
    person, place = get_viewer(), make_draft_key(parent.article, parent.id)
    draft = queries.find_draft(person, place) if isinstance(person, User) else None
    box = ComposeBox(
        dom=f"c-{parent.id}-form",
        action=url_for("discussion.create_comment", slug=parent.article.slug),
        draft=f"{_name_writer()}-{place}",
        place=place,
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
        draft=f"e-{comment.id}-{comment.version}",
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
    """The box that asked for a preview, from the fields it carries."""
    if form.comment_id.data:
        comment = get_or_404(form.comment_id.data)
        require(get_viewer(), Permission.COMMENT_EDIT, comment)
        return make_for_edit(comment)
    if form.parent_id.data:
        return make_for_reply(get_or_404(form.parent_id.data))
    return make_for_article(found_article(form.article.data or ""))


def render_page(
    box: ComposeBox,
    title: str,
    status: int = 200,
    again: bool = False,
    part: str = "discussion/_compose.html",
) -> Answer:
    """The box as a page, or for HTMX where it belongs: in its slot, or in place of itself."""
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
    """The typed text to copy, where its form `dom` was: there is nothing left to post it to."""
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
