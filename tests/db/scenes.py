"""Scenes in which an act writes all that it ever writes.

A scene prepares the rows and returns the act itself, to be done in a transaction of its own.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import update

from app import clock
from app.accounts import operations as accounts
from app.accounts.models import User
from app.accounts.roles import Role
from app.articles.models import Article
from app.audit.models import AuditEntry
from app.comments import operations as comments
from app.comments.enums import EDIT_WINDOW
from app.comments.models import Comment, Revision
from app.db.base import db
from app.drafts import operations as drafts
from app.drafts.models import Draft
from app.imports import threads
from app.maintenance import recount as recounting
from app.maintenance import reindex as search
from app.maintenance import rerender as rerendering
from app.members import operations as personal
from app.members.models import FollowState, MutedWord
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions import operations as reactions
from app.revisions import operations as revisions
from app.screening import operations
from app.screening.models import WordKind
from tests.conftest import PASSWORD, fresh, person, say, story
from tests.moderation import desk

Act = Callable[[], object]
Scene = Callable[[], Act]
LINK = "https://example.org/"
STAFF_PASSWORD = "battery-of-correct-horses"
ARTICLE = {
    "slug": "story",
    "headline": "Another headline",
    "organisation": "New Lab",
    "category": "Policy",
    "published_at": "2026-07-05T11:00:00+02:00",
    "topics": ["Open Source", "Maps"],
    "takeaways": ["It reads maps.", "It gets lost."],
    "source": {"name": "Example News", "url": "https://example.org/maps"},
    "summary": "Some *words*.",
    "opinion": "We like maps.",
}


def leaf() -> Comment:
    """Add a reply of Ravi's that alone keeps two tombstones listed, below a comment of Rhea's."""
    first = say("rhea", "The first of the thread.")
    second = say("mo", "A reply, deleted later.", first)
    third = say("edda", "One more, deleted later.", second)
    last = say("ravi", "The one that stays.", third)
    comments.delete(person("mo"), second)
    comments.delete(person("edda"), third)
    return fresh(last)


def reported() -> Comment:
    comment = leaf()
    for who in ("rhea", "nils"):
        desk.report(who, comment)
    return fresh(comment)


def old(comment: Comment) -> Comment:
    """Return the comment with its edit window over."""
    before = clock.now() - 2 * EDIT_WINDOW
    db.session.execute(update(Comment).where(Comment.id == comment.id).values(created_at=before))
    db.session.commit()
    return fresh(comment)


def post_published() -> Act:
    parent = leaf()
    drafts.save_draft(person("nils"), f"a-{story().id}-c-{parent.id}", "Words")
    return lambda: comments.post(person("nils"), story(), "Words for @rhea, @mo", parent)


def post_held() -> Act:
    parent = leaf()
    drafts.save_draft(person("nils"), f"a-{story().id}-c-{parent.id}", "Words")
    return lambda: comments.post(person("nils"), story(), f"Words {LINK}", parent)


def edit_held() -> Act:
    comment = fresh(say("nils", "Words", leaf()))
    say("rhea", "An answer", comment)
    comment = fresh(comment)
    return lambda: comments.edit(person("nils"), comment, f"Other {LINK}", comment.version)


def edit_published() -> Act:
    comment = fresh(say("rhea", "Words", leaf()))
    return lambda: comments.edit(person("rhea"), comment, "Other @nils", comment.version)


def undelete() -> Act:
    comment = fresh(comments.delete(person("ravi"), leaf()))
    return lambda: comments.undelete(person("ravi"), comment)


def disown() -> Act:
    comment = old(leaf())
    return lambda: comments.remove_name(person("ravi"), comment)


def vote_again() -> Act:
    comment = leaf()
    reactions.vote(person("rhea"), comment, 1)
    return lambda: reactions.vote(person("rhea"), comment, -1)


def vote_taken_back() -> Act:
    comment = leaf()
    reactions.vote(person("rhea"), comment, 1)
    return lambda: reactions.vote(person("rhea"), comment, 0)


def disagree_no_more() -> Act:
    comment = leaf()
    reactions.disagree(person("rhea"), comment, 1)
    return lambda: reactions.disagree(person("rhea"), comment, 0)


def unpick() -> Act:
    comment = reactions.pick(person("edda"), leaf(), "A good one")
    return lambda: reactions.unpick(person("edda"), comment)


def redact() -> Act:
    comment = leaf()
    comment = fresh(comments.edit(person("ravi"), comment, "Other words", comment.version))
    number = db.session.query(Revision).filter_by(comment_id=comment.id).one().number
    return lambda: revisions.redact_revision(person("mo"), comment, number)


def undo() -> Act:
    entry = desk.reject("mo", reported())
    return lambda: moderation.undo(person("mo"), db.session.get_one(AuditEntry, entry.id))


def undo_kept() -> Act:
    entry = desk.approve("mo", reported())
    return lambda: moderation.undo(person("mo"), db.session.get_one(AuditEntry, entry.id))


def decide(approves: bool, make: Callable[[], Comment]) -> Act:
    comment = fresh(make())
    if approves:
        return lambda: moderation.approve(person("ada"), comment, comment.version)
    return lambda: moderation.reject(person("ada"), comment, comment.version, RejectReason.SPAM)


def remove_word() -> Act:
    operations.add_word(None, WordKind.BANNED, "word")
    return lambda: operations.remove_word(None, WordKind.BANNED, "word")


def signed_in(name: str) -> str:
    return accounts.open_session(person(name), "tests").session_token or ""


def sign_in_rehashed() -> Act:
    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    person("rhea").password_hash = weak
    db.session.commit()
    return lambda: accounts.sign_in("rhea", PASSWORD, "tests")


def sign_out() -> Act:
    token = signed_in("rhea")
    return lambda: accounts.sign_out(token)


def set_role() -> Act:
    accounts.create("second", STAFF_PASSWORD, Role.ADMIN, "BotBeat")
    for _ in range(2):
        signed_in("ada")
    return lambda: accounts.set_role("ada", Role.EDITOR)


def set_password() -> Act:
    for _ in range(2):
        signed_in("ada")
    return lambda: accounts.set_password("ada", STAFF_PASSWORD, "BotBeat")


def draft_saved() -> Act:
    """Where others have drafts that are too old."""
    place = f"a-{story().id}"
    for name in ("ravi", "nils", "rhea"):
        drafts.save_draft(person(name), place, "Words")
    db.session.execute(update(Draft).values(updated_at=clock.now() - timedelta(days=400)))
    db.session.commit()
    return lambda: drafts.save_draft(person("rhea"), place, "Other words")


def forget_draft() -> Act:
    place = f"a-{story().id}"
    drafts.save_draft(person("rhea"), place, "Words")
    return lambda: drafts.forget_draft(person("rhea"), place)


def forget_kept() -> Act:
    token = drafts.keep_unsent(story(), None, "Words", "")
    return lambda: drafts.forget_unsent([token])


def imported(replies: int = 2) -> Act:
    """Read a thread a second time: replies to what was there, and to a tombstone that was gone."""
    rows: list[dict[str, Any]] = [
        {"id": str(i), "parent_id": parent, "author": f"reader-{i}", "text": f"Words {i}"}
        | {"created_at": "2026-01-05T09:00:00Z", "deleted": i == 2}
        for i, parent in ((1, None), (2, "1"), (3, None))
    ]
    threads.import_thread(story(), {"comments": rows}, "elsewhere")
    more = [row | {"id": f"{row['id']}-{i}", "parent_id": row["id"], "deleted": False}
            for i in range(replies) for row in reversed(rows)]  # fmt: skip
    return lambda: threads.import_thread(story(), {"comments": rows + more}, "elsewhere")


def recount() -> Act:
    leaf()
    for model, column in ((Article, "comment_count"), (User, "published_comments")):
        db.session.execute(update(model).values({column: 77}))
    db.session.execute(update(Comment).values(reply_count=77))
    db.session.commit()
    return lambda: recounting.recount_counters(mend=True)


def rerender() -> Act:
    leaf()
    for model in (Article, Comment):
        db.session.execute(update(model).values(pipeline=0))
    db.session.execute(update(Comment).values(html="<p>Of an older version</p>"))
    db.session.execute(update(Article).values(summary_html="<p>Of an older version</p>"))
    db.session.commit()
    return rerendering.rerender_texts


def reindex() -> Act:
    leaf()
    return search.reindex_comments


def follow_changed() -> Act:
    personal.set_follow(person("rhea"), story(), FollowState.FOLLOWED)
    return lambda: personal.set_follow(person("rhea"), story(), FollowState.MUTED)


def unsave() -> Act:
    comment = leaf()
    personal.save_comment(person("rhea"), comment)
    return lambda: personal.unsave_comment(person("rhea"), comment.id)


def unmute_word() -> Act:
    personal.mute_word(person("rhea"), "word", None)
    word = db.session.query(MutedWord).filter_by(pattern="word").one()
    return lambda: personal.unmute_word(person("rhea"), word.id)


def on_a_leaf(act: Callable[[Comment], object]) -> Scene:
    def scene() -> Act:
        comment = leaf()
        return lambda: act(comment)

    return scene


def at_once(act: Act) -> Scene:
    return lambda: act
