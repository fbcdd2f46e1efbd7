"""Keys derived from the site's secret, and the site's data folder."""

import hmac
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from flask import current_app


class Key(NamedTuple):
    """A key for one purpose; its `fingerprint` of 16 hex digits names it without disclosing it."""

    fingerprint: str
    secret: bytes

    def sign(self, message: bytes) -> str:
        """Return the HMAC-SHA256 of `message`, 64 hex digits."""
        return hmac.digest(self.secret, message, "sha256").hex()


def get_keys(purpose: str) -> dict[str, Key]:
    """Return the keys for `purpose` by fingerprint, the present one first.

    The first comes from SECRET_KEY, the others from SECRET_KEY_FALLBACKS, by which signatures of
    an earlier secret can still be checked.
    """
    config = current_app.config
    return _derive_keys(purpose, (config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]))


@lru_cache(maxsize=16)
def _derive_keys(purpose: str, secrets: tuple[str, ...]) -> dict[str, Key]:
    """Return a key for each secret; it discloses neither the secret nor keys for other purposes."""
    derived = (hmac.digest(secret.encode(), purpose.encode(), "sha256") for secret in secrets)
    keys = (Key(sha256(b"fingerprint" + secret).hexdigest()[:16], secret) for secret in derived)
    return {key.fingerprint: key for key in keys}


def get_folder() -> Path:
    """Return the data folder of this machine."""
    path: Path = current_app.config["INSTANCE"]
    return path
