"""Reading an article from JSON. The form (all texts are strings; * must be there):

headline*       up to 200 characters
organisation*   its name; made when it is new
category*       the name of a category of the site (`flask categories add NAME` makes one)
published_at    ISO 8601 with a zone; needed unless status is "draft"
status          "draft", "scheduled", "published" (the default)
slug            lower-case letters, digits and "-"; made from the headline when absent
topics          a list of names; made when new
takeaways       a list of sentences, in order
source          {"name", "url"}; url with http or https
summary*        Markdown
opinion         Markdown
disclosure      how the article was made, plain text, or null
featured        true or false
comments        {"mode": "open" or "closed", "close_after_days": a number or null}
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app import text
from app.articles.enums import ArticleStatus, CommentsMode
from app.errors import ImportRefused
from app.text.slug import SLUG

_FIELDS = {
    *("headline", "organisation", "category", "published_at", "status", "slug", "topics"),
    *("takeaways", "source", "summary", "opinion", "disclosure", "featured", "comments"),
}
_STATUSES = (ArticleStatus.DRAFT, ArticleStatus.SCHEDULED, ArticleStatus.PUBLISHED)


@dataclass(frozen=True)
class ArticleData:
    """One article of an import file, checked."""

    headline: str
    slug: str
    organisation: str
    category: str
    topics: list[str]
    published_at: datetime | None
    status: ArticleStatus
    featured: bool
    takeaways: list[str]
    source_name: str
    source_url: str
    summary: str
    opinion: str
    disclosure: str
    comments_mode: CommentsMode
    close_after_days: int | None


class _Reader:
    """Takes fields out of one JSON object and collects a sentence for every bad one."""

    def __init__(self, data: Mapping[str, Any], problems: list[str], prefix: str = "") -> None:
        self.data, self.problems, self.prefix = data, problems, prefix

    def bad(self, name: str, what: str) -> None:
        self.problems.append(f"{self.prefix}{name}: {what}")

    def words(self, name: str, most: int, needed: bool = False) -> str:
        value = self.data.get(name)
        if value is None:
            value = ""
        if not isinstance(value, str):
            self.bad(name, "must be a text")
            return ""
        value = text.normalise(value[: most + 1]).strip() if len(value) <= most else value
        if len(value) > most:
            self.bad(name, f"is {len(value) - most:,} characters too long (at most {most:,})")
            return ""
        if needed and not value:
            self.bad(name, "is missing")
        return value

    def names(self, name: str, most: int, each: int) -> list[str]:
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.bad(name, "must be a list of texts")
            return []
        found = [text.normalise(item).strip() for item in value]
        if len(found) > most:
            self.bad(name, f"has {len(found)} entries (at most {most})")
        if any(not item or len(item) > each for item in found):
            self.bad(name, f"every entry has 1 to {each} characters")
        if len(set(found)) != len(found):
            self.bad(name, "names something twice")
        return found

    def choice(self, name: str, allowed: tuple[Any, ...], default: Any) -> Any:
        value = self.data.get(name, default)
        if value not in allowed:
            self.bad(name, "must be one of " + ", ".join(allowed))
            return default
        return type(allowed[0])(value)

    def inside(self, name: str, fields: set[str]) -> "_Reader":
        value = self.data.get(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            self.bad(name, "must be an object")
            value = {}
        for unknown in value.keys() - fields:
            self.bad(f"{name}.{unknown}", "is not a known field")
        return _Reader(value, self.problems, f"{name}.")


def read_article(data: object, categories: set[str]) -> ArticleData:
    """The checked article of `data`, a parsed JSON value.

    `categories` holds the names that the site knows. Raises ImportRefused with one sentence
    for every bad field.
    """
    problems: list[str] = []
    if not isinstance(data, dict):
        raise ImportRefused(["The file must hold one JSON object."])
    reader = _Reader(data, problems)
    for unknown in sorted(data.keys() - _FIELDS):
        reader.bad(unknown, "is not a known field")
    headline = reader.words("headline", 200, needed=True)
    slug = reader.words("slug", 120) or text.make_slug(headline, "article")
    if not SLUG.fullmatch(slug):
        reader.bad("slug", "may hold lower-case letters, digits and single hyphens")
    category = reader.words("category", 80, needed=True)
    if category and category not in categories:
        known = ", ".join(sorted(categories)) or "the categories, for there are none yet"
        remedy = f"make it with `flask categories add {shlex.quote(category)}`"
        reader.bad("category", f"{category!r} is not one of {known}: {remedy}")
    status = reader.choice("status", _STATUSES, ArticleStatus.PUBLISHED)
    source = reader.inside("source", {"name", "url"})
    comments = reader.inside("comments", {"mode", "close_after_days"})
    result = ArticleData(
        headline=headline,
        slug=slug,
        organisation=reader.words("organisation", 120, needed=True),
        category=category,
        topics=reader.names("topics", 12, 80),
        published_at=_read_moment(reader, needed=status != ArticleStatus.DRAFT),
        status=status,
        featured=_read_flag(reader, "featured"),
        takeaways=reader.names("takeaways", 12, 500),
        source_name=source.words("name", 120),
        source_url=_read_address(source),
        summary=reader.words("summary", text.ARTICLE_MAX, needed=True),
        opinion=reader.words("opinion", text.ARTICLE_MAX),
        disclosure=reader.words("disclosure", 1_000),
        comments_mode=comments.choice("mode", tuple(CommentsMode), CommentsMode.OPEN),
        close_after_days=_read_days(comments),
    )
    if problems:
        raise ImportRefused(problems)
    return result


def _read_moment(reader: _Reader, needed: bool) -> datetime | None:
    value = reader.words("published_at", 40, needed)
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        in_utc = moment.astimezone(UTC)  # fails where UTC has no such year
    except (ValueError, OverflowError):
        reader.bad("published_at", f"{value!r} is not a time like 2026-07-05T09:00:00Z")
        return None
    if moment.tzinfo is None:
        reader.bad("published_at", "needs a zone, for example Z for UTC")
        return None
    return in_utc


def _read_address(reader: _Reader) -> str:
    url = reader.words("url", 1_000)
    if url and not re.fullmatch(r"https?://[^\s/]+\S*", url):
        reader.bad("url", "must begin with http:// or https:// and name a host")
        return ""
    return url


def _read_flag(reader: _Reader, name: str) -> bool:
    value = reader.data.get(name, False)
    if not isinstance(value, bool):
        reader.bad(name, "must be true or false")
        return False
    return value


def _read_days(reader: _Reader) -> int | None:
    value = reader.data.get("close_after_days")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 3650:
        reader.bad("close_after_days", "must be a number of days from 0 to 3650, or null")
        return None
    return value
