"""Threads of any shape put straight into the database, and pages read as a reader sees them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

from sqlalchemy import func, insert, select, text

from app import clock
from app.accounts.models import User
from app.accounts.queries import make_name_key
from app.articles.models import Article
from app.comments import ranking
from app.comments.enums import CommentStatus as S
from app.comments.models import Comment
from app.db.base import db
from app.imports.models import ImportedComment
from app.moderation.models import Report
from app.reactions.models import Disagreement, Vote
from tests.conftest import story


def crowd(number: int) -> list[User]:
    """Return new members who joined long ago."""
    ago = clock.now() - timedelta(days=100)
    people = [
        User(
            name=f"u{i}",
            name_key=make_name_key(f"u{i}"),
            password_hash="x",
            created_at=ago,
            published_comments=50,
        )
        for i in range(number)
    ]
    db.session.add_all(people)
    db.session.commit()
    return people


def plant(
    parents: Sequence[int | None],
    authors: Sequence[User],
    states: dict[int, S] | None = None,
    votes: dict[int, tuple[int, int]] | None = None,
) -> list[int]:
    """Comments below the article "story"; returns their ids.

    `parents[i]` is the place in the list of what comment i replies to; `states` holds those
    that are not published, `votes` (up, down). Counters and order keys are made as the rules
    of `app.comments.status` say, in a way of their own.
    """
    states, votes = states or {}, votes or {}
    article = story()
    first = (db.session.scalar(select(func.max(Comment.id))) or 0) + 1
    now = clock.now()
    replies: Counter[int] = Counter()
    listed = {}
    for i in reversed(range(len(parents))):
        state = states.get(i, S.PUBLISHED)
        listed[i] = state in (S.PUBLISHED, S.REJECTED) or (state == S.DELETED and replies[i] > 0)
        above = parents[i]
        if above is not None and listed[i]:
            replies[above] += 1
    rows, ranks, depths = [], Counter[int](), {}
    roots: dict[int, int] = {}
    for i, above in enumerate(parents):
        roots[i] = i if above is None else roots[above]
    sizes = Counter(roots[i] for i, above in enumerate(parents) if above is not None and listed[i])
    publish_seq = article.last_publish_seq
    for i, above in enumerate(parents):
        state = states.get(i, S.PUBLISHED)
        if above is not None and state != S.PENDING:
            ranks[above] += 1
        depths[i] = 1 if above is None else depths[above] + 1
        up, down = votes.get(i, (0, 0))
        rows.append(
            {
                "id": first + i,
                "article_id": article.id,
                "author_id": authors[i % len(authors)].id,
                "parent_id": None if above is None else first + above,
                "root_id": None if above is None else first + roots[i],
                "publish_seq": 0 if state == S.PENDING else (publish_seq := publish_seq + 1),
                "thread_count": sizes[i] if above is None else 0,
                "depth": depths[i],
                "rank": 0 if above is None or state == S.PENDING else ranks[above],
                "body": f"words {i}",
                "html": f"<p>words {i}</p>",
                "plain": f"words {i}",
                "pipeline": 1,
                "status": state,
                "publicly_listed": listed[i],
                "created_at": now,
                "published_at": None if state == S.PENDING else now,
                "up": up,
                "down": down,
                "best": ranking.compute_best(up, down),
                "controversy": ranking.compute_controversy(up, down),
                "reply_count": replies[i],
                "removal": "spam" if state == S.REJECTED else "",
                "submission": f"planted-{i}",
            }
        )
    db.session.execute(insert(Comment), rows)
    article.comment_count += len(parents) - len(states)
    article.last_publish_seq = publish_seq
    if db.engine.dialect.name == "postgresql":
        last = {"last": first + len(parents) - 1}
        db.session.execute(text("SELECT setval('comments_id_seq', :last)"), last)
    db.session.commit()
    return [first + i for i in range(len(parents))]


# The classes of a link to more comments; one that opens a long comment has others.
LINKS_TO_MORE = ("show-more", "show-more icon-corner-down-right")


@dataclass
class Seen:
    """One comment of a page; `below` is the comment that it hangs under, `more` the link of
    its "Show more" or "Continue" with the link's words."""

    id: int
    below: int | None
    classes: list[str]
    more: str = ""
    more_hx: str = ""
    more_words: str = ""
    words: str = ""

    @property
    def more_number(self) -> int:
        found = re.search(r"(?:Show|:) ([\d,]+) ", self.more_words)
        assert found, self.more_words
        return int(found[1].replace(",", ""))


@dataclass
class Page(HTMLParser):
    """The comments of an HTML text in their order, and the way to the next threads."""

    html: str
    comments: list[Seen] = field(default_factory=list)
    loose_more: list[Seen] = field(default_factory=list)  # of a fragment, below nothing
    ids: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.items: list[Seen | None] = []
        self.link: Seen | None = None
        self.hx: list[tuple[str, str]] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids[values["id"]] += 1
        above = next((item for item in reversed(self.items) if item), None)
        if tag == "li":
            number = re.fullmatch(r"c-(\d+)", values.get("id", ""))
            seen = None
            if number:
                classes = values.get("class", "").split()
                seen = Seen(int(number[1]), above.id if above else None, classes)
                self.comments.append(seen)
            self.items.append(seen)
        elif tag == "a" and values.get("class") in LINKS_TO_MORE:
            self.link = above or Seen(0, None, [])
            if above is None:
                self.loose_more.append(self.link)
            self.link.more, self.link.more_hx = values["href"], values.get("hx-get", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "li" and self.items:
            self.items.pop()
        elif tag == "a":
            self.link = None

    def handle_data(self, data: str) -> None:
        if self.link is not None:
            self.link.more_words += data
        elif above := next((item for item in reversed(self.items) if item), None):
            above.words += data

    @property
    def shown(self) -> list[int]:
        return [seen.id for seen in self.comments]

    @property
    def roots(self) -> list[int]:
        return [seen.id for seen in self.comments if seen.below is None]

    def kids(self, comment_id: int) -> list[int]:
        return [seen.id for seen in self.comments if seen.below == comment_id]

    def __getitem__(self, comment_id: int) -> Seen:
        return next(seen for seen in self.comments if seen.id == comment_id)


def listed_ids(article: Article | None = None) -> set[int]:
    article = article or story()
    query = select(Comment.id).where(Comment.article_id == article.id, Comment.publicly_listed)
    return set(db.session.scalars(query))


def drift(written_before: int = 50) -> list[str]:
    """Every counter that differs from a recount, in words; an empty list is what we want.

    `written_before` is the number of published comments that the cast began with.
    """
    db.session.expire_all()
    db.session.rollback()
    comments = db.session.scalars(select(Comment).order_by(Comment.id.desc())).all()
    brought = {i.comment_id: i for i in db.session.scalars(select(ImportedComment))}
    votes = Counter((v.comment_id, v.value) for v in db.session.scalars(select(Vote)))
    disagreed = Counter(d.comment_id for d in db.session.scalars(select(Disagreement)))
    open_reports = Counter(
        r.comment_id for r in db.session.scalars(select(Report)) if r.decided_by is None
    )
    wrong, replies, ranks = [], Counter[int](), Counter[tuple[int, int]]()
    below, serials = Counter[int](), Counter[tuple[int, int]]()

    def same(what: str, stored: object, counted: object) -> None:
        if stored != counted:
            wrong.append(f"{what}: stored {stored}, counted {counted}")

    for c in comments:  # replies first, for they have the higher ids
        came = brought.get(c.id)
        kept = c.status in (S.DELETED, S.PENDING) and replies[c.id] > 0
        once = c.published_at is not None
        same(
            f"listed of {c.id} {c.status}", c.publicly_listed, once and (c.status in _STAY or kept)
        )
        same(f"replies of {c.id}", c.reply_count, replies[c.id])
        same(f"up of {c.id}", c.up, votes[c.id, 1] + (came.up if came else 0))
        same(f"down of {c.id}", c.down, votes[c.id, -1] + (came.down if came else 0))
        same(f"best of {c.id}", c.best, ranking.compute_best(c.up, c.down))
        same(f"controversy of {c.id}", c.controversy, ranking.compute_controversy(c.up, c.down))
        same(f"disagreements with {c.id}", c.disagree_count, disagreed[c.id])
        same(f"when {c.id} was picked is kept", c.picked_at is not None, c.pick_why != "")
        same(f"comments below {c.id}", c.thread_count, below[c.id])
        same(f"{c.id} has arrived", c.publish_seq > 0, once)
        serials[c.article_id, c.publish_seq or -c.id] += 1
        same(f"reports of {c.id}", c.report_count, open_reports[c.id])
        if c.publicly_listed and c.parent_id:
            replies[c.parent_id] += 1
            below[c.root_id or 0] += 1
            ranks[c.parent_id, c.rank] += 1
            same(f"rank of {c.id} is given", c.rank > 0, True)
    for place, number in [*ranks.items(), *serials.items()]:
        same(f"comments at place {place}", number, 1)
    public = [c for c in comments if c.status == S.PUBLISHED]
    published, written = Counter(c.article_id for c in public), Counter(c.author_id for c in public)
    picks = Counter(c.article_id for c in public if c.pick_why)
    picked = Counter(c.author_id for c in public if c.pick_why)
    latest = {c.article_id: c.publish_seq for c in sorted(comments, key=lambda c: c.publish_seq)}
    for article in db.session.scalars(select(Article)):
        same(f"comments of {article.slug}", article.comment_count, published[article.id])
        same(f"picks of {article.slug}", article.pick_count, picks[article.id])
        same(f"last of {article.slug}", article.last_publish_seq, latest.get(article.id, 0))
    for user in db.session.scalars(select(User)):
        start = written_before if user.password_hash and user.name != "nils" else 0
        same(f"written by {user.name}", user.published_comments, start + written[user.id])
        same(f"picks of {user.name}", user.pick_count, picked[user.id])
    return wrong


_STAY = (S.PUBLISHED, S.REJECTED)
