"""A module that every Python under another date imports at its start, see devtools/dates.py.

Debian 12's libfaketime (0.9.10) mishandles the system call of time.sleep since Python 3.11, which
then fails with EINVAL (https://github.com/wolfcw/libfaketime/issues/426). A select on no files
sleeps as well.
"""

from __future__ import annotations

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


setattr(time, "sleep", _sleep)  # noqa: B010 - to mypy the name is a function of its own kind
