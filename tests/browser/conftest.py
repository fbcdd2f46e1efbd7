"""A real browser on the real site: gunicorn as in production, with the sample content."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from devtools.steps import ROOT
from tests import services
from tests.browser.scenes import MEMBERS, PASSWORD

STORY = "chip-controls-pushed-chinese-ai-into-the-open"  # with a long discussion
BRIEF = "gemma-4-runs-faster-on-apple-chips-with-ollama"  # with a short one, which loads sooner
ARGUMENTS = [
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
expect.set_options(timeout=10_000)


@dataclass(frozen=True)
class Live:
    """A running site: its address, its data folder, and the passwords of its accounts.

    `cookies` keeps who has signed in already: the next window of the same person is signed in.
    """

    url: str
    instance: Path
    passwords: dict[str, str]
    cookies: dict[str, list[Any]] = field(default_factory=dict)

    def flask(self, *arguments: str) -> str:
        return services.flask({"BOTBEAT_INSTANCE": str(self.instance)}, *arguments)

    def written(self, comment_id: int, minutes: int) -> None:
        """Let a comment have been written this many minutes ago."""
        with closing(sqlite3.connect(self.instance / "botbeat.sqlite3", timeout=30)) as file, file:
            ago = "strftime('%Y-%m-%d %H:%M:%f', 'now', ?)"
            query = f"UPDATE comments SET created_at = {ago} WHERE id = ?"
            file.execute(query, (f"-{minutes} minutes", comment_id))


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    instance = tmp_path_factory.mktemp("live")
    env = {"BOTBEAT_INSTANCE": str(instance), "BOTBEAT_RATE_LIMITS": "off"}
    services.flask(env, "db", "upgrade")
    services.flask(env, "samples", "load")
    lines = (instance / "demo-accounts.txt").read_text().splitlines()
    passwords = dict(line.split() for line in lines if line.startswith("  demo_"))
    with services.site(env) as url:
        yield Live(url, instance, passwords)


@pytest.fixture(scope="session")
def scenes(live: Live) -> dict[str, dict[str, int]]:
    """Import the discussions of `scenes.py`; return for each slug its comments' numbers by name."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.browser.scenes"],
        cwd=ROOT,
        env=services.own_environment({"BOTBEAT_INSTANCE": str(live.instance)}),
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    live.passwords.update(dict.fromkeys(MEMBERS, PASSWORD))
    numbers: dict[str, dict[str, int]] = json.loads(made.stdout)
    return numbers


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium hangs with the clock of devtools/dates.py and keeps the real one.
        env: dict[str, Any] = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        path = services.chromium()
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, env=env)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser window of their own."""

    def __init__(self, live: Live, context: BrowserContext, js: bool) -> None:
        self.live, self.context, self.js = live, context, js
        self.page: Page = context.new_page()
        self.messages: list[str] = []
        self.expected: list[str] = []
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))

    def open(self, path: str) -> Page:
        self.page.goto(self.live.url + path)
        return self.page

    def sign_in(self, name: str, password: str | None = None) -> None:
        self.open("/sign-in")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password or self.live.passwords[name])
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(self.page.locator(".masthead .menu")).to_contain_text(name)

    def post(self, slug: str, words: str) -> int:
        """Begin a thread below the article; returns the number of the comment."""
        self.open(f"/articles/{slug}")
        self.page.get_by_label("Add a comment").fill(words)
        self.page.get_by_role("button", name="Post comment").click()
        new = self.page.locator("#thread > .comment", has_text=words).first
        expect(new).to_be_visible()
        return int(str(new.get_attribute("id")).removeprefix("c-"))

    def open_menu(self, comment: int) -> Page:
        """Go to a comment and open the menu of what is wanted now and then, or its page."""
        self.open(f"/c/{comment}")
        self.page.locator(f"#c-{comment}-acts").click()
        expect(self.page.locator(".acts")).to_be_visible()
        return self.page

    def expect_message(self, pattern: str) -> None:
        """Allow console messages that match; the browser reports each answer of 400 or more."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [
            message
            for message in self.messages
            if not any(re.search(pattern, message) for pattern in self.expected)
        ]


@pytest.fixture
def visit(chromium: Browser, live: Live) -> Iterator[Callable[..., Person]]:
    """`visit("demo_reader", js=False, width=375, scheme="dark")` opens a window for a person.

    When the test ends, no window may have had a console message that was not expected; a
    violation of the content security policy is one.
    """
    people: list[Person] = []

    def come(
        name: str | None = None, js: bool = True, width: int = 1280, scheme: str = "light"
    ) -> Person:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=js,
            reduced_motion="reduce",
        )
        person = Person(live, context, js)
        people.append(person)
        if name is not None and name in live.cookies:
            context.add_cookies(live.cookies[name])
        elif name is not None:
            person.sign_in(name)
            live.cookies[name] = context.cookies()
        return person

    yield come
    for person in people:
        person.context.close()
    assert [message for person in people for message in person.unexpected()] == []
