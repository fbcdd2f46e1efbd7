"""What a page costs: the same few queries whatever the size, depth and authors of a thread."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from app import clock
from app.comments.enums import DEPTH_MAX
from app.comments.models import Comment
from app.comments.queries import get_by_id
from app.db.base import db
from app.discussion.enums import HIGHLIGHTS_FROM
from app.drafts.models import Draft
from app.members.models import Bookmark, Follow, FollowState, Mute, MutedWord, ReadMark
from app.reactions.models import Disagreement, Vote
from tests.comments.threads import Page, crowd, plant
from tests.conftest import Browser, make_article, person, say, story

Browse = Callable[..., Browser]
Counting = Callable[..., Any]
HERE = "/articles/story"
DEEP = 10_000

# Statements of one page. A visitor's article page: its id, article, more of the organisation,
# suggested, threads, their replies. A member adds: who it is, and all that is personal to them here
# (mark, what is new since, follow, mutes, words, draft, which own comments only they see, and what
# they did to those shown). A moderator adds: how much waits. Nothing here may grow.
ARTICLE = {None: 6, "rhea": 8, "mo": 9}
# On the first page of threads, from HIGHLIGHTS_FROM comments on: one for each rule of what it shows
# at a glance, and the comments that they chose. PostgreSQL plans one large statement for longer.
GLANCE = 6
OWN = 1  # where own comments wait: their rows
FLAT = {None: 5, "rhea": 7, "mo": 8}  # newest: no replies to look for
ONLY = {None: 5, "rhea": 7, "mo": 8}  # staff, picks: the same
PERSON = {None: 6, "rhea": 8, "mo": 9}  # the same, and whose comments
# What is new: article, more, suggested, the comments, their ancestors.
ONLY_NEW = {None: 6, "rhea": 8, "mo": 9}
# The permalink's page: article, more, suggested, comment with ancestors, replies, theirs.
PERMALINK = {None: 7, "rhea": 9, "mo": 10}
READERS = list(ARTICLE)
THREADED = ("best", "oldest", "discussed", "controversial")


def plus(pinned: dict[str | None, int], more: int) -> dict[str | None, int]:
    return {who: number + more for who, number in pinned.items()}


# What each comment replies to, and one with two generations below it.
SHAPES: dict[str, tuple[list[int | None], int]] = {
    "small": ([None, 0, 1], 0),
    "wide": ([None] * 40 + [0] * 30 + [39] * 30 + [70], 39),
    "deep": ([None, *range(40)], 30),
    "bushy": ([None if i < 25 else i // 3 for i in range(200)], 8),
}


@pytest.mark.parametrize(
    ("shape", "authors"), [("small", 3), ("wide", 30), ("deep", 5), ("bushy", 1), ("bushy", 30)]
)
def test_the_queries_of_a_page_do_not_depend_on_what_is_discussed(
    browse: Browse, counting: Counting, shape: str, authors: int
) -> None:
    make_article("another")
    parents, target = SHAPES[shape]
    people = [person("edda"), *crowd(authors)]
    ids = plant(parents, people)
    db.session.execute(update(Comment).values(pick_why="Well put", picked_at=clock.now()))
    db.session.commit()
    threaded = plus(ARTICLE, GLANCE * (len(ids) >= HIGHLIGHTS_FROM))
    pages = {f"sort={sort}": threaded for sort in THREADED}
    pages |= {"sort=newest": FLAT, "show=picks": ONLY, "show=staff": ONLY, "by=u0": PERSON}
    pages |= {"new=1&since=0": ONLY_NEW, f"c={ids[target]}": PERMALINK}
    for who in READERS:
        reader = browse(who)
        for query, expected in pages.items():
            with counting() as queries:
                page = reader.get(f"{HERE}?{query}").text
            assert 'id="c-' in page, (query, who)
            assert queries.count == expected[who], (query, who, queries.statements)


# What is left when others have read the page before: who it is, and all that is personal.
# Staff see numbers that move no version: their threads are read.
WARM = {None: 0, "rhea": 2, "mo": 4}


def test_threads_that_others_have_read_are_not_read_again(
    browse: Browse, counting: Counting
) -> None:
    plant([None] * 30 + [0] * 30, crowd(20))
    readers = {who: browse(who) for who in READERS}
    for who, reader in readers.items():
        for _ in range(2):
            reader.get(HERE)
        with counting(warm=True) as queries:
            assert 'id="c-' in reader.get(HERE).text
        assert queries.count == WARM[who], queries.statements


def test_a_later_page_is_not_shown_at_a_glance_and_repeats_nothing_of_ones_own(
    browse: Browse, counting: Counting
) -> None:
    ids = plant([None] * 50 + list(range(50)), crowd(3))
    for who, expected in ARTICLE.items():
        reader = browse(who)
        with counting() as queries:
            assert reader.get(f"{HERE}?sort=oldest&after={ids[19]}").status_code == 200
        assert queries.count == expected, queries.statements


@pytest.mark.both_engines  # lists of ids, and common table expressions
def test_own_votes_cost_nothing_more_and_held_comments_one_read_however_many(
    browse: Browse, counting: Counting
) -> None:
    ids = plant([None] * 10 + [0] * 10, crowd(10))
    nils = person("nils")
    for comment_id in ids:
        db.session.add(Vote(user_id=nils.id, comment_id=comment_id, value=1))
    db.session.commit()
    for i, comment_id in enumerate(ids):
        say("nils", f"See https://example.org/{i}", get_by_id(comment_id))
    reader = browse("nils")
    for sort, expected in (("best", ARTICLE), ("newest", FLAT)):
        with counting() as queries:
            page = Page(reader.get(f"{HERE}?sort={sort}").text)
        assert queries.count == expected["rhea"] + OWN, queries.statements
        assert sum("PENDING REVIEW" in seen.words for seen in page.comments) > 5


@pytest.mark.both_engines  # lists of ids, and common table expressions
def test_what_a_member_keeps_costs_nothing_more_and_what_is_new_neither(
    browse: Browse, counting: Counting
) -> None:
    ids = plant([None] * 10 + [0] * 10, crowd(10))
    rhea, article = person("rhea"), story()
    mute = Mute(user_id=rhea.id, muted_id=person("u1").id)
    kept = {"user_id": rhea.id, "article_id": article.id}
    db.session.add_all(
        [
            mute,
            MutedWord(user_id=rhea.id, pattern="words 3"),
            Follow(state=FollowState.FOLLOWED, **kept),
            Draft(draft_key=f"a-{article.id}", body="Half a thought", **kept),
            Bookmark(user_id=rhea.id, comment_id=ids[0]),
            Disagreement(user_id=rhea.id, comment_id=ids[1]),
        ]
    )
    mark = ReadMark(publish_seq=article.last_publish_seq, **kept)
    db.session.add(mark)
    db.session.commit()
    reader = browse("rhea")
    for publish_seq in (article.last_publish_seq, 3):
        mark.publish_seq = publish_seq
        db.session.commit()
        for query, pinned in (("sort=best", ARTICLE), ("sort=newest", FLAT)):
            with counting() as queries:
                text = reader.get(f"{HERE}?{query}").text
            assert queries.count == pinned["rhea"], queries.statements
            assert ("Mark all read" in text) == (publish_seq == 3)
            assert "Half a thought" in text
            assert "Comment from someone you muted." in text


@pytest.mark.parametrize("who", READERS)
def test_the_fragments_cost_no_more_than_the_page(
    browse: Browse, counting: Counting, who: str | None
) -> None:
    ids = plant([None] * 30 + [0] * 30, crowd(20))
    reader = browse(who)
    for path in (f"/c/{ids[0]}/replies?after=3", f"{HERE}/comments?sort=oldest&after={ids[19]}"):
        with counting() as queries:
            assert reader.get(path, htmx=True).status_code == 200
        assert queries.count <= 6, queries.statements


@pytest.mark.both_engines  # lists of ids, and common table expressions
def test_a_thread_ten_thousand_deep_opens_at_every_depth_and_takes_replies_to_its_last_level(
    browse: Browse, counting: Counting
) -> None:
    ids = plant([None, *range(DEEP - 1)], crowd(3))
    visitor = browse()
    for sort in ("best", "oldest"):
        assert Page(visitor.get(f"{HERE}?sort={sort}").text).shown == ids[:6]
    assert Page(visitor.get(f"{HERE}?sort=newest").text).shown == ids[:-21:-1]
    for place in (0, 6, DEEP // 2, DEEP - 1):
        with counting() as queries:
            answer = visitor.get(f"/c/{ids[place]}", follow_redirects=True)
        page = Page(answer.text)
        assert [seen.id for seen in page.comments if "is-target" in seen.classes] == [ids[place]]
        assert page.shown[0] == ids[max(0, place - 5)]
        assert queries.count <= PERMALINK[None] + 1  # one more for the redirect
    rhea = browse("rhea")
    form = {"body": "At last", "parent_id": ids[DEPTH_MAX - 1]}
    answer = rhea.post(f"{HERE}/comments", form)
    assert answer.status_code == 409
    assert f"This thread is {DEPTH_MAX} replies deep" in answer.text
    assert rhea.get(f"/c/{ids[DEPTH_MAX - 1]}/reply").status_code == 409
    answer = rhea.post(f"{HERE}/comments", form | {"parent_id": ids[DEPTH_MAX - 2]})
    assert answer.status_code == 303
    assert "At last" in rhea.get(answer.location).text
    new = get_by_id(ids[-1] + 1)
    assert new is not None
    assert (new.parent_id, new.depth) == (ids[DEPTH_MAX - 2], DEPTH_MAX)
    assert rhea.post(f"/c/{new.id}/delete").status_code == 303
