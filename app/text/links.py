"""The one rule for links: which addresses user text may contain, and their labels."""

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
# Only characters of a percent-encoded address (RFC 3986), without the quotes that end an
# attribute; and no user name before the host, because it makes one site look like another.
_WEB = re.compile(rf"(https?://{_HOST}(?::[0-9]{{1,5}})?)(?:[/?#][!#-;=?-\[\]_a-z|~]*)?", re.I)
_MAIL = re.compile(rf"mailto:[a-z0-9.!#$%'*+/=?_|~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*\.[a-z]+", re.I)
_last_gate = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, url_relative="deny")
_ENCODED = re.compile("(?:%[89a-f][0-9a-f])+", re.I)
# Anything that a reader may take for the name of a host, in any alphabet, with any kind of dot.
_HOST_LIKE = re.compile(r"[\w-]+(?:[.。．｡][\w-]+)+")


def is_allowed(url: str) -> bool:
    """Return whether `url`, already percent-encoded, may be the value of an href.

    Allowed are absolute http and https addresses with a host, and plain mailto addresses,
    matched from end to end. Everything else is refused (OWASP ASVS 5.0, 1.2.2).
    """
    if len(url) > LINK_MAX:
        return False
    web = _WEB.fullmatch(url)
    return _is_real(web[1]) if web else _MAIL.fullmatch(url) is not None


@lru_cache(maxsize=1024)
def _is_real(origin: str) -> bool:
    # nh3 also refuses numbers out of range and wrong punycode; such an address must not become a
    # link that nh3 would empty later.
    return "href" in _last_gate.clean(f'<a href="{origin}">')


def is_image(url: str) -> bool:
    """Return whether `url` may be the source of an editor's image: https alone."""
    return url[:8].lower() == "https://" and is_allowed(url)


def encode_address(url: str) -> str | None:
    """Return the address of an imported link, percent-encoded, or None if it is not allowed."""
    try:
        address = normalizeLink(url.strip())
    except (ValueError, IndexError):
        return None
    return address if is_allowed(address) else None


def shorten_label(url: str) -> str:
    """Return the label of a bare address.

    The host is in punycode, so that letters of another alphabet cannot imitate a known name.
    Escaped letters in the path are decoded, so that a title in Arabic is readable.
    """
    return _ENCODED.sub(_decode, normalise(normalizeLink(url)))


def get_host(url: str) -> str | None:
    """Return the host of a web address in lower case, or None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") else None


def get_host_name(url: str) -> str | None:
    """Return the host of a web address for readers, other alphabets in punycode, or None."""
    name = get_host(url)
    if name is None:
        return None
    return f"[{name}]" if ":" in name else name.rstrip(".")


def find_hidden_host(url: str, text: str) -> str | None:
    """Return the host that `url` leads to if the link's `text` does not name it, else None.

    The text names it when it is an address of that host, or contains its name and no other
    host's.
    """
    name = get_host_name(url)
    if name is None:
        return None
    # Letters of other widths count as the usual ones; those of other alphabets never do.
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
