"""The one door for text: Markdown and imported HTML in, clean HTML or plain text out.

The parts that other packages use stand below; the rest is this package's own affair. Nothing
here knows a request or a database.
"""

from app.text.difference import word_diff
from app.text.excerpt import excerpt
from app.text.importing import HTML_MAX, clean_html
from app.text.markdown import (
    ARTICLE_MAX,
    COMMENT_MAX,
    PIPELINE_VERSION,
    SOURCE_MAX,
    TooLong,
    render,
    render_article,
)
from app.text.normalise import is_blank, normalise
from app.text.prose import is_only_links, is_question, is_shouting, lines, mentions, rendered
from app.text.reading import has_links, link_hosts, plain
from app.text.sanitize import stored
from app.text.slug import SLUG_MAX, slug
from app.text.tokens import split_words
from app.text.wordlist import (
    PATTERN_MAX,
    TOKENS_MAX,
    WordList,
    clean_pattern,
    count_tokens,
    explain_pattern,
)
from app.text.words import find_words, highlighted, mark_words

__all__ = [
    "ARTICLE_MAX",
    "COMMENT_MAX",
    "HTML_MAX",
    "PATTERN_MAX",
    "PIPELINE_VERSION",
    "SLUG_MAX",
    "SOURCE_MAX",
    "TOKENS_MAX",
    "TooLong",
    "WordList",
    "clean_html",
    "clean_pattern",
    "count_tokens",
    "excerpt",
    "explain_pattern",
    "find_words",
    "has_links",
    "highlighted",
    "is_blank",
    "is_only_links",
    "is_question",
    "is_shouting",
    "lines",
    "link_hosts",
    "mark_words",
    "mentions",
    "normalise",
    "plain",
    "render",
    "render_article",
    "rendered",
    "slug",
    "split_words",
    "stored",
    "word_diff",
]
