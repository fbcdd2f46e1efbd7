"""Storing how far a member has read."""

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
    """Store that a member has read all comments up to `publish_seq`; return the stored mark.

    A mark only moves forward, so that two windows do not undo each other, and never past the
    last comment.
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
