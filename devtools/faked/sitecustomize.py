"""Read by every Python that starts under another date, see devtools/dates.py.

Debian 12's libfaketime (0.9.10) makes a wrong call of what time.sleep calls since Python 3.11,
and it fails with EINVAL (https://github.com/wolfcw/libfaketime/issues/426). Waiting for no file
takes the same time.
"""

from __future__ import annotations

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


setattr(time, "sleep", _sleep)  # noqa: B010 - to mypy the name is a function of its own kind
