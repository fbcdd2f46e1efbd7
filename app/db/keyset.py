"""Keyset paging."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Cursor:
    """The position of one article in a list that is ordered by time."""

    published_at: datetime
    article_id: int
