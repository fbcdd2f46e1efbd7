"""The one rule for links: which addresses may stand in user text, and how they are shown."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import nh3
from markdown_it.common.normalize_url import normalizeLink

from app.text.normalise import normalise

LINK_MAX = 2_000

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9a-f:.]{{2,45}}\])"
# Only what an address may hold once it is percent-encoded (RFC 3986), less the quote signs that
# end an attribute; no user name before the host, for it makes one site look like another.
_WEB = re.compile(rf"(https?://{_HOST}(?::[0-9]{{1,5}})?)(?:[/?#][!#-;=?-\[\]_a-z|~]*)?", re.I)
_MAIL = re.compile(rf"mailto:[a-z0-9.!#$%'*+/=?_|~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*\.[a-z]+", re.I)
_last_gate = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, url_relative="deny")
_ENCODED = re.compile("(?:%[89a-f][0-9a-f])+", re.I)
# Whatever a reader may take for the name of a host, in any alphabet and with any kind of dot.
_HOST_LIKE = re.compile(r"[\w-]+(?:[.。．｡][\w-]+)+")


def is_allowed(url: str) -> bool:
    """Tell whether `url`, already percent-encoded, may stand in an href.

    Allowed are absolute http and https addresses with a host, and plain mailto addresses,
    matched from end to end. Everything else is refused, whatever it looks like (OWASP ASVS
    5.0, 1.2.2).
    """
    if len(url) > LINK_MAX:
        return False
    web = _WEB.fullmatch(url)
    return _is_real(web[1]) if web else _MAIL.fullmatch(url) is not None


@lru_cache(maxsize=1024)
def _is_real(origin: str) -> bool:
    # Numbers out of range and false punycode follow rules of their own; a link that the last
    # gate would empty must not become one in the first place.
    return "href" in _last_gate.clean(f'<a href="{origin}">')


def is_image(url: str) -> bool:
    """Tell whether `url` may be the source of an editor's image: https alone."""
    return url[:8].lower() == "https://" and is_allowed(url)


def encode_address(url: str) -> str | None:
    """Return the address of an imported link in the form of the rule, or None when refused."""
    try:
        address = normalizeLink(url.strip())
    except (ValueError, IndexError):
        return None
    return address if is_allowed(address) else None


def shorten_label(url: str) -> str:
    """Return the text that stands for a bare address.

    The host is in punycode, so that letters of another alphabet cannot pass for a known name;
    escapes of letters in the path are decoded, for a title in Arabic should be readable.
    """
    return _ENCODED.sub(_decode, normalise(normalizeLink(url)))


def get_host(url: str) -> str | None:
    """Return the host of a web address in lower case, or None where there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") else None


def get_host_name(url: str) -> str | None:
    """Return the host of a web address as people read it; other alphabets are in punycode."""
    name = get_host(url)
    if name is None:
        return None
    return f"[{name}]" if ":" in name else name.rstrip(".")


def find_hidden_host(url: str, text: str) -> str | None:
    """Return the host that `url` leads to where the link's `text` does not tell it, else None.

    A text tells it when it is an address of that host, or names it as a whole and no other
    host besides.
    """
    name = get_host_name(url)
    if name is None:
        return None
    # Letters of other widths count as they look; those of other alphabets never do.
    words = unicodedata.normalize("NFKC", normalise(text)).strip().lower()
    address = re.match(r"(?:https?://)?" + re.escape(name) + r"\.?(?::[0-9]+)?(?![^/?#])", words)
    if address and not any(map(str.isspace, words)):
        return None
    named = _HOST_LIKE.findall(words)
    return None if named and set(named) == {name} else name


def _decode(match: re.Match[str]) -> str:
    text = unquote(match[0], errors="replace")
    visible = text.isprintable() and "\ufffd" not in text
    return text if visible and normalise(text) == text else match[0]
