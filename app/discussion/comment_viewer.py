"""The reader of a page as templates see them: their permissions, marks, mutes and read mark."""

from dataclasses import dataclass, field
from functools import cached_property

from app import policy
from app.accounts.roles import MODERATORS
from app.comments import visibility
from app.comments.models import Comment
from app.comments.rows import CommentRow
from app.comments.visibility import Visible
from app.discussion.muted_words import MutedWords
from app.discussion.reader_state import CommentMarks, ReaderState
from app.discussion.tree import Node
from app.policy import Permission, Viewer


@dataclass
class CommentViewer:
    """One reader of one page."""

    viewer: Viewer
    marks: CommentMarks = field(default_factory=CommentMarks)
    state: ReaderState = field(default_factory=ReaderState)

    @cached_property
    def _muted_words(self) -> MutedWords:
        return MutedWords(self.state.words)

    def may(self, permission: str, comment: Comment) -> bool:
        return policy.allows(self.viewer, Permission(permission), comment)

    def why_not(self, permission: str, comment: Comment) -> str:
        refusal = policy.refusal(self.viewer, Permission(permission), comment)
        return refusal.message if refusal else ""

    def vote_on(self, comment: Comment) -> int:
        return self.marks.votes.get(comment.id, 0)

    def has_reported(self, comment: Comment) -> bool:
        return comment.id in self.marks.reported

    def has_saved(self, comment: Comment) -> bool:
        return comment.id in self.marks.bookmarked

    def disagrees(self, comment: Comment) -> bool:
        return comment.id in self.marks.disagreed

    def has_muted(self, comment: Comment) -> bool:
        return comment.author_id in self.state.muted

    def reads(self, comment: Comment) -> bool:
        return visibility.of(self.viewer, comment) is Visible.WORDS

    def is_hidden(self, comment: Comment) -> bool:
        """Return whether the comment is hidden from this reader."""
        return visibility.of(self.viewer, comment) is Visible.HIDDEN

    def is_author(self, comment: Comment) -> bool:
        return self.viewer.id is not None and comment.author_id == self.viewer.id

    def is_new(self, comment: Comment) -> bool:
        """Return whether somebody else published it since this reader's last visit."""
        mark = self.state.mark
        return mark is not None and comment.publish_seq > mark and not self.is_author(comment)

    def sees_score(self, comment: Comment | CommentRow) -> bool:
        return not comment.score_is_hidden or self.viewer.role in MODERATORS

    def mutes(self, comment: Comment) -> bool:
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
