"""What others may learn of accounts. Who listens stands in docs/decisions.md."""

from blinker import Signal

# Somebody has signed in, and the browser is bound to them. Carries the person as its sender,
# `joined` (whether the account was made just now) and `target`, the path that they asked for.
# A listener may return the address to go to before that.
signed_in = Signal()
