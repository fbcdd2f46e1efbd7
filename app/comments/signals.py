"""Signals about comments, sent in the transaction of the act that causes them.

Each carries the comment as its sender. The listeners are listed in docs/decisions.md.
"""

from blinker import Signal

# A form is about to become a comment: no row of it is written yet.
comment_posted = Signal()
# The row of a new comment was added, past the events of the model.
comment_added = Signal()
# A comment is published for the first time.
comment_published = Signal()
# The words of a published comment changed, or one that was edited is published again.
comment_edited = Signal()
