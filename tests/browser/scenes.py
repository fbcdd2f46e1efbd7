"""Discussions that browser tests read and act in, made by the site's own operations.

Run as a program inside a site (BOTBEAT_INSTANCE names it): it adds members and articles with
their discussions once, and prints the numbers of the comments that have a name here as JSON.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock, create_app
from app.accounts import operations as accounts
from app.accounts.models import User
from app.accounts.queries import get_by_name
from app.accounts.roles import Role
from app.articles.models import Article
from app.comments import operations as comments
from app.comments import ranking
from app.comments.models import Comment
from app.db.base import db
from app.imports.articles import import_article
from app.imports.models import ImportedComment
from app.imports.threads import import_thread
from app.members import operations as personal
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason, ReportReason
from app.reactions import operations as reactions

PASSWORD = "a-phrase-for-the-scenes"
MEMBERS = ("lark", "wren", "finch", "heron", "stork")
LONG, SCRIPTS, STATES, ACTS = "a-long-talk", "every-script", "every-state", "a-talk-to-act-in"
EMPTY, CLOSED, SLOW = "a-talk-not-begun", "a-talk-that-ended", "a-slow-talk"

Row = dict[str, Any]
Numbers = dict[str, dict[str, int]]


def row(name: str, words: str, parent: str = "", hours: float = 48, score: int = 1) -> Row:
    """One comment of an import file, by an author of its own."""
    written = clock.now() - timedelta(hours=hours)
    return {
        "id": name,
        "parent_id": parent or None,
        "author": f"by_{name}",
        "created_at": written.isoformat(),
        "text": words,
        "score": score,
    }


def long_talk() -> Iterator[Row]:
    """More than a page of threads, a thread with many replies, a deep one, a disliked one."""
    yield row("busy", "The thread with the most replies.", hours=90, score=50)
    yield row("deep", "The thread that goes deep.", hours=89, score=40)
    yield row("long", "\n\n".join(f"Line {n} of forty." for n in range(1, 41)), hours=88, score=30)
    yield row("question", "Does this hold for small models?", hours=87, score=25)
    yield row("disputed", "Half of the readers like this.", hours=86)
    yield row("zeppelin", "A zeppelin would be slower.", hours=85, score=24)
    yield row("low", "A claim that few liked.", hours=84, score=-6)
    yield row("under-low", "An answer to it.", "low", hours=83)
    for n in range(1, 28):
        yield row(f"busy-{n}", f"Reply number {n}.", "busy", hours=80 - n)
    above = "deep"
    for n in range(2, 13):
        yield row(f"deep-{n}", f"Level {n} of the deep thread.", above, hours=80 - n)
        above = f"deep-{n}"
    for n in range(1, 18):
        yield row(f"filler-{n}", f"Filler number {n}.", hours=40 - n, score=20 - n)
    yield row("young", "Written a moment ago.", hours=0.1, score=3)


def every_script() -> Iterator[Row]:
    """Yield what is hard to set in a narrow window, with replies of the same kind."""
    code = "def f():\n    return '" + "x" * 200 + "'  # a line wider than any window"
    texts = {
        "arabic": "هذا تعليق طويل باللغة العربية عن الذكاء الاصطناعي، مع كلمة English في وسطه.",
        "hebrew": "זוהי תגובה בעברית עם `code` ועם 42 מספרים.",
        "chinese": "开放权重的模型改变了研究的方式，" * 12,
        "japanese": "これは日本語のとても長いコメントです。改行はありません。" * 8,
        "emoji": "👩‍👩‍👧‍👦🏳️‍🌈👍🏽" * 40,
        "word": "Donaudampfschifffahrtsgesellschaftskapitaen" * 12,
        "code": f"```python\n{code}\n```\n\nAnd `{'y' * 120}` in a line.",
        "quotes": "> > > > quotes in quotes\n> > > deep\n\n1. one\n   - two\n     - three",
        "link": "See https://example.org/" + "a-very-long-path/" * 20,
    }
    for name, words in texts.items():
        yield row(name, words, hours=50)
    above = "arabic"
    for n in range(2, 7):
        words = f"رد رقم {n} على التعليق السابق مع كلمات كثيرة."
        yield row(f"arabic-{n}", words, above, hours=49 - n)
        above = f"arabic-{n}"


def talk_to_act_in() -> Iterator[Row]:
    """Threads of several people, old enough to show their scores."""
    for n in range(1, 31):
        words = f"Opinion number {n}, with *some* weight. A second sentence follows."
        yield row(f"t{n}", words, hours=70 - n, score=40 - n)
    yield row("t1-reply", "A reply to the first.", "t1", hours=20, score=2)


def article(slug: str, rows: list[Row], **changes: Any) -> Article:
    """Add a published story with an imported discussion."""
    made = import_article(
        {
            "slug": slug,
            "headline": slug.replace("-", " ").capitalize(),
            "organisation": "Ollama",
            "category": "Research",
            "published_at": (clock.now() - timedelta(days=200)).isoformat(),
            "summary": "A story of the tests.",
            **changes,
        }
    )
    if rows:
        import_thread(made, {"comments": rows}, slug)
    return made


def numbers(made: Article) -> dict[str, int]:
    found = select(ImportedComment).where(ImportedComment.article_id == made.id)
    return {one.external_id: one.comment_id for one in db.session.scalars(found)}


def write(author: User, made: Article, words: str, parent: Comment | None = None) -> Comment:
    """Post a comment and return its entity."""
    return db.session.get_one(Comment, comments.post(author, made, words, parent).id)


def age(comment: Comment, **by: float) -> Comment:
    """Let a comment have been written earlier than now."""
    comment.created_at = clock.now() - timedelta(**by)
    db.session.commit()
    return comment


def enliven_long(made: Article, cast: dict[str, User]) -> dict[str, int]:
    named = numbers(made)
    get = {name: db.session.get_one(Comment, number) for name, number in named.items()}
    disputed = get["disputed"]
    disputed.up, disputed.down = 20, 19
    disputed.best = ranking.compute_best(20, 19)
    disputed.controversy = ranking.compute_controversy(20, 19)
    answer = write(cast["editor"], made, "The newsroom looked it up.", get["filler-1"])
    wrens = write(cast["wren"], made, "Only one bird wrote this.")
    reactions.pick(cast["editor"], get["filler-2"], "Adds figures that the story lacks")
    reactions.vote(cast["moderator"], get["busy"], -1)
    reactions.vote(cast["moderator"], get["filler-3"], 1)
    return named | {
        "staff": age(answer, hours=5).id,
        "wren": age(wrens, hours=30).id,
    }


def enliven_states(made: Article, cast: dict[str, User]) -> dict[str, int]:
    lark, wren, heron, moderator = (cast[n] for n in ("lark", "wren", "heron", "moderator"))

    def post(author: User, words: str, parent: Comment | None = None) -> Comment:
        return age(write(author, made, words, parent), hours=3)

    own = post(lark, "Lark's own comment.")
    pending = post(lark, "Look at https://example.org/pending for more.")
    refused = post(lark, "Look at https://example.org/refused as well.")
    moderation.reject(moderator, refused, refused.version, RejectReason.SPAM)
    removed, deleted = post(wren, "To be removed."), post(wren, "To be deleted.")
    for tombstone in (removed, deleted):
        post(lark, "A reply that stays.", tombstone)
    moderation.reject(moderator, removed, removed.version, RejectReason.ATTACK)
    comments.delete(wren, deleted)
    muted = post(heron, "From somebody whom lark muted.")
    personal.mute(lark, heron)
    personal.mute_word(lark, "kumquat", None)
    worded = post(wren, "A kumquat, of all fruits.")
    liked, disliked = post(wren, "Liked by lark."), post(wren, "Not liked by staff.")
    reactions.vote(lark, liked, 1)
    reactions.vote(moderator, disliked, -1)
    reactions.disagree(lark, liked, 1)
    personal.save_comment(lark, liked)
    moderation.report(lark, disliked, ReportReason.OFF_TOPIC)
    reactions.pick(cast["editor"], liked, "Says it plainly")
    edited = write(wren, made, "The first version stood here.")
    comments.edit(wren, edited, "The second version stands here.", edited.version)
    age(edited, hours=4)
    answer = post(wren, "Have you seen the other story?", own)
    named = post(wren, "Somebody should ask @lark.")
    found = locals()
    wanted = ("own", "pending", "refused", "removed", "deleted", "muted", "worded", "liked")
    return {name: found[name].id for name in (*wanted, "disliked", "edited", "answer", "named")}


def build() -> Numbers:
    site = "BotBeat"
    cast = {name: accounts.create(name, PASSWORD, Role.READER, site) for name in MEMBERS}
    for name in ("reader", "moderator", "editor"):
        person = get_by_name(f"demo_{name}")
        assert person is not None
        cast[name] = person
    read, acts = article(LONG, list(long_talk())), article(ACTS, list(talk_to_act_in()))
    article(EMPTY, [])
    article(CLOSED, [row("last", "The last word.")], comments={"mode": "closed"})
    article(SLOW, [row("slow", "Take your time.")])
    scripts = article(SCRIPTS, list(every_script()))
    states = article(STATES, [])
    return {
        LONG: enliven_long(read, cast),
        STATES: enliven_states(states, cast),
        ACTS: numbers(acts),
        SCRIPTS: numbers(scripts),
    }


if __name__ == "__main__":
    with create_app().app_context():
        print(json.dumps(build()))
