"""Reading an article from JSON.

The form of the file (all texts are strings; * must be there):

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

import shlex
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from app import text
from app.articles.enums import ArticleStatus, CommentsMode
from app.errors import ImportRefused
from app.imports.sentences import (
    fail,
    list_problems,
    moment,
    read_address,
    read_distinct,
    words,
)
from app.text.slug import SLUG

_OR_NOTHING = BeforeValidator(lambda value: {} if value is None else value)
_STRICT = ConfigDict(extra="forbid", frozen=True)


class SourceData(BaseModel):
    """The publisher of the story: name and address."""

    model_config = _STRICT

    name: Annotated[str, words(120)] = ""
    url: Annotated[str, words(1_000), AfterValidator(read_address)] = ""


class DiscussionData(BaseModel):
    """The rules of the discussion: open or closed, and for how many days."""

    model_config = _STRICT

    mode: CommentsMode = CommentsMode.OPEN
    close_after_days: Annotated[int | None, Field(ge=0, le=3650, strict=True)] = None


class ArticleData(BaseModel):
    """One article of an import file, checked."""

    model_config = _STRICT

    headline: Annotated[str, words(200, needed=True)]
    slug: Annotated[str, words(120)] = ""
    organisation: Annotated[str, words(120, needed=True)]
    category: Annotated[str, words(80, needed=True)]
    topics: Annotated[
        list[Annotated[str, words(80, needed=True)]],
        Field(max_length=12),
        AfterValidator(read_distinct),
    ] = []
    status: Literal["draft", "scheduled", "published"] = "published"
    published_at: Annotated[datetime | None, Field(validate_default=True)] = None
    featured: Annotated[bool, Field(strict=True)] = False
    takeaways: Annotated[
        list[Annotated[str, words(500, needed=True)]],
        Field(max_length=12),
        AfterValidator(read_distinct),
    ] = []
    source: Annotated[SourceData, _OR_NOTHING] = SourceData()
    summary: Annotated[str, words(text.ARTICLE_MAX, needed=True)]
    opinion: Annotated[str, words(text.ARTICLE_MAX)] = ""
    disclosure: Annotated[str, words(1_000)] = ""
    comments: Annotated[DiscussionData, _OR_NOTHING] = DiscussionData()

    @field_validator("slug")
    @classmethod
    def _read_slug(cls, value: str) -> str:
        if value and not SLUG.fullmatch(value):
            fail("slug")
        return value

    @field_validator("category")
    @classmethod
    def _read_category(cls, value: str, info: ValidationInfo) -> str:
        names = (info.context or {})["categories"]
        if value not in names:
            known = ", ".join(sorted(names)) or "the categories, for there are none yet"
            fail("category", value=value, known=known, quoted=shlex.quote(value))
        return value

    @field_validator("published_at", mode="before")
    @classmethod
    def _read_published_at(cls, value: object, info: ValidationInfo) -> object:
        if not value and info.data.get("status") == ArticleStatus.DRAFT:
            return None
        return moment(needs_zone=True).func(value or None)  # type: ignore[call-arg]


def read_article(data: object, categories: set[str]) -> ArticleData:
    """Return the checked article of `data`, a parsed JSON value.

    `categories` holds the names that the site knows. Raises ImportRefused with one sentence
    for every bad field.
    """
    if not isinstance(data, dict):
        raise ImportRefused(["The file must hold one JSON object."])
    try:
        article = ArticleData.model_validate(data, context={"categories": categories})
    except ValidationError as error:
        raise ImportRefused(list_problems(error)) from None
    slug = article.slug or text.make_slug(article.headline, "article")
    return article.model_copy(update={"slug": slug})
