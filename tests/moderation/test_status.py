"""A comment's status as a state machine, with everything that follows from a move."""

from dataclasses import dataclass

import pytest
from flask import Flask

from app.audit.actions import Action
from app.comments import rows
from app.comments.enums import CommentStatus as S
from app.comments.locking import lock_with_ancestors
from app.comments.models import Comment
from app.comments.status import TRANSITIONS, add_comment, set_status
from app.db.base import db
from app.db.locks import lock_rows
from app.errors import Conflict
from tests.conftest import fresh, person, say, story
from tests.moderation import desk


@dataclass
class After:
    """What holds after a move: listed, and what the article and the author count."""

    publicly_listed: bool
    published: int


# (what the comment was, what it becomes, what holds then; None for a move that is refused).
# "refused" never was public; "removed" was; both are rejected.
MOVES = [
    ("pending", S.PUBLISHED, After(publicly_listed=True, published=1)),
    ("pending", S.REJECTED, After(publicly_listed=False, published=0)),
    ("pending", S.DELETED, After(publicly_listed=False, published=0)),
    ("pending", S.PENDING, None),
    ("published", S.PENDING, After(publicly_listed=False, published=0)),
    ("published", S.REJECTED, After(publicly_listed=True, published=0)),
    ("published", S.DELETED, After(publicly_listed=False, published=0)),
    ("published", S.PUBLISHED, None),
    ("removed", S.PUBLISHED, After(publicly_listed=True, published=1)),
    ("removed", S.PENDING, After(publicly_listed=False, published=0)),
    ("removed", S.REJECTED, None),
    ("removed", S.DELETED, None),
    ("refused", S.PUBLISHED, After(publicly_listed=True, published=1)),
    ("refused", S.PENDING, After(publicly_listed=False, published=0)),
    ("refused", S.REJECTED, None),
    ("refused", S.DELETED, None),
    # Its author thought better of it; "withdrawn" was deleted while it waited.
    ("deleted", S.PENDING, After(publicly_listed=False, published=0)),
    ("deleted", S.PUBLISHED, After(publicly_listed=True, published=1)),
    ("withdrawn", S.PENDING, After(publicly_listed=False, published=0)),
    ("withdrawn", S.PUBLISHED, After(publicly_listed=True, published=1)),
    ("withdrawn", S.REJECTED, None),
    ("withdrawn", S.DELETED, None),
    ("deleted", S.REJECTED, None),
    ("deleted", S.DELETED, None),
]


def move(comment: Comment, status: S, action: Action = Action.UNDONE) -> None:
    lock_rows(comment.article)
    lock_with_ancestors([comment.id])
    set_status(comment, status, person("mo"), action, "spam" if status == S.REJECTED else "")
    db.session.commit()


def made(state: str) -> Comment:
    """Add a reply by nils in `state`, below a comment of ravi."""
    parent = say("ravi", "The parent")
    if state in ("pending", "refused", "withdrawn"):
        comment = desk.held(parent=parent)
    else:
        comment = say("nils", "Only words", parent)
    way = {"removed": S.REJECTED, "refused": S.REJECTED}
    way |= {"deleted": S.DELETED, "withdrawn": S.DELETED}
    if state in way:
        move(comment, way[state])
    return comment


def counted(comment: Comment) -> tuple[bool, int, int, int]:
    """Return (listed, article's count without the parent, author's count, parent's replies)."""
    comment = fresh(comment)
    assert comment.parent is not None
    published = person("nils").published_comments
    return comment.publicly_listed, story().comment_count - 1, published, comment.parent.reply_count


@pytest.mark.parametrize(("state", "status", "after"), MOVES)
def test_a_move_and_what_follows_from_it(
    site: Flask, state: str, status: S, after: After | None
) -> None:
    comment = made(state)
    before, log = counted(comment), len(desk.entries())
    was, version = comment.status, fresh(comment).version
    if after is None:
        with pytest.raises(Conflict, match="already"):
            move(comment, status)
        db.session.rollback()
        assert (counted(comment), len(desk.entries())) == (before, log)
        return
    move(comment, status)
    comment = fresh(comment)
    assert comment.status == status
    assert comment.version > version
    assert comment.removal == ("spam" if status == S.REJECTED else "")
    assert (comment.deleted_at is not None) == (status == S.DELETED)
    assert counted(comment) == (
        after.publicly_listed,
        after.published,
        after.published,
        int(after.publicly_listed),
    )
    assert bool(comment.rank) == bool(comment.publish_seq) == (comment.published_at is not None)
    row = desk.entries()[-1]
    assert (row.before, row.after, row.comment_id) == (was, status, comment.id)
    assert len(desk.entries()) == log + 1


def test_the_table_of_moves_is_the_one_of_the_code() -> None:
    states = {"removed": S.REJECTED, "refused": S.REJECTED, "withdrawn": S.DELETED}
    allowed = {(states.get(state, state), to) for state, to, after in MOVES if after}
    assert allowed == {(a, b) for a, ends in TRANSITIONS.items() if a for b in ends}
    assert TRANSITIONS[None] == {S.PENDING, S.PUBLISHED}


@pytest.mark.parametrize("status", [S.REJECTED, S.DELETED])
def test_no_comment_begins_as(site: Flask, status: S) -> None:
    written = rows.get_by_id(say("rhea", "Words").id)
    assert written is not None
    draft = written._replace(submission="x" * 8)
    with pytest.raises(ValueError, match=f"no comment begins as {status}"):
        add_comment(draft, status, lambda _: None)
    assert db.session.query(Comment).count() == 1


def test_a_thread_counts_all_tombstones_that_go_and_come_with_their_last_reply(site: Flask) -> None:
    first = say("rhea", "The first of the thread")
    line = [first]
    for _ in range(4):
        line.append(say("ravi", "Words", line[-1]))
    for comment in line[1:-1]:
        move(comment, S.DELETED)
    assert (fresh(first).thread_count, fresh(line[-1]).publicly_listed) == (4, True)
    move(line[-1], S.DELETED)
    assert [fresh(c).thread_count for c in line] == [0, 0, 0, 0, 0]
    assert [fresh(c).publicly_listed for c in line] == [True, False, False, False, False]
    move(line[-1], S.PUBLISHED)
    assert (fresh(first).thread_count, fresh(line[1]).publicly_listed) == (4, True)


def test_a_rank_is_given_once_and_kept(site: Flask) -> None:
    parent = say("ravi", "The parent")
    first, second = say("rhea", "First", parent), say("rhea", "Second", parent)
    move(first, S.REJECTED)
    move(first, S.PUBLISHED)
    waiting = desk.held(parent=parent)
    assert [fresh(c).rank for c in (first, second, waiting)] == [1, 2, 0]
    move(waiting, S.PUBLISHED)
    assert fresh(waiting).rank == 3


def test_the_first_publication_and_its_place_in_the_order_are_remembered(site: Flask) -> None:
    comment, later = desk.held(), say("rhea", "Published before the held one")
    move(comment, S.PUBLISHED)
    first = fresh(comment).published_at
    assert (fresh(later).publish_seq, fresh(comment).publish_seq, story().last_publish_seq) == (
        1,
        2,
        2,
    )
    for away in (S.REJECTED, S.DELETED, S.PENDING):
        move(comment, away)
        move(comment, S.PUBLISHED)
    assert first is not None
    assert fresh(comment).published_at == first
    assert (fresh(comment).publish_seq, story().last_publish_seq) == (2, 2)


def test_a_deleted_comment_stands_while_it_has_replies(site: Flask) -> None:
    top = say("ravi", "Top")
    middle = say("rhea", "Middle", top)
    leaf = say("rhea", "Leaf", middle)
    move(middle, S.DELETED)
    move(top, S.DELETED)
    assert [fresh(c).publicly_listed for c in (top, middle, leaf)] == [True, True, True]
    move(leaf, S.DELETED)
    assert [fresh(c).publicly_listed for c in (top, middle, leaf)] == [False, False, False]
    assert [fresh(c).reply_count for c in (top, middle)] == [0, 0]


def test_a_tombstone_comes_back_with_its_reply(site: Flask) -> None:
    top = say("ravi", "Top")
    leaf = say("rhea", "Leaf", top)
    move(leaf, S.PENDING)
    move(top, S.DELETED)
    assert fresh(top).publicly_listed is False
    move(leaf, S.PUBLISHED)
    assert (fresh(top).publicly_listed, fresh(top).reply_count) == (True, 1)


def test_nothing_is_logged_for_a_comment_published_as_it_was_written(site: Flask) -> None:
    say("rhea", "As it was written")
    assert desk.entries() == []
