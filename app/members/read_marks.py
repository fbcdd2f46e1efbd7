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
def mark_read(reader: Viewer, article: Article, publish_seq: int) -> int:
    """Keep that a member has read what was published up to `publish_seq`; returns what is kept.

    A mark only moves on, and never past what there is: two windows do not undo each other.
    """
    policy.require(reader, P.PERSONAL, None)
    person = require_user(reader)
    publish_seq = max(0, min(publish_seq, article.last_publish_seq))
    take_write_lock()
    mark = db.session.get(ReadMark, (person.id, article.id), with_for_update=True)
    if mark is None:
        mark = ReadMark(user_id=person.id, article_id=article.id, publish_seq=publish_seq)
        db.session.add(mark)
    elif publish_seq > mark.publish_seq:
        mark.publish_seq, mark.updated_at = publish_seq, clock.now()
    db.session.commit()
    return mark.publish_seq
