"""Keyset paging: where a page of a list begins."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Cursor:
    """A place in a list that is ordered by time: the keyset of one article."""

    published_at: datetime
    article_id: int
