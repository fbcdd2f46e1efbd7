"""What an address or a form says is shown without the characters that trick a reader."""

import re
from collections.abc import Callable
from urllib.parse import quote

from werkzeug.test import TestResponse

from tests.conftest import Browser, say
from tests.web.routes import Route, routes
from tests.web.test_hostile_requests import FIELDS, NAMES

Browse = Callable[..., Browser]
REVERSED = "moc.live\u202eevil.com\u2066"  # is read from right to left
PILED = "e" + "\u0301" * 9  # grows into the lines above
HIDDEN = "a\U000e0041\U000e0042\u2028b\x85c\x07d"
TRICK = f"{REVERSED}{PILED}{HIDDEN}"
# Nothing of it is drawn, and no place that is led to holds it as it is.
SEEN = re.compile("[\u202a-\u202e\u2066-\u2069\u2028\x85\x07\U000e0041\U000e0042]|\u0301{5}")


def echoed(answer: TestResponse) -> list[str]:
    """Return the echoed characters in the page or a header, each with what is before it."""
    parts = [answer.text, *(str(value) for _, value in answer.headers)]
    found = (SEEN.search(part) for part in parts)
    return [match.string[max(0, match.start() - 60) : match.end()] for match in found if match]


def tricked(path: str) -> str:
    """Return the address with a name that nothing has, and each word of a query."""
    return "&".join([f"{path}?next=/{quote(TRICK)}", *(f"{n}={quote(TRICK)}" for n in NAMES)])


def test_no_page_echoes_what_tricks_a_reader(browse: Browse) -> None:
    comment, faults = say("rhea", "Words"), []
    for who in (None, "rhea", "mo"):
        browser = browse(who)
        for route in (route for route in routes(browser.app) if route.method == "GET"):
            path = route.path(browser.app, comment.id)
            paths = [tricked(path)]
            if route.arguments & {"slug", "name"}:
                paths.append(tricked(_renamed(route, path)))
            for each in paths:
                for htmx in (False, True):
                    if found := echoed(browser.get(each, htmx=htmx)):
                        faults.append((who, str(route), htmx, found))
    assert faults == []


def _renamed(route: Route, path: str) -> str:
    """Return the address of `route` with a trick in place of the name of what it shows."""
    known = ("example-lab", "open-source", "research", "story", "reported", "rhea")
    return next(path.replace(name, quote(TRICK)) for name in known if name in path)


def test_no_refused_form_echoes_what_tricks_a_reader(browse: Browse) -> None:
    comment, faults = say("rhea", "Words"), []
    form = dict.fromkeys(FIELDS, TRICK) | {"next": f"/{TRICK}"}
    for who in (None, "rhea", "mo"):
        browser = browse(who)
        token = browser.token()
        for route in (route for route in routes(browser.app) if route.method == "POST"):
            if route.endpoint == "accounts.sign_out":
                continue
            path = route.path(browser.app, comment.id)
            for htmx in (False, True):
                if found := echoed(browser.post(path, form, htmx=htmx, token=token)):
                    faults.append((who, str(route), htmx, found))
    assert faults == []


def test_a_search_finds_and_shows_the_words_without_the_tricks(browse: Browse) -> None:
    visitor, typed = browse(), f"  st\u202eory{PILED}  now "
    shown = "“story" + PILED[:5] + " now”"
    for path in ("/search", "/articles/story/search"):
        page = visitor.get(f"{path}?q={quote(typed)}").text
        assert shown in re.sub("</?bdi>", "", page), path
