"""The reader of a page as templates see them: their permissions, marks, mutes and read mark."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from app import policy
from app.accounts.roles import MODERATORS
from app.comments import visibility
from app.comments.enums import DEPTH_MAX
from app.comments.rows import AnyComment
from app.comments.visibility import Visible, has_public_words
from app.discussion.muted_words import MutedWords
from app.discussion.reader_state import ReaderState
from app.discussion.tree import Node
from app.policy import Permission as P
from app.policy import Viewer


class Rights(NamedTuple):
    """The acts on a comment that are open to a reader and have a button on the comment itself.

    `act` is to open the menu of what is wanted now and then; `no_downvote` says why downvoting
    is not open, or nothing.
    """

    answer: bool
    upvote: bool
    no_downvote: str
    report: bool
    act: bool
    edit: bool
    delete: bool
    undelete: bool


@dataclass
class CommentViewer:
    """One reader of one page."""

    viewer: Viewer
    state: ReaderState = field(default_factory=ReaderState)
    _rights: dict[tuple[int, bool], Rights] = field(default_factory=dict)

    @cached_property
    def _muted_words(self) -> MutedWords:
        return MutedWords(self.state.words)

    def may(self, permission: str, comment: AnyComment) -> bool:
        return policy.allows(self.viewer, P(permission), comment)

    def get_rights(self, comment: AnyComment) -> Rights:
        """Return what this reader may do to a comment.

        The rules about a published comment of somebody else look at nothing of it but its
        article and whether replies to it would be too deep, so they are asked once for all.
        """
        if comment.is_by(self.viewer.id) or not has_public_words(comment):
            return self._ask_rights(comment)
        key = (comment.article_id, comment.depth >= DEPTH_MAX)
        rights = self._rights.get(key)
        if rights is None:
            rights = self._rights[key] = self._ask_rights(comment)
        return rights

    def _ask_rights(self, comment: AnyComment) -> Rights:
        def may(permission: P) -> bool:
            return policy.allows(self.viewer, permission, comment)

        no_downvote = policy.refusal(self.viewer, P.COMMENT_DOWNVOTE, comment)
        return Rights(
            answer=may(P.COMMENT_ANSWER),
            upvote=may(P.COMMENT_UPVOTE),
            no_downvote=no_downvote.message if no_downvote else "",
            report=may(P.COMMENT_REPORT),
            act=may(P.COMMENT_ACTS),
            edit=may(P.COMMENT_EDIT),
            delete=may(P.COMMENT_DELETE),
            undelete=may(P.COMMENT_UNDELETE),
        )

    def vote_on(self, comment: AnyComment) -> int:
        return self.state.votes.get(comment.id, 0)

    def has_reported(self, comment: AnyComment) -> bool:
        return comment.id in self.state.reported

    def has_saved(self, comment: AnyComment) -> bool:
        return comment.id in self.state.bookmarked

    def disagrees(self, comment: AnyComment) -> bool:
        return comment.id in self.state.disagreed

    def has_muted(self, comment: AnyComment) -> bool:
        return comment.author_id in self.state.muted

    def reads(self, comment: AnyComment) -> bool:
        return visibility.of(self.viewer, comment) is Visible.WORDS

    def is_hidden(self, comment: AnyComment) -> bool:
        """Return whether the comment is hidden from this reader."""
        return visibility.of(self.viewer, comment) is Visible.HIDDEN

    def is_author(self, comment: AnyComment) -> bool:
        return self.viewer.id is not None and comment.author_id == self.viewer.id

    def is_new(self, comment: AnyComment) -> bool:
        """Return whether somebody else published it since this reader's last visit."""
        mark = self.state.mark
        return mark is not None and comment.publish_seq > mark and not self.is_author(comment)

    def is_touched_by(self, node: Node) -> bool:
        """Return whether a comment is drawn otherwise for this reader than for a stranger."""
        comment, state, own = node.comment, self.state, self.viewer.id
        return (
            (own is not None and own in (comment.author_id, comment.disowned_by))
            or comment.id in state.votes
            or comment.id in state.reported
            or comment.author_id in state.muted
            or (state.mark is not None and comment.publish_seq > state.mark)
            or bool(state.words and self.folded(node))
        )

    def sees_score(self, comment: AnyComment) -> bool:
        return not comment.score_is_hidden or self.viewer.role in MODERATORS

    def mutes(self, comment: AnyComment) -> bool:
        """Return whether this reader muted its author or, as far as is known, a word of it."""
        if self.is_author(comment):
            return False
        return self.has_muted(comment) or self._muted_words.occur_in(comment) is not False

    def folded(self, node: Node) -> str:
        """Return why the words of a comment are folded, as a sentence, or an empty text."""
        comment = node.comment
        mutes = self.state.muted or self.state.words  # the cheapest test: few mute anything
        if not mutes or node.is_target or not self.reads(comment) or self.is_author(comment):
            return ""
        if self.has_muted(comment):
            return "Comment from someone you muted."
        occurs = self._muted_words.occur_in(comment)
        if occurs is None:
            return "Comment not yet looked through for the words you muted."
        return "Comment with a word you muted." if occurs else ""
