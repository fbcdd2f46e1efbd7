"""Acts on comments: actor first, plain values after, one commit on the last line."""

import re
import secrets

from markupsafe import Markup
from sqlalchemy.exc import IntegrityError

from app import clock, policy, text
from app.accounts.models import User, Viewer
from app.articles.models import Article
from app.comments import queries, sorting
from app.comments.models import Comment, Revision, Vote
from app.comments.vocabulary import CommentStatus
from app.errors import Conflict, Invalid, NotFound
from app.extensions import db, lock_row
from app.moderation import pipeline
from app.moderation.phases import Finding, Outcome
from app.moderation.reasons import Action
from app.moderation.status import lock, set_status
from app.policy import Permission as P

_SUBMISSION = re.compile(r"[A-Za-z0-9_-]{8,64}")


def new_submission() -> str:
    """A key for one form: the same key sent twice stores one comment."""
    return secrets.token_urlsafe(16)


def checked(source: str) -> str:
    """`source` normalised; raises Invalid when it is too long to be a comment."""
    # A far too long text is refused before anything is done with it.
    if len(source) <= text.SOURCE_MAX:
        source = text.normalise(source).strip()
    over = len(source) - text.COMMENT_MAX
    if over > 0:
        characters = "character" if over == 1 else "characters"
        raise Invalid(f"Comment is {over:,} {characters} too long", "body")
    return source


def preview(source: str) -> Markup:
    """What `source` will look like; raises Invalid as posting it would."""
    html = text.render(checked(source))
    _require_words(html)
    return html


def post(
    author: Viewer,
    article: Article,
    source: str,
    parent: Comment | None = None,
    submission: str = "",
) -> Comment:
    """Add a comment or reply, published or held as the moderation pipeline finds.

    `submission` is the form's key: sent again, the first comment is the answer. Raises
    Invalid for the text, NotAllowed, Gone or NotFound for the place.
    """
    _require_place(author, article, parent)
    person = policy.member_of(author)
    submission = submission if _SUBMISSION.fullmatch(submission) else new_submission()
    source = checked(source)
    if earlier := queries.by_submission(person, submission):
        return _same(earlier, source)
    comment = Comment(
        article=article,
        author=person,
        parent=parent,
        depth=parent.depth + 1 if parent else 1,
        submission=submission,
        created_at=clock.now(),
    )
    comment.write(source)
    _require_words(comment.html)
    lock(article)
    if parent is not None:
        db.session.refresh(parent)
    _require_place(author, article, parent)
    # The same form, sent twice at once: asked before its words are found to be a repetition.
    if earlier := queries.by_submission(person, submission):
        db.session.rollback()
        return _same(earlier, source)
    finding = _screened(person, article, comment)
    db.session.add(comment)
    try:
        _publish_or_hold(comment, finding)
        db.session.commit()
    except IntegrityError:  # the same key below two articles at once: the other one was stored
        db.session.rollback()
        if earlier := queries.by_submission(person, submission):
            return _same(earlier, source)
        raise
    return comment


def edit(author: Viewer, comment: Comment, source: str, version: int) -> Comment:
    """Replace the text, keep the old one as a revision, and screen the new one again.

    `version` is the comment's version that the form was made from. Raises Conflict when it
    has moved, or when the edit window is over.
    """
    policy.require(author, P.COMMENT_EDIT, comment)
    source = checked(source)
    draft = Comment(html="", body=source)
    draft.write(source)
    _require_words(draft.html)
    finding = _screened(policy.member_of(author), comment.article, draft, comment)
    lock(comment.article)
    db.session.refresh(comment)
    policy.require(author, P.COMMENT_EDIT, comment)
    if comment.version != version:
        at = (comment.edited_at or comment.created_at).strftime("%H:%M")
        raise Conflict(f"A newer version was saved at {at} UTC. Your text is below.", "body")
    if source != comment.body:
        db.session.add(
            Revision(comment_id=comment.id, number=version, body=comment.body, html=comment.html)
        )
        comment.write(source)
        comment.edited_at = clock.now()
        comment.version = version + 1
        comment.article.version = Article.version + 1
        if finding.outcome is Outcome.HOLD and comment.status == CommentStatus.PUBLISHED:
            set_status(comment, CommentStatus.PENDING, None, Action.HELD, note=finding.note)
    db.session.commit()
    return comment


def delete(author: Viewer, comment: Comment) -> Comment:
    """Take back one's own comment; where it has replies a tombstone keeps their place."""
    policy.require(author, P.COMMENT_DELETE, comment)
    lock(comment.article)
    db.session.refresh(comment)
    policy.require(author, P.COMMENT_DELETE, comment)
    set_status(comment, CommentStatus.DELETED, policy.member_of(author), Action.DELETED)
    db.session.commit()
    return comment


def vote(voter: Viewer, comment: Comment, value: int) -> Comment:
    """Set the one vote of `voter` on `comment` to 1, -1, or 0 for none."""
    if value not in (-1, 0, 1):
        raise Invalid("A vote is 1, -1 or 0.", "value")
    permission = P.COMMENT_DOWNVOTE if value < 0 else P.COMMENT_UPVOTE
    policy.require(voter, permission, comment)
    person = policy.member_of(voter)
    lock_row(comment)
    policy.require(voter, permission, comment)
    existing = db.session.get(
        Vote, (person.id, comment.id), populate_existing=True, with_for_update=True
    )
    before = existing.value if existing else 0
    if existing and value:
        existing.value = value
    elif existing:
        db.session.delete(existing)
    elif value:
        db.session.add(Vote(user_id=person.id, comment_id=comment.id, value=value))
    comment.up += (value == 1) - (before == 1)
    comment.down += (value == -1) - (before == -1)
    comment.best = sorting.best(comment.up, comment.down)
    db.session.commit()
    return comment


def _publish_or_hold(comment: Comment, finding: Finding) -> None:
    if finding.outcome is Outcome.HOLD:
        set_status(comment, CommentStatus.PENDING, None, Action.HELD, note=finding.note)
    else:
        set_status(comment, CommentStatus.PUBLISHED, None)


def _screened(
    author: User, article: Article, draft: Comment, comment: Comment | None = None
) -> Finding:
    """The pipeline's finding; a refusal is raised where the text was typed."""
    finding = pipeline.screen(pipeline.draft(author, article, draft.body, draft.html, comment))
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


def _require_words(html: str) -> None:
    """Refuse what shows nothing: blanks, but also a link without a text."""
    if text.is_blank(text.plain(html)):
        raise Invalid("Comment can't be empty", "body")


def _same(earlier: Comment, source: str) -> Comment:
    """The answer to a form that was sent before; a changed text is no repetition of it."""
    if earlier.body != source:
        raise Conflict("This form was sent already, with another text.", "body")
    return earlier
