"""Fill a migrated, empty database with the generated site.

`python -m bench.site.build SIZE...` takes the database from the environment, as the
site does. Comments are inserted in bulk with every column as the app keeps it; whatever is
made of them afterwards is made by the app's own commands (see kept.py).
"""

import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import click
from sqlalchemy import insert, text, update

from app import clock, create_app
from app.accounts.models import User
from app.accounts.queries import make_name_key
from app.accounts.roles import Role
from app.articles.enums import ArticleStatus
from app.articles.models import Article, Category, Organisation, Topic
from app.comments import ranking
from app.comments.enums import CommentStatus
from app.comments.models import Comment, make_columns
from app.db.base import db
from app.members.models import Mute, ReadMark
from app.reactions.models import Vote
from bench.site import shape, words

MEMBERS = 200
POOL = 400  # different texts
BATCH = 2_000  # comments of one insert
WRITTEN_TO = ("writing", "hot")  # articles of 1,000 comments that take the writes
EMPTY = ("import-small", "import")
EDITOR = "bench-editor"


def slug_of(size: int) -> str:
    return f"thread-{size}"


def people() -> list[int]:
    """Return the members' ids, in the order in which the cases name them."""
    long_ago = clock.now() - timedelta(days=400)
    names = {f"reader-{number:03}": Role.READER for number in range(MEMBERS)}
    names[EDITOR] = Role.EDITOR
    made = [
        User(name=name, name_key=make_name_key(name), role=role, created_at=long_ago)
        for name, role in names.items()
    ]
    db.session.add_all(made)
    db.session.flush()
    mutes = [Mute(user_id=made[i].id, muted_id=made[i + 7].id) for i in range(0, MEMBERS - 7, 10)]
    db.session.add_all(mutes)
    db.session.commit()
    return [person.id for person in made[:MEMBERS]]


def articles(slugs: list[str]) -> dict[str, int]:
    """One public article for each of `slugs`, spread over organisations and topics."""
    category = Category(name="Research", slug="research", position=0)
    topics = [Topic(name=f"Topic {n}", slug=f"topic-{n}") for n in range(4)]
    makers = [Organisation(name=f"Example Lab {n}", slug=f"example-lab-{n}") for n in range(3)]
    db.session.add_all([category, *topics, *makers])
    sources = words.pool(2 * len(slugs), seed=9)
    found = {}
    for number, slug in enumerate(slugs):
        article = Article(
            slug=slug,
            headline=f"A generated story about {slug.replace('-', ' ')}",
            organisation=makers[number % 3],
            category=category,
            status=ArticleStatus.PUBLISHED,
            published_at=clock.now() - timedelta(days=30, minutes=number),
            takeaways=["It was generated.", "It is long enough.", "It says little."],
            source_name="Example Lab",
            source_url="https://example.org/story",
            disclosure="Written by a program.",
            topics=[topics[number % 4], topics[(number + 1) % 4]],
        )
        article.write(sources[2 * number], sources[2 * number + 1])
        db.session.add(article)
        found[slug] = article
    db.session.commit()
    return {slug: article.id for slug, article in found.items()}


class Filler:
    """Puts threads into the database and keeps count of what their authors have written."""

    def __init__(self, members: list[int]) -> None:
        self.members = members
        sources = words.pool(POOL)
        self.texts = [make_columns(source) for source in sources]
        self.next_id = 1
        self.written: Counter[int] = Counter()
        self.picked: Counter[int] = Counter()

    def fill(self, article_id: int, size: int, progress: Callable[[int], None]) -> None:
        """Add a discussion of `size` comments below an article, committed batch by batch."""
        chance, made = Random(size + article_id), shape.thread(size, size)
        began, first = clock.now() - timedelta(days=29), self.next_id
        published = picks = 0
        for start in range(0, size, BATCH):
            rows, votes = [], []
            for place in range(start, min(size, start + BATCH)):
                when = began + timedelta(days=28) * (place / size)
                row, mine = self._comment(article_id, first, place, made, chance, when)
                rows.append(row)
                votes += mine
                if row["status"] == CommentStatus.PUBLISHED:
                    published += 1
                    self.written[row["author_id"]] += 1
                    if row["pick_why"]:
                        picks += 1
                        self.picked[row["author_id"]] += 1
            db.session.execute(insert(Comment.__table__), rows)
            db.session.execute(insert(Vote.__table__), votes)
            db.session.commit()
            progress(len(rows))
        self.next_id += size
        counts = {"comment_count": published, "pick_count": picks, "last_publish_seq": size}
        db.session.execute(update(Article).where(Article.id == article_id).values(counts))
        marks = [
            {"user_id": member, "article_id": article_id, "publish_seq": size * 9 // 10}
            for member in self.members[::2]
        ]
        db.session.execute(insert(ReadMark.__table__), marks)
        db.session.commit()

    def _comment(
        self,
        article_id: int,
        first: int,
        place: int,
        made: shape.Shape,
        chance: Random,
        when: datetime,
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return the row of one comment and those of its votes."""
        who = chance.randrange(len(self.members))
        above, gone = made.parents[place], made.gone.get(place, "")
        cast = shape.votes(chance, len(self.members), who, made.below[place])
        up = sum(value > 0 for value in cast.values())
        down = len(cast) - up
        pick = not gone and chance.random() < 5 / len(made.parents)
        row = {
            "id": first + place,
            "article_id": article_id,
            "author_id": self.members[who],
            "parent_id": None if above is None else first + above,
            "root_id": None if above is None else first + made.roots[place],
            "depth": made.depths[place],
            "rank": made.ranks[place],
            "publish_seq": place + 1,
            **chance.choice(self.texts),
            "status": CommentStatus(gone) if gone else CommentStatus.PUBLISHED,
            "publicly_listed": made.listed[place],
            "created_at": when,
            "published_at": when,
            "deleted_at": when + timedelta(hours=1) if gone == "deleted" else None,
            "removal": "spam" if gone == "rejected" else "",
            "pick_why": "Says it with an example." if pick else "",
            "picked_at": when + timedelta(hours=2) if pick else None,
            "up": up,
            "down": down,
            "best": ranking.compute_best(up, down),
            "controversy": ranking.compute_controversy(up, down),
            "reply_count": made.replies[place],
            "thread_count": made.below[place] if above is None else 0,
            "submission": f"generated-{first + place}",
        }
        votes = [
            {"user_id": self.members[voter], "comment_id": first + place, "value": value}
            for voter, value in cast.items()
        ]
        return row, votes

    def finish(self) -> None:
        """Write what the authors' counters came to, and move PostgreSQL's numbers on."""
        for member in self.members:
            counts = {
                "published_comments": self.written[member],
                "pick_count": self.picked[member],
            }
            db.session.execute(update(User).where(User.id == member).values(counts))
        if db.engine.dialect.name == "postgresql":
            last = {"last": self.next_id}
            db.session.execute(text("SELECT setval('comments_id_seq', :last, false)"), last)
        db.session.commit()


def main(sizes: list[int]) -> None:
    """Make the whole site, with threads of `sizes`."""
    wanted = {slug_of(size): size for size in sizes}
    wanted |= dict.fromkeys(WRITTEN_TO, min(1_000, max(sizes)))
    with create_app().app_context():
        filler = Filler(people())
        ids = articles([*wanted, *EMPTY])
        total = sum(wanted.values())
        with click.progressbar(length=total, label="Generating comments") as bar:
            for slug, size in wanted.items():
                filler.fill(ids[slug], size, bar.update)
        filler.finish()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
