"""Walking through a large discussion: every page, every link, every order."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from app import clock
from app.articles.models import Category, Organisation
from app.comments.enums import SCORE_HIDDEN, CommentStatus, Sort
from app.comments.models import Comment
from app.db.base import db
from app.discussion.enums import LEVELS_SHOWN, REPLIES_SHOWN, THREADS_A_PAGE
from tests.cases import each
from tests.comments.threads import Page, crowd, listed_ids, plant
from tests.conftest import Browser, make_article
from tests.databases import wipe

pytestmark = pytest.mark.both_engines  # paging

SIZE = 300
HERE = "/articles/story"


def grown() -> list[int]:
    """300 comments at random: 60 threads, parents with 50 and 30 replies, a chain 25 deep,
    all states, votes that often tie."""
    chance = random.Random(11)
    parents: list[int | None] = [None] * 60
    parents += [3] * 50
    parents += [5, *range(110, 134)]
    parents += [111] * 30
    while len(parents) < SIZE:
        parents.append(chance.randrange(len(parents)))
    has_replies = {above for above in parents if above is not None}
    states = {}
    for i in range(SIZE):
        if chance.random() < 0.2:
            kinds = [CommentStatus.DELETED, CommentStatus.REJECTED]
            states[i] = chance.choice(kinds if i in has_replies else [*kinds, "pending"])
    states = {i: CommentStatus(state) for i, state in states.items()}
    votes = {i: (chance.randrange(4), chance.randrange(3)) for i in range(SIZE)}
    ids = plant(parents, crowd(40), states, votes)
    old = {"created_at": clock.now() - SCORE_HIDDEN}  # so that scores may stand in an address
    db.session.execute(update(Comment).values(old))
    db.session.commit()
    return ids


@pytest.fixture(scope="module")
def tree(app: Flask) -> Iterator[list[int]]:
    """Yield the ids of the comments, which are made once for this file, as it only reads."""
    wipe(app)
    with app.app_context():
        db.session.add(Category(name="Research", slug="research"))
        db.session.add(Organisation(name="Example Lab", slug="example-lab"))
        db.session.commit()
        make_article()
        yield grown()
        db.session.remove()


@pytest.fixture
def visitor(app: Flask, tree: list[int]) -> Browser:
    return Browser(app)


def rows() -> dict[int, Comment]:
    db.session.expire_all()
    found = db.session.scalars(select(Comment).order_by(Comment.id))
    return {comment.id: comment for comment in found}


KEYS = {Sort.BEST: "best", Sort.DISCUSSED: "thread_count", Sort.CONTROVERSIAL: "controversy"}


def in_order(sort: Sort) -> list[int]:
    """Return what the pages of one order should list, worked out from the rows in Python."""
    comments = rows().values()
    if sort is Sort.NEWEST:
        return sorted((c.id for c in comments if c.status == "published"), reverse=True)
    roots = [c for c in comments if c.depth == 1 and c.publicly_listed]
    if sort is Sort.OLDEST:
        return [c.id for c in sorted(roots, key=lambda c: c.id)]
    return [c.id for c in sorted(roots, key=lambda c: (-getattr(c, KEYS[sort]), -c.id))]


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("sort", list(Sort))
def test_pages_hold_twenty_and_together_every_thread_once(
    visitor: Browser, tree: list[int], sort: Sort, htmx: bool
) -> None:
    page = Page(visitor.get(f"{HERE}?sort={sort}").text)
    lengths, found = [], []
    while True:
        lengths.append(len(page.roots))
        found += page.roots
        if not page.loose_more:
            break
        (link,) = page.loose_more
        assert link.more_words.strip().startswith("Load more")
        page = Page(visitor.get(link.more_hx if htmx else link.more, htmx=htmx).text)
    assert found == in_order(sort)
    assert set(lengths[:-1]) == {THREADS_A_PAGE}
    assert 0 < lengths[-1] <= THREADS_A_PAGE


@pytest.mark.parametrize("sort", KEYS)
def test_a_thread_that_sank_between_two_pages_hides_none_of_the_others(
    visitor: Browser, tree: list[int], sort: Sort
) -> None:
    (link,) = Page(visitor.get(f"{HERE}?sort={sort}").text).loose_more
    expected = in_order(sort)[THREADS_A_PAGE:]
    last = rows()[in_order(sort)[THREADS_A_PAGE - 1]]
    before = getattr(last, KEYS[sort])
    setattr(last, KEYS[sort], 0)
    db.session.commit()
    try:
        for path, htmx in ((link.more, False), (link.more_hx, True)):
            roots = Page(visitor.get(path, htmx=htmx).text).roots
            others = [comment_id for comment_id in roots if comment_id != last.id]
            assert len(roots) == THREADS_A_PAGE
            assert others == expected[: len(others)]
    finally:
        setattr(last, KEYS[sort], before)
        db.session.commit()


def hidden_behind(comment: Comment, drawn: list[Comment], ancestor: bool) -> int:
    """How many replies a link should promise: those that are not on the page."""
    if ancestor:
        return comment.reply_count - 1
    return comment.reply_count - len([kid for kid in drawn if kid.publicly_listed])


def test_the_first_page_shows_three_replies_of_a_parent_and_six_levels(
    visitor: Browser, tree: list[int]
) -> None:
    page, comments = Page(visitor.get(f"{HERE}?sort=oldest").text), rows()
    depths = [comments[i].depth for i in page.shown]
    kids = Counter(seen.below for seen in page.comments if seen.below)
    assert max(depths) == LEVELS_SHOWN
    assert max(kids.values()) == REPLIES_SHOWN
    for seen in page.comments:
        comment = comments[seen.id]
        assert seen.below == comment.parent_id
        hidden = hidden_behind(comment, [comments[i] for i in page.kids(seen.id)], False)
        assert seen.more_number == hidden if hidden else not seen.more
        if hidden:
            word = "Continue" if comment.depth == LEVELS_SHOWN else "Show"
            assert seen.more_words.strip().startswith(word)


def test_following_every_link_reaches_every_comment(visitor: Browser, tree: list[int]) -> None:
    pages = [Page(visitor.get(f"{HERE}?sort=oldest").text)]
    reached: set[int] = set()
    followed: set[str] = set()
    while pages:
        page = pages.pop()
        assert max(page.ids.values()) == 1, "an id twice on one page"
        reached |= set(page.shown)
        for link in [seen for seen in page.comments if seen.more] + page.loose_more:
            if link.more not in followed:
                followed.add(link.more)
                pages.append(Page(visitor.get(link.more, follow_redirects=True).text))
    assert reached == listed_ids()
    assert len(followed) > 20


def test_more_replies_come_twenty_at_a_time_with_the_number_that_is_left(
    visitor: Browser, tree: list[int]
) -> None:
    comments = rows()
    replies = [c.id for c in comments.values() if c.parent_id == tree[3] and c.publicly_listed]
    first = Page(visitor.get(f"{HERE}?sort=oldest").text)
    found, link = first.kids(tree[3]), first[tree[3]]
    promised = []
    while True:
        promised.append(link.more_number)
        answer = visitor.get(link.more_hx, htmx=True)
        part = Page(answer.text)
        assert answer.headers["BB-Fragment"] == "1"
        assert (
            f'"bb:focus": "c-{part.roots[0]}-heading"' in answer.headers["HX-Trigger-After-Settle"]
        )
        found += part.roots
        if not part.loose_more:
            break
        (link,) = part.loose_more
    assert found == replies
    assert (
        promised == [len(replies) - shown for shown in range(3, len(replies), 20)][: len(promised)]
    )
    assert promised[0] - promised[1] == 20


@pytest.mark.parametrize("who", [None, "u7"])
def test_a_permalink_lands_on_any_comment_with_its_nearest_ancestors_open(
    app: Flask, tree: list[int], who: str | None
) -> None:
    reader, comments = Browser(app, who), rows()
    for comment in [c for c in comments.values() if c.publicly_listed][::25]:
        answer = reader.get(f"/c/{comment.id}")
        assert answer.status_code == 303
        assert answer.location == f"{HERE}?c={comment.id}#c-{comment.id}"
        page = Page(reader.get(answer.location).text)
        assert [seen.id for seen in page.comments if "is-target" in seen.classes] == [comment.id]
        line, current = [], comment
        while current.parent_id and len(line) < 5:
            current = comments[current.parent_id]
            line.insert(0, current.id)
        assert page.shown[: len(line) + 1] == [*line, comment.id]
        for seen in page.comments[: len(line)]:
            others = comments[seen.id].reply_count - 1
            assert seen.more_number == others if others else not seen.more


def test_a_permalink_page_says_that_it_is_one_thread_and_leads_to_all(
    visitor: Browser, tree: list[int]
) -> None:
    page = visitor.get(f"{HERE}?c={tree[120]}").text
    assert "You are viewing one thread." in page
    assert f'<a href="{HERE}#comments">Show all' in page


@pytest.mark.parametrize("sort", ["worst", "BEST", "\x00"])
def test_an_unknown_order_is_the_best(visitor: Browser, tree: list[int], sort: str) -> None:
    answer = visitor.get(HERE, query_string={"sort": sort})
    assert answer.status_code == 200
    assert Page(answer.text).roots == in_order(Sort.BEST)[:THREADS_A_PAGE]


@each("after", ["x", "-1", "999999999", "9" * 5_000, "²"])
def test_a_place_that_nobody_made_is_no_failure(visitor: Browser, after: str) -> None:
    for sort in Sort:
        asked = {"sort": sort, "after": after}
        assert visitor.get(f"{HERE}/comments", query_string=asked, htmx=True).status_code == 200


def test_what_is_fetched_later_stands_at_the_level_of_its_place(visitor: Browser) -> None:
    comments = rows()
    page = Page(visitor.get(f"{HERE}?sort=oldest").text)
    found = [seen for seen in page.comments if seen.more_hx and comments[seen.id].depth > 1]
    assert found
    for seen in found:
        level = comments[seen.id].depth
        part = Page(visitor.get(seen.more_hx, htmx=True).text)
        for reply in part.comments:
            depth = comments[reply.id].depth
            assert level < depth <= LEVELS_SHOWN
            named = comments[reply.id].status == "published"
            assert (f"level {depth}, by" in reply.words) == named
            assert not reply.more or depth < LEVELS_SHOWN or "Continue" in reply.more_words


def test_another_order_comes_as_the_section_and_keeps_the_focus_on_its_link(
    visitor: Browser, tree: list[int]
) -> None:
    answer = visitor.get(f"{HERE}/comments?sort=newest", htmx=True)
    assert answer.headers["BB-Fragment"] == "1"
    assert "Sorted by newest" in answer.headers["HX-Trigger-After-Settle"]
    assert '"bb:focus": "sort-newest"' in answer.headers["HX-Trigger-After-Settle"]
    page = Page(answer.text)
    assert page.ids["sort-newest"] == page.ids["thread"] == 1
    assert page.roots == page.shown == in_order(Sort.NEWEST)[:THREADS_A_PAGE]
    whole = visitor.get(f"{HERE}?sort=newest").text
    assert 'id="thread-container"' in whole
    assert answer.text.strip() in whole


def test_without_htmx_the_address_of_a_part_leads_to_the_page(visitor: Browser) -> None:
    answer = visitor.get(f"{HERE}/comments?sort=oldest&after=7")
    assert answer.status_code == 303
    assert answer.location == f"{HERE}?sort=oldest&after=7#comments"
