"""The one door for text: Markdown and imported HTML in, clean HTML or plain text out.

Other packages use only the names below. Nothing here knows a request or a database.
"""

from app.text.difference import render_word_diff
from app.text.excerpt import cut_plain, make_excerpt
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
from app.text.prose import (
    MENTIONS_MAX,
    count_lines,
    is_only_links,
    is_question,
    is_shouting,
    list_mentions,
    render_with_question,
)
from app.text.reading import has_links, list_link_hosts, make_plain
from app.text.sanitize import mark_stored
from app.text.slug import SLUG_MAX, make_slug
from app.text.tokens import split_words
from app.text.wordlist import (
    PATTERN_MAX,
    TOKENS_MAX,
    WordList,
    clean_pattern,
    count_tokens,
    explain_pattern,
)
from app.text.words import highlight_words, mark_words

__all__ = [
    "ARTICLE_MAX",
    "COMMENT_MAX",
    "HTML_MAX",
    "MENTIONS_MAX",
    "PATTERN_MAX",
    "PIPELINE_VERSION",
    "SLUG_MAX",
    "SOURCE_MAX",
    "TOKENS_MAX",
    "TooLong",
    "WordList",
    "clean_html",
    "clean_pattern",
    "count_lines",
    "count_tokens",
    "cut_plain",
    "explain_pattern",
    "has_links",
    "highlight_words",
    "is_blank",
    "is_only_links",
    "is_question",
    "is_shouting",
    "list_link_hosts",
    "list_mentions",
    "make_excerpt",
    "make_plain",
    "make_slug",
    "mark_stored",
    "mark_words",
    "normalise",
    "render",
    "render_article",
    "render_with_question",
    "render_word_diff",
    "split_words",
]
