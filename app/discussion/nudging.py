"""Ask an author once, before a comment is posted, to think again."""

from app.accounts.rows import AnyMember
from app.comments import pacing
from app.comments.rows import CommentRow
from app.moderation.queries import count_reports_above
from app.screening import nudges


def find_nudge(author: AnyMember, draft: CommentRow) -> str | None:
    """Return the question for the author of `draft`, as a sentence, or None."""
    parent = draft.parent
    recent = pacing.get_recent_by(author, draft.article)
    return nudges.find_nudge(
        nudges.Facts(
            source=draft.body,
            html=draft.html,
            is_first=author.published_comments == 0,
            answers=parent.author_id if parent else None,
            answered=tuple(recent.answered),
            earlier=tuple(recent.bodies),
            branch_reports=count_reports_above(parent) if parent else 0,
        )
    )
