"""What belongs to this site alone: keys made from its secret, and its data folder."""

import hmac
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from flask import current_app


class Key(NamedTuple):
    """A key for one purpose. `fingerprint` names it in 16 hex digits and tells nothing of it."""

    fingerprint: str
    secret: bytes

    def sign(self, message: bytes) -> str:
        """Return the HMAC-SHA256 of `message`, 64 hex digits."""
        return hmac.digest(self.secret, message, "sha256").hex()


def get_keys(purpose: str) -> dict[str, Key]:
    """Return the keys for `purpose` by fingerprint, the present one first.

    One comes from SECRET_KEY, the others from SECRET_KEY_FALLBACKS: what an earlier secret
    signed can be checked as long as that secret is listed there.
    """
    config = current_app.config
    return _derive_keys(purpose, (config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]))


@lru_cache(maxsize=16)
def _derive_keys(purpose: str, secrets: tuple[str, ...]) -> dict[str, Key]:
    """A key says nothing about the secret, nor about the keys for other purposes."""
    made = (hmac.digest(secret.encode(), purpose.encode(), "sha256") for secret in secrets)
    named = (Key(sha256(b"fingerprint" + secret).hexdigest()[:16], secret) for secret in made)
    return {key.fingerprint: key for key in named}


def get_folder() -> Path:
    """Return the data folder of this machine."""
    path: Path = current_app.config["INSTANCE"]
    return path
