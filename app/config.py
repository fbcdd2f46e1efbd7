"""Settings: defaults here, the rest from BOTBEAT_* in the environment.

A wrong setting ends the process with one sentence that names it and the remedy. Production does
not start with a default secret, a plain http address or a test switch.
"""

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
MOST_HOPS = 5
SECRET_LENGTH = 32  # characters; a shorter key could be guessed offline


class Misconfigured(SystemExit):
    """The exit of the process because of a wrong setting, with a sentence and no traceback."""


def load_config(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the Flask configuration from `environ`; raises Misconfigured."""
    env = environ.get("BOTBEAT_ENV", "development")
    if env not in ("development", "production"):
        raise Misconfigured(f"BOTBEAT_ENV is {env!r}: set it to development or production.")
    production = env == "production"
    if production and environ.get("FLASK_DEBUG", "0").lower() not in ("", "0", "false", "no"):
        raise Misconfigured("FLASK_DEBUG is on: remove it in production.")
    instance = Path(environ.get("BOTBEAT_INSTANCE") or ROOT / "instance").resolve()
    _make_folder(instance)
    site_url = _site_url(environ, production)
    return {
        "BOTBEAT_ENV": env,
        "PRODUCTION": production,
        "INSTANCE": instance,
        "SECRET_KEY": _secret(environ, production, instance),
        "SECRET_KEY_FALLBACKS": _fallbacks(environ),
        "SITE_NAME": environ.get("BOTBEAT_SITE_NAME", "BotBeat"),
        "SITE_URL": site_url,
        "CONTACT_EMAIL": environ.get("BOTBEAT_CONTACT_EMAIL", ""),
        "TRUSTED_HOSTS": _trusted_hosts(environ, production),
        "PROXY_HOPS": _proxy_hops(environ, production),
        "VOTES": _votes(environ),
        "SQLALCHEMY_DATABASE_URI": _database(environ, instance),
        "RATELIMIT_STORAGE_URI": _redis(environ) or "memory://",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_ENABLED": _switch(environ, "BOTBEAT_RATE_LIMITS", production),
        # A larger body than that of the longest form is refused unread.
        "MAX_CONTENT_LENGTH": 256 * 1024,
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "MAX_FORM_PARTS": 100,
        "SESSION_COOKIE_NAME": "__Host-botbeat" if production else "botbeat",
        "SESSION_COOKIE_SECURE": production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=90),
        "WTF_CSRF_CHECK_DEFAULT": False,  # app.web.guards checks the token, in its own order
        "WTF_CSRF_SSL_STRICT": False,  # guards check Origin; a browser may send no Referer
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,  # seconds: a long read must not end in a refusal
    }


def _make_folder(instance: Path) -> None:
    try:
        instance.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"The data folder {instance} cannot be made ({error.strerror}). "
            "Set BOTBEAT_INSTANCE to a folder that this user may write."
        ) from None


def _secret(environ: Mapping[str, str], production: bool, instance: Path) -> str:
    secret = environ.get("BOTBEAT_SECRET_KEY", "")
    if secret and len(secret) < SECRET_LENGTH:
        raise Misconfigured(
            f"BOTBEAT_SECRET_KEY has {len(secret)} characters: give it {SECRET_LENGTH} or more, "
            'for example from: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    if secret or not production:
        return secret or _own_secret(instance / "secret.key")
    raise Misconfigured(
        "BOTBEAT_SECRET_KEY is not set: production needs a long random one, for example from: "
        'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
    )


def _fallbacks(environ: Mapping[str, str]) -> list[str]:
    """Return the earlier keys, which still verify what they signed; raises Misconfigured."""
    keys = environ.get("BOTBEAT_SECRET_KEY_FALLBACKS", "").split()
    if any(len(key) < SECRET_LENGTH for key in keys):
        raise Misconfigured(
            "BOTBEAT_SECRET_KEY_FALLBACKS holds a key of fewer than "
            f"{SECRET_LENGTH} characters: remove it."
        )
    return keys


def _own_secret(path: Path) -> str:
    """Return the key for development, which is stored in a file so that restarts sign nobody out.

    Raises Misconfigured if the file cannot be written or is too short.
    """
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise Misconfigured(
            f"The key file {path} cannot be written ({error.strerror}). "
            "Set BOTBEAT_INSTANCE to a folder that this user may write."
        ) from None
    if len(secret := path.read_text().strip()) < SECRET_LENGTH:
        raise Misconfigured(f"The key file {path} was cut short: delete it, and start again.")
    return secret


def _site_url(environ: Mapping[str, str], production: bool) -> str:
    url = environ.get("BOTBEAT_SITE_URL", "").rstrip("/")
    if not url and not production:
        return "http://127.0.0.1:8000"
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets without an address between them
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured(
            "BOTBEAT_SITE_URL is not set to an address: give the public one, "
            "for example https://news.example.org"
        )
    if production and parts.scheme != "https":
        raise Misconfigured(
            f"BOTBEAT_SITE_URL is {url}: production needs https, because sign-in cookies are "
            "sent over https only. Put a proxy with a certificate in front."
        )
    return url


def _trusted_hosts(environ: Mapping[str, str], production: bool) -> list[str]:
    hosts = environ.get("BOTBEAT_TRUSTED_HOSTS", "").replace(",", " ").split()
    if production and (not hosts or "*" in hosts):
        raise Misconfigured(
            "BOTBEAT_TRUSTED_HOSTS is not set: list the host names that this site answers to, "
            "for example: BOTBEAT_TRUSTED_HOSTS=news.example.org"
        )
    return hosts or ["127.0.0.1", "localhost"]


def _proxy_hops(environ: Mapping[str, str], production: bool) -> int:
    """Return how many proxies in front are trusted; `none` means that there are none.

    Raises Misconfigured for 0 in production: behind an undeclared proxy all readers have the
    proxy's address, and so share one rate limit.
    """
    value = environ.get("BOTBEAT_PROXY_HOPS", "0")
    if value == "none":
        return 0
    if value not in map(str, range(MOST_HOPS + 1)):
        raise Misconfigured(
            f"BOTBEAT_PROXY_HOPS is {value!r}: set it to a number from 0 to {MOST_HOPS}, or none."
        )
    if production and value == "0":
        raise Misconfigured(
            "BOTBEAT_PROXY_HOPS is 0: production is reached by https, so set it to the number of "
            "proxies in front, mostly 1; otherwise all readers would share one rate limit. "
            "Set it to none where gunicorn has the certificate itself (--certfile, --keyfile)."
        )
    return int(value)


def _database(environ: Mapping[str, str], instance: Path) -> str:
    url = environ.get("BOTBEAT_DATABASE_URL") or f"sqlite:///{instance / 'botbeat.sqlite3'}"
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme not in ("sqlite", "postgresql"):
        raise Misconfigured(
            f"BOTBEAT_DATABASE_URL begins with {scheme!r}: use sqlite:///… or postgresql://…"
        )
    return url


def _redis(environ: Mapping[str, str]) -> str:
    url = environ.get("BOTBEAT_REDIS_URL", "")
    if url and not url.startswith(("redis://", "rediss://")):
        raise Misconfigured(
            f"BOTBEAT_REDIS_URL begins with {url.partition(':')[0]!r}: use redis://… or rediss://…"
        )
    return url


def _votes(environ: Mapping[str, str]) -> str:
    value = environ.get("BOTBEAT_VOTES", "up-down")
    if value not in ("up-down", "up", "off"):
        raise Misconfigured(f"BOTBEAT_VOTES is {value!r}: set it to up-down, up or off.")
    return value


def _switch(environ: Mapping[str, str], name: str, production: bool) -> bool:
    value = environ.get(name, "on")
    if value not in ("on", "off"):
        raise Misconfigured(f"{name} is {value!r}: set it to on or off.")
    if value == "off" and production:
        raise Misconfigured(f"{name}=off is for load tests only: remove it in production.")
    return value == "on"
