"""Other apps on the database of the tests: with production's settings, or with routes to break."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from flask import Flask

from app import create_app
from tests.conftest import Browser
from tests.databases import close

ADDRESS = "https://news.example.org"
PRODUCTION = {
    "BOTBEAT_ENV": "production",
    "BOTBEAT_SECRET_KEY": "a key of the tests that is long enough",
    "BOTBEAT_SITE_URL": ADDRESS,
    "BOTBEAT_TRUSTED_HOSTS": "news.example.org",
    "BOTBEAT_PROXY_HOPS": "none",  # the test client is nobody's proxy
}


@contextmanager
def beside(site: Flask, **environ: str) -> Iterator[Flask]:
    """Make a further app on the database of `site`, configured by `environ`."""
    environ["BOTBEAT_INSTANCE"] = str(site.config["INSTANCE"])
    environ.setdefault("BOTBEAT_DATABASE_URL", site.config["SQLALCHEMY_DATABASE_URI"])
    log = logging.getLogger("botbeat")
    handlers, level = log.handlers, log.level
    try:
        with mock.patch.dict("os.environ", environ):
            made = create_app({"TESTING": True, "PROPAGATE_EXCEPTIONS": False})
        yield made
        close(made)
    finally:
        log.handlers, log.level = handlers, level


@contextmanager
def production(site: Flask, **environ: str) -> Iterator[Flask]:
    with beside(site, **PRODUCTION | environ) as made:
        yield made


def move(browser: Browser, app: Flask) -> Browser:
    """Return the same person's browser, turned to another app with the same key."""
    client = app.test_client()
    for name in ("botbeat", "theme"):
        if cookie := browser.client.get_cookie(name):
            client.set_cookie(name, cookie.value)
    browser.app, browser.client = app, client
    return browser
