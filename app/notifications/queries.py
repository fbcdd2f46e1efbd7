"""The query for notices."""

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.rows import AnyMember
from app.articles.visibility import sql_may_read
from app.comments.models import Comment
from app.db.keyset import Page, get_page
from app.members.models import Follow, FollowState, Mute
from app.members.queries import ENTRIES
from app.notifications.models import Notice, NoticeKind


def list_notices(user: AnyMember, kind: NoticeKind, before: int | None) -> Page[Notice]:
    """Return the notices of `user`, the newest first, and whether more follow.

    It leaves out people and discussions that they muted, comments that are no longer listed, and
    stories that they may not read. Tombstones are listed, so they stay.
    """
    muted = select(Mute.user_id).where(Mute.user_id == user.id, Mute.muted_id == Comment.author_id)
    silent = select(Follow.user_id).where(
        Follow.user_id == user.id,
        Follow.article_id == Comment.article_id,
        Follow.state == FollowState.MUTED,
    )
    query = (
        select(Notice)
        .join(Notice.comment)
        .join(Comment.article)
        .options(
            contains_eager(Notice.comment).options(
                contains_eager(Comment.article), joinedload(Comment.author)
            )
        )
        .where(
            Notice.user_id == user.id,
            Notice.kind == kind,
            Comment.publicly_listed,
            sql_may_read(user),
            ~muted.exists(),
            ~silent.exists(),
        )
        .order_by(Notice.id.desc())
    )
    if before is not None:
        query = query.where(Notice.id < before)
    return get_page(query, ENTRIES)
