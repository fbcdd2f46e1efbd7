"""Each act that changes what a visitor can read, as a name and a call."""

from collections.abc import Callable
from datetime import timedelta

from app import clock
from app.accounts import operations as accounts
from app.accounts.roles import Role
from app.articles import operations as articles
from app.articles.enums import ArticleStatus, CommentsMode
from app.articles.models import Organisation
from app.comments import operations
from app.db.base import db
from app.moderation import operations as moderation
from app.moderation.reasons import RejectReason
from app.reactions import operations as reactions
from tests.conftest import fresh, make_article, person, say, story


def visible_acts() -> list[tuple[str, Callable[[], object]]]:
    """Return the acts on the stories `story` and `other`, to be done in this order."""
    top = say("rhea", "A claim.")
    reply = say("ravi", "An answer.", top)

    def edit() -> None:
        operations.edit(person("rhea"), fresh(top), "Another claim.", fresh(top).version)

    def reject() -> None:
        moderation.reject(person("mo"), fresh(reply), fresh(reply).version, RejectReason.SPAM)

    def approve() -> None:
        moderation.approve(person("mo"), fresh(reply), fresh(reply).version)

    def rename() -> None:
        person("rhea").name = "Rhea"
        db.session.commit()

    def describe() -> None:
        db.session.query(Organisation).one().name = "Another Lab"
        db.session.commit()

    def change(slug: str, **columns: object) -> Callable[[], None]:
        def act() -> None:
            for name, value in columns.items():
                setattr(story(slug), name, value)
            story(slug).version += 1  # as whoever changes a story does
            db.session.commit()

        return act

    passed = clock.now() - timedelta(hours=1)
    return [
        ("edit", edit),  # first, for it is possible for some minutes only
        ("post", lambda: say("mo", "One more.")),
        ("reply", lambda: say("nils", "A reply.", fresh(top))),
        ("vote", lambda: reactions.vote(person("ravi"), fresh(top), 1)),
        ("pick", lambda: reactions.pick(person("edda"), fresh(top), "adds data")),
        ("unpick", lambda: reactions.unpick(person("edda"), fresh(top))),
        ("reject", reject),
        ("approve", approve),
        ("delete", lambda: operations.delete(person("ravi"), fresh(reply))),
        ("undelete", lambda: operations.undelete(person("ravi"), fresh(reply))),
        ("disown", lambda: operations.remove_name(person("ravi"), fresh(reply))),
        ("role", lambda: accounts.set_role("rhea", Role.MODERATOR)),
        ("rename", rename),
        ("close", lambda: articles.set_discussion("story", mode=CommentsMode.CLOSED)),
        ("publish", lambda: make_article("third")),
        ("describe", describe),
        ("unpublish", change("other", status=ArticleStatus.DRAFT)),
        ("back to draft", change("story", status=ArticleStatus.DRAFT)),
        ("publish again", change("story", status=ArticleStatus.PUBLISHED)),
        ("withdraw", change("story", status=ArticleStatus.WITHDRAWN, withdrawn_at=passed)),
    ]
