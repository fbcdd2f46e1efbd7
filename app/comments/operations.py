"""Acts on comments: actor first, plain values after, one commit on the last line."""

import re
import secrets
from collections.abc import Callable

from markupsafe import Markup

from app import clock, policy, text
from app.accounts.permissions import require_member
from app.accounts.rows import AnyMember
from app.articles.models import Article
from app.articles.rows import AnyArticle
from app.audit import log
from app.audit import queries as audit_queries
from app.audit.actions import Action
from app.comments import pacing, queries, rows, signals
from app.comments.enums import EDITS_MAX, CommentStatus
from app.comments.locking import lock_discussion
from app.comments.models import Comment, Revision, make_columns
from app.comments.rows import AnyComment, AuthorRow, CommentRow
from app.comments.status import add_comment, count_written, set_status
from app.db.base import db
from app.db.locks import retry_once, take_write_lock
from app.errors import Conflict, Invalid, NotFound, Nudge, TooOften
from app.policy import Permission as P
from app.policy import Viewer
from app.screening import pipeline
from app.screening.phases import Finding, Outcome
from app.text.quantities import require_length

_SUBMISSION = re.compile(r"[A-Za-z0-9_-]{8,64}")


def new_submission() -> str:
    """Return a key for one form; a form sent twice with the same key stores one comment."""
    return secrets.token_urlsafe(16)


def clean_source(source: str) -> str:
    """Return `source` normalised; raises Invalid when it is too long for a comment."""
    return require_length(source, text.COMMENT_MAX, "Comment is", "body")


def render_preview(source: str) -> Markup:
    """Return `source` as a comment will show it; raises Invalid as posting it would."""
    html = text.render(clean_source(source))
    _require_words(text.make_plain(html))
    return html


@retry_once
def post(
    author: Viewer,
    article: AnyArticle,
    source: str,
    parent: AnyComment | None = None,
    submission: str = "",
    ask: Callable[[AnyMember, CommentRow], str | None] | None = None,
) -> CommentRow:
    """Add a comment or reply, published or held as the phases of screening decide.

    `submission` is the form's key; when it was used before, the comment stored then is returned.
    `ask` gets the author and the draft and returns a question, or None. Raises Invalid for the
    text; NotAllowed, Gone or NotFound for the article or the parent, also for what became of
    them since they were read; Conflict for a key that was used with another text; TooOften in
    slow mode; Nudge with the question of `ask`.
    """
    _require_target(author, article, parent)
    person = require_member(author)
    submission = submission if _SUBMISSION.fullmatch(submission) else new_submission()
    answered = rows.make_row(parent) if parent else None
    draft = _make_draft(person, article, clean_source(source), answered, submission)
    _require_words(draft.plain)
    finding = _screen(person, draft.body, draft.html)
    if ask and (sentence := ask(person, draft)):
        # The same form may have stored the comment meanwhile, which `ask` takes for a repetition.
        if earlier := rows.get_by_submission(person.id, submission):
            return _require_same(earlier, draft)
        raise Nudge(sentence, "body")
    take_write_lock()
    signals.comment_posted.send(draft)
    comment = add_comment(
        draft,
        CommentStatus.PENDING if finding.outcome is Outcome.HOLD else CommentStatus.PUBLISHED,
        lambda fresh: _require_target(author, fresh.article, fresh.parent),
        note=finding.note,
    )
    if comment is None:
        db.session.rollback()
        return _require_same(rows.get_by_submission(person.id, submission), draft)
    _require_pace(person, comment)
    db.session.commit()
    return comment


@retry_once
def edit(author: Viewer, comment: Comment, source: str, version: int) -> Comment:
    """Replace the text, store the old one as a revision, and screen the new one.

    `version` is the comment's version that the form was made from. Raises Conflict when the
    comment has another version by now or the edit window is over, Invalid for the text and after
    EDITS_MAX edits, and the refusals of COMMENT_EDIT.
    """
    policy.require(author, P.COMMENT_EDIT, comment)
    source = clean_source(source)
    columns = make_columns(source)
    _require_words(columns["plain"])
    finding = _screen(require_member(author), source, columns["html"])
    lock_discussion(author, P.COMMENT_EDIT, comment)
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
    """Delete one's own comment; if it has replies, a tombstone stays above them."""
    person = lock_discussion(author, P.COMMENT_DELETE, comment)
    set_status(comment, CommentStatus.DELETED, person, Action.DELETED)
    db.session.commit()
    return comment


@retry_once
def undelete(author: Viewer, comment: Comment) -> Comment:
    """Restore the status of a comment that its author deleted a moment ago."""
    person = lock_discussion(author, P.COMMENT_UNDELETE, comment)
    entries = audit_queries.list_entries_of([comment.id])
    deletion = [entry for entry in entries if entry.action == Action.DELETED][-1]
    before = CommentStatus(deletion.before)
    set_status(comment, before, person, Action.UNDELETED)
    db.session.commit()
    return comment


@retry_once
def remove_name(author: Viewer, comment: Comment) -> Comment:
    """Take one's name off a comment for good; its words stay for those who replied."""
    person = lock_discussion(author, P.COMMENT_REMOVE_NAME, comment)
    name = comment.author_name
    count_written(comment, -1)
    comment.author, comment.disowned_by = None, person.id
    comment.version += 1
    comment.article.version = Article.version + 1
    log.record(Action.DISOWNED, person, comment_id=comment.id, subject=name)
    db.session.commit()
    return comment


def _make_draft(
    person: AnyMember,
    article: AnyArticle,
    source: str,
    parent: CommentRow | None,
    submission: str,
) -> CommentRow:
    """Return a comment as it is written, before it has an id, a status and a place."""
    values = rows.DEFAULTS | make_columns(source)
    return CommentRow(
        **values
        | {
            "id": 0,
            "status": "",
            "created_at": clock.now(),
            "version": 2,  # an edit stores the text before it under this number; none has 1
            "submission": submission,
            "article_id": article.id,
            "author_id": person.id,
            "parent_id": parent.id if parent else None,
            "root_id": (parent.root_id or parent.id) if parent else None,
            "depth": parent.depth + 1 if parent else 1,
        },
        article=article,
        author=AuthorRow(person.id, person.name, person.role, person.imported),
        parent=parent,
    )


def _screen(author: AnyMember, source: str, html: str) -> Finding:
    """Return the pipeline's finding; raises Invalid for a refused text."""
    finding = pipeline.screen(pipeline.make_draft(author, source, html))
    if finding.outcome is Outcome.REFUSE:
        raise Invalid(finding.message, "body")
    return finding


def _require_target(author: Viewer, article: AnyArticle, parent: AnyComment | None) -> None:
    policy.require(author, P.COMMENT_CREATE, article)
    if parent is None:
        return
    if parent.article_id != article.id:
        raise NotFound("The comment that you reply to belongs to another article.")
    policy.require(author, P.COMMENT_REPLY, parent)


def _require_pace(author: AnyMember, comment: CommentRow) -> None:
    """Raise TooOften with the wait if slow mode does not allow the new comment yet."""
    if wait := pacing.count_wait(author, comment.article, comment.id):
        raise TooOften(f"This discussion is in slow mode. Next comment in {wait} s.", wait)


def _require_words(plain: str) -> None:
    """Raise Invalid for a text that shows nothing: only blanks, or a link without a label."""
    if text.is_blank(plain):
        raise Invalid("Comment can't be empty", "body")


def _require_same(earlier: CommentRow | None, draft: CommentRow) -> CommentRow:
    """Return the comment that the same form stored before; raises Conflict for another text."""
    if earlier is None or earlier.body != draft.body:
        raise Conflict("This form was sent already, with another text.", "body")
    return earlier
