"""Who may do what: every permission, for everybody, in every situation."""

from datetime import timedelta

import pytest

from app import clock, policy
from app.accounts.models import User, Visitor
from app.accounts.roles import Role
from app.articles.enums import ArticleStatus, CommentsMode
from app.articles.models import Article
from app.comments.enums import EDIT_WINDOW, UNDO_WINDOW, CommentStatus
from app.comments.models import Comment
from app.errors import Conflict, DomainError, Gone, NotAllowed, NotFound, SignedOut
from app.policy import Permission as P
from app.policy import Viewer
from app.reactions.models import DOWNVOTES_FROM
from tests.cases import each

HOUR = timedelta(hours=1)


def user(id: int, role: Role, published: int = 50) -> User:
    return User(id=id, name=f"user {id}", role=role, published_comments=published)


PEOPLE: dict[str, Viewer] = {
    "visitor": Visitor(),
    "rhea": user(1, Role.READER),  # the author of the comments below
    "ravi": user(2, Role.READER),
    "nils": user(3, Role.READER, published=0),
    "mo": user(4, Role.MODERATOR),
    "edda": user(5, Role.EDITOR),
    "ada": user(6, Role.ADMIN),
}
ALL = "visitor rhea ravi nils mo edda ada"
MEMBERS = "rhea ravi nils mo edda ada"
OTHERS = "ravi nils mo edda ada"
STAFF = "mo edda ada"
NEWSROOM = "edda ada"


def article(status: ArticleStatus = ArticleStatus.PUBLISHED, **changes: object) -> Article:
    values = {"published_at": clock.now() - HOUR, "comments_mode": CommentsMode.OPEN} | changes
    return Article(status=status, **values)


def comment(status: CommentStatus = CommentStatus.PUBLISHED, **changes: object) -> Comment:
    writer = changes.pop("author", PEOPLE["rhea"])
    values = {"publicly_listed": status == CommentStatus.PUBLISHED, "article": article()} | changes
    values = {"created_at": clock.now() - timedelta(minutes=1)} | values
    author_id = writer.id if isinstance(writer, User) else None
    return Comment(status=status, author=writer, author_id=author_id, depth=1, **values)


def situations() -> dict[str, object]:
    """Return the subjects of acts, made anew because they hold times."""
    shut = article(comments_mode=CommentsMode.CLOSED)
    draft = article(ArticleStatus.DRAFT, published_at=None)
    return {
        "nothing": None,
        "article": article(),
        "article due": article(ArticleStatus.SCHEDULED),
        "article of tomorrow": article(ArticleStatus.SCHEDULED, published_at=clock.now() + HOUR),
        "draft": draft,
        "withdrawn": article(ArticleStatus.WITHDRAWN),
        "article shut": shut,
        "article shut by age": article(
            published_at=clock.now() - timedelta(days=8), close_after_days=7
        ),
        "published": comment(),
        "older than the window": comment(created_at=clock.now() - EDIT_WINDOW),
        "pending": comment(CommentStatus.PENDING),
        "removed": comment(CommentStatus.REJECTED, publicly_listed=True),
        "never shown": comment(CommentStatus.REJECTED),
        "tombstone": comment(CommentStatus.DELETED, publicly_listed=True),
        "gone": comment(CommentStatus.DELETED, deleted_at=clock.now() - UNDO_WINDOW),
        "just deleted": comment(CommentStatus.DELETED, deleted_at=clock.now()),
        "below a shut article": comment(article=shut),
        "below a draft": comment(article=draft),
        "without account": comment(author=None),
        "by mo": comment(author=PEOPLE["mo"]),
        "by edda": comment(author=PEOPLE["edda"]),
        "by ada": comment(author=PEOPLE["ada"]),
        "rhea herself": PEOPLE["rhea"],
    }


# For each permission and situation who is allowed; a situation that a permission does not name
# is one that it is never asked about.
ON_COMMENTS = (
    *("published", "older than the window", "pending", "removed", "never shown", "tombstone"),
    *("gone", "just deleted", "below a shut article", "below a draft", "without account"),
)
TABLE: dict[P, dict[str, str]] = {
    P.PUBLIC: {"nothing": ALL},
    P.ACCOUNT_LEAVE: {"nothing": MEMBERS},
    P.MODERATION_READ: {"nothing": STAFF},
    P.ARTICLE_READ: {
        "article": ALL,
        "article due": ALL,
        "article shut": ALL,
        "article of tomorrow": NEWSROOM,
        "draft": NEWSROOM,
        "withdrawn": NEWSROOM,
    },
    P.COMMENT_CREATE: {
        "article": MEMBERS,
        "article due": MEMBERS,
        "article shut": "",
        "article shut by age": "",
        "article of tomorrow": "",
        "draft": "",
        "withdrawn": "",
    },
    P.COMMENT_READ: {
        "published": ALL,
        "older than the window": ALL,
        "pending": f"rhea {STAFF}",
        "removed": ALL,
        "never shown": f"rhea {STAFF}",
        "tombstone": ALL,
        "gone": STAFF,
        "just deleted": f"rhea {STAFF}",
        "below a shut article": ALL,
        "below a draft": NEWSROOM,
        "without account": ALL,
    },
    P.COMMENT_REPLY: dict.fromkeys(ON_COMMENTS, "")
    | dict.fromkeys(("published", "older than the window", "without account"), MEMBERS),
    # Who is not signed in may write first and sign in after.
    P.COMMENT_ANSWER: dict.fromkeys(ON_COMMENTS, "")
    | dict.fromkeys(("published", "older than the window", "without account"), ALL),
    P.COMMENT_EDIT: dict.fromkeys(ON_COMMENTS, "") | {"published": "rhea", "pending": "rhea"},
    P.COMMENT_DELETE: dict.fromkeys(ON_COMMENTS, "")
    | dict.fromkeys(
        ("published", "older than the window", "pending", "below a shut article", "below a draft"),
        "rhea",
    ),
    P.COMMENT_UNDELETE: dict.fromkeys(ON_COMMENTS, "") | {"just deleted": "rhea"},
    P.COMMENT_REMOVE_NAME: dict.fromkeys(ON_COMMENTS, "") | {"older than the window": "rhea"},
    P.COMMENT_UPVOTE: dict.fromkeys(ON_COMMENTS, "")
    | {"published": OTHERS, "older than the window": OTHERS, "without account": MEMBERS},
    P.COMMENT_DOWNVOTE: dict.fromkeys(ON_COMMENTS, "")
    | {
        "published": f"ravi {STAFF}",
        "older than the window": f"ravi {STAFF}",
        "without account": f"rhea ravi {STAFF}",
    },
    P.COMMENT_DISAGREE: dict.fromkeys(ON_COMMENTS, "")
    | {"published": OTHERS, "older than the window": OTHERS, "without account": MEMBERS},
    P.COMMENT_DISAGREE_COUNT: {"published": NEWSROOM, "tombstone": NEWSROOM},
    P.COMMENT_PICK: dict.fromkeys(ON_COMMENTS, "")
    | dict.fromkeys(
        ("published", "older than the window", "below a shut article", "below a draft"), STAFF
    )
    | {"without account": STAFF, "by mo": NEWSROOM, "by edda": "mo ada"},
    # Readers see how words changed that they can see; moderators whatever is kept.
    P.COMMENT_HISTORY: dict.fromkeys(ON_COMMENTS, STAFF)
    | dict.fromkeys(
        ("published", "older than the window", "below a shut article", "without account"), ALL
    )
    | {"pending": f"rhea {STAFF}", "below a draft": NEWSROOM},
    P.REVISION_REDACT: dict.fromkeys(ON_COMMENTS, STAFF),
    # What somebody may see they may also save; what is gone the act itself refuses.
    P.COMMENT_BOOKMARK: dict.fromkeys(ON_COMMENTS, MEMBERS)
    | {"pending": f"rhea {STAFF}", "never shown": f"rhea {STAFF}"}
    | {"gone": STAFF, "just deleted": f"rhea {STAFF}", "below a draft": NEWSROOM},
    # The menu is there while the words are.
    P.COMMENT_ACTS: dict.fromkeys(ON_COMMENTS, "")
    | dict.fromkeys(
        ("published", "older than the window", "below a shut article", "without account"), MEMBERS
    )
    | {"below a draft": NEWSROOM},
    P.PERSONAL: {"nothing": MEMBERS},
    P.ARTICLE_FOLLOW: {
        "article": MEMBERS,
        "article due": MEMBERS,
        "article shut": MEMBERS,
        "article of tomorrow": NEWSROOM,
        "draft": NEWSROOM,
        "withdrawn": NEWSROOM,
    },
    P.PERSON_MUTE: {"rhea herself": OTHERS},
    P.COMMENT_REPORT: {
        "published": OTHERS,
        "older than the window": OTHERS,
        "pending": "",
        "removed": "",
        "never shown": "",
        "tombstone": "",
        "gone": "",
        "just deleted": "",
        "below a shut article": OTHERS,
        "without account": MEMBERS,
    },
    # Nobody decides about themselves, and only an admin about the newsroom.
    P.COMMENT_DECIDE: dict.fromkeys(ON_COMMENTS, STAFF)
    | {"by mo": NEWSROOM, "by edda": "ada", "by ada": ""},
}
CASES = [(permission, name) for permission in TABLE for name in TABLE[permission]]


@each(("permission", "situation"), CASES)
def test_exactly_these_people_may(permission: P, situation: str) -> None:
    subject = situations()[situation]
    allowed = [name for name in PEOPLE if policy.allows(PEOPLE[name], permission, subject)]
    assert allowed == [name for name in PEOPLE if name in TABLE[permission][situation].split()]


def test_every_permission_has_rules_and_stands_in_the_table() -> None:
    assert policy.list_rules().keys() == TABLE.keys() == set(P)


def test_every_situation_is_asked_about() -> None:
    assert {name for rows in TABLE.values() for name in rows} == situations().keys()


# Who passes the door of a route, before its subject is known.
DOORS = dict.fromkeys(P, MEMBERS) | {
    P.PUBLIC: ALL,
    P.ARTICLE_READ: ALL,
    P.COMMENT_READ: ALL,
    P.COMMENT_ANSWER: ALL,
    P.COMMENT_HISTORY: ALL,
    P.REVISION_REDACT: STAFF,
    P.COMMENT_DISAGREE_COUNT: NEWSROOM,
    P.COMMENT_PICK: STAFF,
    P.COMMENT_DECIDE: STAFF,
    P.MODERATION_READ: STAFF,
}


@each("permission", P)
def test_the_door_lets_in_exactly_these(permission: P) -> None:
    def passes(name: str) -> bool:
        try:
            policy.require_at_door(PEOPLE[name], permission)
        except DomainError:
            return False
        return True

    assert [name for name in PEOPLE if passes(name)] == DOORS[permission].split()


@each(
    ("name", "permission", "situation", "error", "words"),
    [
        ("visitor", P.COMMENT_CREATE, "article shut", SignedOut, "Sign in"),
        ("ravi", P.COMMENT_CREATE, "article shut", NotAllowed, "are closed"),
        ("ravi", P.ARTICLE_READ, "draft", NotFound, "No page"),
        ("ravi", P.COMMENT_READ, "pending", NotFound, "not here"),
        ("ravi", P.COMMENT_EDIT, "published", NotAllowed, "Only its author"),
        ("rhea", P.COMMENT_EDIT, "older than the window", Conflict, "15-minute edit window"),
        ("rhea", P.COMMENT_EDIT, "removed", Gone, "no longer exists"),
        ("rhea", P.COMMENT_UPVOTE, "published", NotAllowed, "your own comment"),
        ("rhea", P.COMMENT_REPORT, "published", NotAllowed, "your own comment"),
        ("nils", P.COMMENT_DOWNVOTE, "published", NotAllowed, "after 10 published comments"),
        ("ravi", P.COMMENT_REPLY, "removed", Gone, "no longer exists"),
        ("visitor", P.COMMENT_ANSWER, "tombstone", Gone, "no longer exists"),
        ("visitor", P.COMMENT_ANSWER, "below a shut article", NotAllowed, "are closed"),
        ("rhea", P.COMMENT_UNDELETE, "gone", Conflict, "too long ago"),
        ("ravi", P.COMMENT_UNDELETE, "just deleted", NotAllowed, "Only its author"),
        ("rhea", P.COMMENT_REMOVE_NAME, "published", Conflict, "Within 15 minutes"),
        ("rhea", P.COMMENT_DISAGREE, "published", NotAllowed, "your own comment"),
        ("rhea", P.COMMENT_HISTORY, "removed", NotFound, "earlier versions are not here"),
        ("ravi", P.REVISION_REDACT, "published", NotAllowed, "for moderators"),
        ("ravi", P.COMMENT_PICK, "published", NotAllowed, "made by staff"),
        ("mo", P.COMMENT_PICK, "by mo", NotAllowed, "your own comment"),
        ("visitor", P.PERSON_MUTE, "rhea herself", SignedOut, "Sign in"),
        ("rhea", P.PERSON_MUTE, "rhea herself", NotAllowed, "can't mute yourself"),
        ("ravi", P.COMMENT_BOOKMARK, "never shown", NotFound, "not here"),
        ("ravi", P.COMMENT_ACTS, "never shown", NotFound, "not here"),
        ("rhea", P.COMMENT_ACTS, "pending", Gone, "no longer exists"),
        ("ravi", P.COMMENT_DECIDE, "published", NotAllowed, "for moderators"),
        ("mo", P.COMMENT_DECIDE, "by mo", NotAllowed, "your own comment"),
        ("mo", P.COMMENT_DECIDE, "by edda", NotAllowed, "Only an admin"),
        ("visitor", P.MODERATION_READ, "nothing", SignedOut, "Sign in"),
    ],
)
def test_a_refusal_says_why(
    name: str, permission: P, situation: str, error: type[DomainError], words: str
) -> None:
    with pytest.raises(error, match=words):
        policy.require(PEOPLE[name], permission, situations()[situation])


@each(("seconds_left", "allowed"), [(1, True), (0, False), (-1, False)])
def test_the_edit_window_closes_after_fifteen_minutes(seconds_left: int, allowed: bool) -> None:
    written = clock.now() - EDIT_WINDOW + timedelta(seconds=seconds_left)
    assert policy.allows(PEOPLE["rhea"], P.COMMENT_EDIT, comment(created_at=written)) is allowed
    assert timedelta(minutes=15) == EDIT_WINDOW


@each(("published", "allowed"), [(DOWNVOTES_FROM, True), (9, False)])
def test_downvoting_opens_with_the_tenth_published_comment(published: int, allowed: bool) -> None:
    voter = user(7, Role.READER, published)
    assert policy.allows(voter, P.COMMENT_DOWNVOTE, comment()) is allowed
