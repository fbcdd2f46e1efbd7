"""The compose box in its three uses: a new comment, a reply, an edit."""

from dataclasses import dataclass

from flask import request, url_for
from markupsafe import Markup

from app import text
from app.articles.models import Article
from app.comments.models import Comment
from app.comments.operations import new_submission
from app.comments.vocabulary import CommentStatus
from app.errors import Conflict, DomainError, SignedOut
from app.web.pages import as_id
from app.web.urls import comment_url

MOST = text.COMMENT_MAX


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
        newest = self.version
        self.keep()
        if isinstance(error, Conflict):  # they were told: the next try may replace it
            self.version = newest
        self.error = error.message
        if isinstance(error, SignedOut):
            self.error = "You are signed out. Your text is below: sign in, then send it again."
            self.sign_in = True
        return self


def draft_key(comment: Comment) -> str:
    """The key of the draft that became `comment`; `for_article` and `for_reply` give the same."""
    parent = f"-c-{comment.parent_id}" if comment.parent_id else ""
    return f"a-{comment.article_id}{parent}"


def for_article(article: Article) -> Compose:
    return Compose(
        dom="compose",
        action=url_for("comments.create", slug=article.slug),
        draft=f"a-{article.id}",
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
        draft=f"a-{parent.article_id}-c-{parent.id}",
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
        target=f"#c-{comment.id}-form",
        swap="outerHTML",
        article=comment.article,
        comment=comment,
        body=comment.body,
        version=comment.version,
        cancel=comment_url(comment),
    )
