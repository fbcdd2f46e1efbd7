"""Acts of the cast and one more person on two stories, drawn at random from a seed."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from app import clock
from app.accounts import operations as accounts
from app.accounts.models import User
from app.accounts.roles import Role
from app.articles import operations as articles
from app.articles.enums import ArticleStatus, CommentsMode
from app.articles.models import Article
from app.audit.models import AuditEntry
from app.comments import operations as comments
from app.comments.enums import EDIT_WINDOW, UNDO_WINDOW, Sort
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from app.errors import DomainError, NotFound
from app.members import operations as members
from app.members import read_marks
from app.members.models import FollowState, Mute, MutedWord
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason, ReportReason
from app.reactions import operations as reactions
from tests.comments.threads import crowd
from tests.conftest import CAST, make_article, person, say, story

PEOPLE = (*CAST, "u0")
_TRIES = 60
TEXTS = (
    "A claim with a [link](https://example.org/a).",
    "Is that so?",
    "- one\n- two\n\n" + "A line.\n\n" * 40,
    "Weights and measures, @rhea.",
    "Free money",
)


class Acts:
    """Does one act after the other; the same seed does the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        crowd(1)
        make_article("other")
        top = say("rhea", "A claim.")
        reply = say("ravi", "An answer.", top)
        for number, parent in enumerate((top, reply, None, reply, top, None)):
            say(PEOPLE[number], f"Words {number}.", parent)
        say("mo", "Below the other story.", article=story("other"))
        for name in (*["vote"] * 8, "report", "mute", "mute_word", "read", "read", "pick", "age"):
            self.do(name)

    def shuffle(self) -> list[str]:
        """Return the names of all acts in any order, the most frequent ones several times."""
        names = [*KINDS, "vote", "vote", "age"]
        return self.random.sample(names, len(names))

    def do(self, name: str) -> str:
        """Do the act `name`; return it, and why the site refused it, if so.

        A refused act is drawn again: somebody else does it to another comment. After half of the
        tries the discussion is opened, which may have been closed to all.
        """
        said = ""
        for number in range(_TRIES):
            if number == _TRIES // 2:
                articles.set_discussion("story", mode=CommentsMode.OPEN)
            try:
                KINDS[name](self)
            except DomainError as refusal:
                db.session.rollback()
                said = f"{name} ({refusal})"
            else:
                said = name
                break
        db.session.commit()
        db.session.expire_all()
        return said

    def somebody(self) -> User:
        return person(self.random.choice(PEOPLE))

    def staff(self) -> User:
        return person(self.random.choice(("mo", "edda", "ada")))

    def comment(self, *states: S, where: Any = None) -> Comment:
        """Return a comment in one of the states for which `where` holds, if given, or any."""
        query = db.session.query(Comment).filter_by(article_id=story().id).order_by(Comment.id)
        found = query.filter(Comment.status.in_(states or tuple(S)))
        if where is not None:
            found = found.filter(where)
        return self.random.choice(found.all() or query.all())

    def other(self, comment: Comment) -> User:
        """Return somebody who did not write it."""
        return person(self.random.choice([name for name in PEOPLE if name != comment.author_name]))

    def author(self, comment: Comment) -> User:
        return comment.author or self.somebody()

    # -- on comments --------------------------------------------------------------------------

    def post(self) -> None:
        say(self.random.choice(PEOPLE), self.random.choice(TEXTS))

    def reply(self) -> None:
        say(self.random.choice(PEOPLE), self.random.choice(TEXTS), self.comment(S.PUBLISHED))

    def edit(self) -> None:
        young = Comment.created_at > clock.now() - EDIT_WINDOW / 2
        comment = self.comment(S.PUBLISHED, S.PENDING, where=young)
        text = self.random.choice(TEXTS)
        comments.edit(self.author(comment), comment, f"{text} Again.", comment.version)

    def delete(self) -> None:
        comment = self.comment(S.PUBLISHED, S.PENDING)
        comments.delete(self.author(comment), comment)

    def undelete(self) -> None:
        young = Comment.deleted_at > clock.now() - UNDO_WINDOW / 2
        comment = self.comment(S.DELETED, where=young)
        if comment.status != S.DELETED:
            comment = self.comment(S.PUBLISHED)
            comments.delete(self.author(comment), comment)
        comments.undelete(self.author(comment), comment)

    def remove_name(self) -> None:
        comment = self.comment(S.PUBLISHED)
        comments.remove_name(self.author(comment), comment)

    def vote(self) -> None:
        comment, value = self.comment(S.PUBLISHED), self.random.choice((1, 1, -1, 0))
        reactions.vote(self.other(comment), comment, value)

    def disagree(self) -> None:
        comment = self.comment(S.PUBLISHED)
        reactions.disagree(self.other(comment), comment, self.random.choice((1, 0)))

    def pick(self) -> None:
        reactions.pick(self.staff(), self.comment(S.PUBLISHED), "adds data")

    def unpick(self) -> None:
        reactions.unpick(self.staff(), self.comment(S.PUBLISHED))

    def report(self) -> None:
        comment = self.comment(S.PUBLISHED)
        moderation.report(self.other(comment), comment, ReportReason.SPAM)

    def save(self) -> None:
        members.save_comment(self.somebody(), self.comment(S.PUBLISHED))

    # -- of moderators and editors ------------------------------------------------------------

    def reject(self) -> None:
        comment = self.comment(S.PUBLISHED, S.PENDING)
        moderation.reject(self.staff(), comment, comment.version, RejectReason.SPAM)

    def approve(self) -> None:
        comment = self.comment(S.PENDING, S.REJECTED)
        moderation.approve(self.staff(), comment, comment.version)

    def undo(self) -> None:
        if self.comment(S.REJECTED).status != S.REJECTED:
            self.reject()
        comment = self.comment(S.REJECTED)
        entries = db.session.query(AuditEntry).filter_by(comment_id=comment.id)
        if entry := entries.order_by(AuditEntry.id.desc()).first():
            moderation.undo(self.staff(), entry)
        else:
            raise NotFound("Nothing was decided about this comment.")

    def close(self) -> None:
        articles.set_discussion(
            "story", mode=self.random.choice((*CommentsMode, CommentsMode.OPEN))
        )

    def reword(self) -> None:
        headline = f"Headline {self.random.random()}"
        self._change(story(), headline=headline, summary_html="<p>Another summary.</p>")

    def refile(self) -> None:
        story().organisation.name = f"Lab {self.random.random()}"

    def unpublish(self) -> None:
        self._move_other(ArticleStatus.DRAFT)

    def withdraw(self) -> None:
        self._move_other(ArticleStatus.WITHDRAWN)

    def _move_other(self, status: ArticleStatus) -> None:
        """Give the other story this status, or publish it again if it has another one already."""
        other = story("other")
        to = status if other.status == ArticleStatus.PUBLISHED else ArticleStatus.PUBLISHED
        at = clock.now() if to == ArticleStatus.WITHDRAWN else None
        self._change(other, status=to, withdrawn_at=at, withdrawn_reason="A mistake" if at else "")

    def publish(self) -> None:
        make_article(f"story-{self.random.randrange(10**9)}")

    def _change(self, article: Article, **columns: object) -> None:
        for name, value in columns.items():
            setattr(article, name, value)
        article.version += 1  # as whoever changes a story does

    # -- of accounts --------------------------------------------------------------------------

    def rename(self) -> None:
        shown = self.random.choice(("Ravi", "RAVI", "ravi"))  # each is found by the same name
        person("ravi").name = shown

    def promote(self) -> None:
        accounts.set_role("u0", self.random.choice((Role.READER, Role.MODERATOR, Role.EDITOR)))

    def grow(self) -> None:
        self.somebody().published_comments = self.random.choice((0, 50))

    # -- of one's own -------------------------------------------------------------------------

    def mute(self) -> None:
        members.mute(self.somebody(), self.somebody())

    def unmute(self) -> None:
        if mute := db.session.query(Mute).first():
            reader = db.session.get_one(User, mute.user_id)
            members.unmute(reader, db.session.get_one(User, mute.muted_id))

    def mute_word(self) -> None:
        word = self.random.choice(("claim", "words", "weights"))
        members.mute_word(self.somebody(), word, None)

    def unmute_word(self) -> None:
        if word := db.session.query(MutedWord).first():
            members.unmute_word(db.session.get_one(User, word.user_id), word.id)

    def follow(self) -> None:
        state = self.random.choice((*FollowState, None))
        members.set_follow(self.somebody(), story(), state)

    def read(self) -> None:
        seen = self.random.randint(0, story().last_publish_seq)
        read_marks.mark_read(self.somebody(), story(), seen)

    def reorder(self) -> None:
        members.set_reading(self.somebody(), self.random.choice(tuple(Sort)), shortcuts=False)

    # -- of the clock -------------------------------------------------------------------------

    def age(self) -> None:
        """Make all comments older, as a site is that another process just started on."""
        for comment in db.session.query(Comment):
            comment.created_at -= timedelta(minutes=self.random.choice((1, 20, 70)))
        for article in db.session.query(Article):
            article.version += 1


KINDS: dict[str, Callable[[Acts], None]] = {
    act.__name__: act
    for act in (
        *(Acts.post, Acts.reply, Acts.edit, Acts.delete, Acts.undelete, Acts.remove_name),
        *(Acts.vote, Acts.disagree, Acts.pick, Acts.unpick, Acts.report, Acts.save),
        *(Acts.reject, Acts.approve, Acts.undo, Acts.close, Acts.reword, Acts.refile),
        *(Acts.unpublish, Acts.withdraw, Acts.publish, Acts.rename, Acts.promote, Acts.grow),
        *(Acts.mute, Acts.unmute, Acts.mute_word, Acts.unmute_word),
        *(Acts.follow, Acts.read, Acts.reorder, Acts.age),
    )
}
