"""Keeping how far a member has read."""

from app import clock, policy
from app.accounts.permissions import require_user
from app.articles.models import Article
from app.db.base import db
from app.db.locks import retry_once, take_write_lock
from app.members.models import ReadMark
from app.policy import Permission as P
from app.policy import Viewer


@retry_once
def mark_read(reader: Viewer, article: Article, serial: int) -> int:
    """Keep that a member has read what was published up to `serial`; returns what is kept.

    A mark only moves on, and never past what there is: two windows do not undo each other.
    """
    policy.require(reader, P.PERSONAL, None)
    person = require_user(reader)
    serial = max(0, min(serial, article.last_serial))
    take_write_lock()
    mark = db.session.get(ReadMark, (person.id, article.id), with_for_update=True)
    if mark is None:
        mark = ReadMark(user_id=person.id, article_id=article.id, serial=serial)
        db.session.add(mark)
    elif serial > mark.serial:
        mark.serial, mark.updated_at = serial, clock.now()
    db.session.commit()
    return mark.serial
