"""Colours for code and true hosts behind links, added to our own HTML before it is sanitised.

The input comes from the Markdown renderer or the importer, in which every `<` of a text is an
entity. The sanitisers that follow check the output of this module as well.
"""

import re
from html import escape, unescape

from app.text import links, syntax
from app.text.sanitize import HOST_CLASS

# The limit for a whole text, because bleach takes time for each span.
SPANS_MAX = 2 * syntax.SPANS_MAX

_CODE = re.compile(r'(<pre><code class="language-([^"<>]{1,40})">)([^<]*)(?=</code>)')
_LINK = re.compile(r'<a href="([^"<>]*)"[^<>]*>(.*?)</a>', re.S)
_TAG = re.compile(r"<[^<>]*>")


def decorate(html: str) -> str:
    """Return `html` with spans in code of a known language, and with the hidden hosts of links.

    A host is in a `span` of its own, in brackets after the link.
    """
    left = SPANS_MAX

    def colour(block: re.Match[str]) -> str:
        nonlocal left
        code = syntax.render_code(unescape(block[3]), unescape(block[2])) if left > 0 else None
        spans = code.count("<span") if code else 0
        left -= spans
        return block[1] + code if code and left >= 0 else block[0]

    return _LINK.sub(_with_host, _CODE.sub(colour, html))


def _with_host(link: re.Match[str]) -> str:
    text = unescape(_TAG.sub("", link[2]))
    host = links.find_hidden_host(unescape(link[1]), text)
    return f'{link[0]} <span class="{HOST_CLASS}">({escape(host)})</span>' if host else link[0]
