"""Acts on comments: actor first, plain values after, one commit on the last line."""

import re
import secrets
from collections.abc import Callable

from markupsafe import Markup
from sqlalchemy.exc import IntegrityError

from app import clock, policy, text
from app.accounts.models import User
from app.accounts.permissions import require_user
from app.articles.models import Article
from app.audit import log
from app.audit import queries as audit_queries
from app.audit.actions import Action
from app.comments import pacing, queries, signals
from app.comments.enums import EDITS_MAX, CommentStatus
from app.comments.holding import hold_discussion, hold_reply_place
from app.comments.models import Comment, Revision
from app.comments.status import count_written, set_status
from app.db.base import db
from app.db.locks import hold, retry_once
from app.errors import Conflict, Invalid, NotFound, Nudge, TooOften
from app.policy import Permission as P
from app.policy import Viewer
from app.screening import pipeline
from app.screening.phases import Finding, Outcome

_SUBMISSION = re.compile(r"[A-Za-z0-9_-]{8,64}")


def new_submission() -> str:
    """A key for one form: the same key sent twice stores one comment."""
    return secrets.token_urlsafe(16)


def require_length(source: str) -> str:
    """`source` normalised; raises Invalid when it is too long to be a comment."""
    # A far too long text is refused before anything is done with it.
    if len(source) <= text.SOURCE_MAX:
        source = text.normalise(source).strip()
    over = len(source) - text.COMMENT_MAX
    if over > 0:
        characters = "character" if over == 1 else "characters"
        raise Invalid(f"Comment is {over:,} {characters} too long", "body")
    return source


def render_preview(source: str) -> Markup:
    """What `source` will look like; raises Invalid as posting it would."""
    html = text.render(require_length(source))
    _require_words(text.make_plain(html))
    return html


@retry_once
def post(
    author: Viewer,
    article: Article,
    source: str,
    parent: Comment | None = None,
    submission: str = "",
    ask: Callable[[Comment], str | None] | None = None,
) -> Comment:
    """Add a comment or reply, published or held as the moderation pipeline finds.

    `submission` is the form's key: sent again, the first comment is the answer. `ask` gets
    the draft and returns a question to its author, or None. Raises Invalid
    for the text, NotAllowed, Gone or NotFound for the place, TooOften in slow mode, Nudge.
    """
    _require_place(author, article, parent)
    person = require_user(author)
    submission = submission if _SUBMISSION.fullmatch(submission) else new_submission()
    source = require_length(source)
    comment = Comment(
        article=article,
        author=person,
        parent=parent,
        parent_id=parent.id if parent else None,
        root_id=(parent.root_id or parent.id) if parent else None,
        depth=parent.depth + 1 if parent else 1,
        submission=submission,
        created_at=clock.now(),
        publicly_listed=False,
    )
    comment.write(source)
    _require_words(comment.plain)
    finding = _screen(person, comment)
    if ask and (sentence := ask(comment)):
        # Its twin may have been stored since; then the same words are no repetition.
        if earlier := queries.get_by_submission(person, submission):
            return _require_same(earlier, source)
        raise Nudge(sentence, "body")
    hold(article)
    if parent is not None:
        hold_reply_place(parent)
    _require_place(author, article, parent)
    if earlier := queries.get_by_submission(person, submission):
        db.session.rollback()
        return _require_same(earlier, source)
    _require_pace(person, article)
    signals.comment_posted.send(comment)
    db.session.add(comment)
    try:
        _publish_or_hold(comment, finding)
        db.session.commit()
    except IntegrityError:  # the same key below two articles at once: the other one was stored
        db.session.rollback()
        if earlier := queries.get_by_submission(person, submission):
            return _require_same(earlier, source)
        raise
    return comment


@retry_once
def edit(author: Viewer, comment: Comment, source: str, version: int) -> Comment:
    """Replace the text, keep the old one as a revision, and screen the new one again.

    `version` is the comment's version that the form was made from. Raises Conflict when it
    has moved, or when the edit window is over, and Invalid after EDITS_MAX edits.
    """
    policy.require(author, P.COMMENT_EDIT, comment)
    source = require_length(source)
    draft = Comment(html="", body=source)
    draft.write(source)
    _require_words(draft.plain)
    finding = _screen(require_user(author), draft)
    hold_discussion(author, P.COMMENT_EDIT, comment)
    if comment.version != version:
        at = (comment.edited_at or comment.created_at).strftime("%H:%M")
        raise Conflict(f"A newer version was saved at {at} UTC. Your text is below.", "body")
    if source != comment.body:
        if queries.count_revisions(comment) >= EDITS_MAX:
            raise Invalid(
                f"This comment was edited {EDITS_MAX} times, the most there can be.", "body"
            )
        db.session.add(
            Revision(comment_id=comment.id, number=version, body=comment.body, html=comment.html)
        )
        comment.write(source)
        comment.edited_at = clock.now()
        comment.version = version + 1
        comment.article.version = Article.version + 1
        if finding.outcome is Outcome.HOLD and comment.status == CommentStatus.PUBLISHED:
            set_status(comment, CommentStatus.PENDING, None, Action.HELD, note=finding.note)
        elif comment.status == CommentStatus.PUBLISHED:
            signals.comment_edited.send(comment)
    db.session.commit()
    return comment


@retry_once
def delete(author: Viewer, comment: Comment) -> Comment:
    """Take back one's own comment; where it has replies a tombstone keeps their place."""
    person = hold_discussion(author, P.COMMENT_DELETE, comment)
    set_status(comment, CommentStatus.DELETED, person, Action.DELETED)
    db.session.commit()
    return comment


@retry_once
def undelete(author: Viewer, comment: Comment) -> Comment:
    """Put a comment back as it was before its author deleted it a moment ago."""
    person = hold_discussion(author, P.COMMENT_UNDELETE, comment)
    entries = audit_queries.list_entries_of([comment.id])
    deletion = [entry for entry in entries if entry.action == Action.DELETED][-1]
    before = CommentStatus(deletion.before)
    set_status(comment, before, person, Action.UNDELETED)
    db.session.commit()
    return comment


@retry_once
def remove_name(author: Viewer, comment: Comment) -> Comment:
    """Take one's name from a comment for good; the words stay for those who answered them."""
    person = hold_discussion(author, P.COMMENT_REMOVE_NAME, comment)
    name = comment.author_name
    count_written(comment, -1)
    comment.author, comment.disowned_by = None, person.id
    comment.version += 1
    comment.article.version = Article.version + 1
    log.record(Action.DISOWNED, person, comment_id=comment.id, subject=name)
    db.session.commit()
    return comment


def _publish_or_hold(comment: Comment, finding: Finding) -> None:
    if finding.outcome is Outcome.HOLD:
        set_status(comment, CommentStatus.PENDING, None, Action.HELD, note=finding.note)
    else:
        set_status(comment, CommentStatus.PUBLISHED, None)


def _screen(author: User, draft: Comment) -> Finding:
    """The pipeline's finding; a refusal is raised where the text was typed."""
    finding = pipeline.screen(pipeline.make_draft(author, draft.body, draft.html))
    if finding.outcome is Outcome.REFUSE:
        raise Invalid(finding.message, "body")
    return finding


def _require_place(author: Viewer, article: Article, parent: Comment | None) -> None:
    policy.require(author, P.COMMENT_CREATE, article)
    if parent is None:
        return
    if parent.article_id != article.id:
        raise NotFound("The comment that you reply to belongs to another article.")
    policy.require(author, P.COMMENT_REPLY, parent)


def _require_pace(author: User, article: Article) -> None:
    """In slow mode a person waits between two comments; raises TooOften with the wait."""
    if wait := pacing.count_wait(author, article):
        raise TooOften(f"This discussion is in slow mode. Next comment in {wait} s.", wait)


def _require_words(plain: str) -> None:
    """Refuse what shows nothing: blanks, but also a link without a text."""
    if text.is_blank(plain):
        raise Invalid("Comment can't be empty", "body")


def _require_same(earlier: Comment, source: str) -> Comment:
    """The answer to a form that was sent before; a changed text is no repetition of it."""
    if earlier.body != source:
        raise Conflict("This form was sent already, with another text.", "body")
    return earlier
