"""Who muted somebody, or a word, meets neither where a comment is only quoted."""

from collections.abc import Callable

from app.comments.enums import SCORE_HIDDEN
from app.comments.models import Comment
from app.db.base import db
from app.members import operations
from tests.comments.threads import crowd, plant
from tests.conftest import Browser, person, say

Browse = Callable[..., Browser]
HERE = "/articles/story"


def test_the_flat_order_quotes_nobody_who_is_muted(browse: Browse) -> None:
    above = say("ravi", "A claim about patents.")
    say("mo", "An answer.", above)
    path = f"{HERE}?sort=newest"
    rhea = browse("rhea")
    assert "in reply to @ravi" in rhea.get(path).text
    operations.mute(person("rhea"), person("ravi"))
    page = rhea.get(path).text
    assert "in reply to someone you muted" in page
    assert "in reply to @ravi" not in page
    assert "in reply to @ravi" in browse("edda").get(path).text
    operations.unmute(person("rhea"), person("ravi"))
    operations.mute_word(person("rhea"), "patents", None)
    assert "in reply to someone you muted" in rhea.get(path).text


def test_at_a_glance_shows_nothing_that_is_muted(browse: Browse) -> None:
    ids = plant([None] * 30, crowd(3), votes={4: (9, 0)})
    best = db.session.get_one(Comment, ids[4])
    for comment in db.session.query(Comment):
        comment.created_at -= SCORE_HIDDEN
    db.session.commit()
    assert best.author is not None
    name = best.author.name

    def at_a_glance() -> str:
        text = browse("rhea").get(HERE).text
        return (
            text.split('id="highlights"')[1].split("</details>")[0]
            if 'id="highlights"' in text
            else ""
        )

    assert name in at_a_glance()
    operations.mute(person("rhea"), best.author)
    assert name not in at_a_glance()
