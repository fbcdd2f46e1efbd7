"""The Atom feed of the newest stories, and the sitemap for search engines."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Response, render_template, url_for

from app.articles import queries
from app.cache import http
from app.cache.versions import Scope

# XML 1.0 cannot contain these characters: one in a headline would break the whole file.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LISTS = ("show_front", "list_topics", "list_organisations", "list_categories")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def render_feed() -> Response:
    """Return the newest stories as Atom."""
    articles = queries.list_wire().articles
    moments = [moment for a in articles for moment in (a.published_at, a.updated_at) if moment]
    updated = max(moments, default=_NEVER)
    return _respond_xml("feed", "application/atom+xml", articles=articles, updated=updated)


def render_sitemap() -> Response:
    """Return the sitemap: the addresses of the lists and of every public story."""
    lists = [url_for(f"articles.{name}") for name in _LISTS]
    return _respond_xml(
        "sitemap", "application/xml", lists=lists, articles=queries.list_addresses()
    )


def _respond_xml(name: str, mimetype: str, **inputs: Any) -> Response:
    http.cache_response(Scope.NEWSROOM)  # neither shows the number of comments
    body = _NO_XML.sub("", render_template(f"articles/{name}.xml", **inputs))
    return Response('<?xml version="1.0" encoding="utf-8"?>\n' + body, mimetype=mimetype)
