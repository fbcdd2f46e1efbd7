"""The compose box in its three uses: a new comment, a reply, an edit."""

from dataclasses import dataclass

from flask import request, url_for
from markupsafe import Markup

from app.articles.models import Article
from app.comments.models import Comment
from app.comments.operations import new_submission
from app.comments.vocabulary import CommentStatus
from app.errors import Conflict, DomainError, SignedOut
from app.web.forms import typed
from app.web.htmx import Answer, form_page
from app.web.pages import as_id
from app.web.urls import comment_url
from app.web.viewer import viewer

BELOW = "Your text is below."  # what a refusal adds that is not about the text itself


@dataclass
class Compose:
    """What `comments/_compose.html` draws.

    `dom` is the form's id and the prefix of its parts' ids; `draft` the key under which the
    browser keeps what is typed; `error` the sentence of a refusal; `sign_in` says that the
    way out of it is to sign in; `preview` the text as it will look.
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
    sign_in: bool = False
    preview: Markup | None = None
    cancel: str = ""

    def keep(self) -> None:
        """Take over what was typed, and the version that it was typed from."""
        self.body = request.form.get("body", "")
        self.submission = request.form.get("submission", "")[:64] or self.submission
        self.version = as_id(request.form.get("version", "")) or self.version

    def refused(self, error: DomainError) -> "Compose":
        """The same form with what was typed and the reason why it was not taken."""
        version, submission = self.version, self.submission
        self.keep()
        if isinstance(error, Conflict):  # they were told: the next try is a new one
            self.version, self.submission = version, submission
        self.error = error.message if error.status == 422 else f"{error.message} {BELOW}"
        if isinstance(error, SignedOut):
            self.error = "You are signed out. Your text is below: sign in, then send it again."
            self.sign_in = True
        return self


def draft_key(comment: Comment) -> str:
    """The key of the draft that became `comment`; `for_article` and `for_reply` give the same."""
    parent = f"-c-{comment.parent_id}" if comment.parent_id else ""
    return f"{_whose()}-a-{comment.article_id}{parent}"


def _whose() -> str:
    """Drafts in a shared browser belong to who typed them."""
    return f"u-{viewer().id or 0}"


def for_article(article: Article) -> Compose:
    return Compose(
        dom="compose",
        action=url_for("comments.create", slug=article.slug),
        draft=f"{_whose()}-a-{article.id}",
        label="Add a comment",
        button="Post comment",
        target="#thread",
        swap="afterbegin",
        article=article,
        submission=new_submission(),
    )


def for_reply(parent: Comment) -> Compose:
    # What was taken away while they typed has no name any more.
    named = parent.status == CommentStatus.PUBLISHED
    return Compose(
        dom=f"c-{parent.id}-form",
        action=url_for("comments.create", slug=parent.article.slug),
        draft=f"{_whose()}-a-{parent.article_id}-c-{parent.id}",
        label=f"Reply to {parent.author_name}" if named else "Your reply",
        button="Post reply",
        target=f"#c-{parent.id}-kids",
        swap="beforeend",
        article=parent.article,
        parent=parent,
        submission=new_submission(),
        cancel=comment_url(parent),
    )


def for_edit(comment: Comment) -> Compose:
    return Compose(
        dom=f"c-{comment.id}-form",
        action=url_for("comments.edit", comment_id=comment.id),
        draft=f"e-{comment.id}-{comment.version}",
        label="Edit your comment",
        button="Save",
        target=f"#c-{comment.id}-body",
        swap="outerHTML",
        article=comment.article,
        comment=comment,
        body=comment.body,
        version=comment.version,
        cancel=comment_url(comment),
    )


def page(
    box: Compose,
    title: str,
    status: int = 200,
    again: bool = False,
    part: str = "comments/_compose.html",
) -> Answer:
    """The box as a page, or for HTMX where it belongs: in its slot, or in place of itself."""
    slot = f"#{box.dom}" if again else ""
    return form_page(
        title,
        part,
        status=status,
        slot=slot,
        reswap="outerHTML" if again else "",
        announce=box.error,
        focus=f"{box.dom}-body",
        box=box,
        back=box.cancel or url_for("articles.show", slug=box.article.slug, _anchor="comments"),
        quoted=box.parent,
    )


def kept_page(error: DomainError, comment_id: int) -> Answer:
    """The typed text to copy, where its form was: there is nothing left to post it to."""
    return form_page(
        error.title,
        "comments/_kept.html",
        status=error.status,
        slot=f"#c-{comment_id}-form",
        reswap="outerHTML",
        announce=error.message,
        error=error,
        body=typed("body"),
        back=url_for("comments.show", comment_id=comment_id),
    )
