"""Signals about accounts. The listeners are listed in docs/decisions.md."""

from blinker import Signal

# Somebody has signed in, and the browser is bound to them. Carries the person as its sender,
# `joined` (whether the account is new) and `target`, the path that they wanted to open.
# A listener may return an address to go to first.
signed_in = Signal()
