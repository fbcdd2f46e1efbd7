"""Limits count networks, as the declared proxies name them, whatever a reader claims."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import Client

from app.web.networks import UNKNOWN, get_network, get_site
from tests.conftest import TOKEN, Browser
from tests.web.apps import ADDRESS, production

Browse = Callable[..., Browser]
COUNTED = {
    "192.0.2.7": "192.0.2.7",
    " 192.0.2.7 ": "192.0.2.7",
    "192.0.2.7:50123": "192.0.2.7",
    "::ffff:192.0.2.7": "192.0.2.7",
    "[::ffff:192.0.2.7]:50123": "192.0.2.7",
    "64:ff9b::192.0.2.7": "192.0.2.7",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:DB8:1:2::": "2001:db8:1:2::/64",
    "[2001:db8:1:2::9]": "2001:db8:1:2::/64",
    "[2001:db8:1:2::9]:443": "2001:db8:1:2::/64",
    "2001:db8:1:3::9": "2001:db8:1:3::/64",
    "fe80::1%eth0": "fe80::/64",
    "fe80::1%made-up": "fe80::/64",
    "::1": "::/64",
    **dict.fromkeys(
        ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "0x7f.1", "01.2.3.4", "a" * 5_000],
        UNKNOWN,
    ),
    **dict.fromkeys(["1.2.3.4/32", "::/0", "[::1", "[]", "1.2.3.4, 5.6.7.8", "\x00"], None),
}


def test_every_spelling_of_an_address_counts_as_its_network() -> None:
    wrong = {}
    for address, expected in COUNTED.items():
        found = get_network(address)
        if found != (expected or found) or (expected is None and found not in (UNKNOWN, "::/64")):
            wrong[address] = found
    assert wrong == {}
    assert get_network(None) == UNKNOWN


def test_joining_counts_what_one_customer_can_have() -> None:
    assert get_site("2001:db8:1:2:3:4:5:6") == get_site("2001:db8:1:ffff::1") == "2001:db8:1::/48"
    assert get_site("2001:db8:2::1") == "2001:db8:2::/48"
    assert get_site("::ffff:192.0.2.7") == "192.0.2.7"


def count_accepted(browser: Browser, path: str, addresses: list[str]) -> int:
    """How many of a try from each address were not refused for being too many."""
    token = browser.token()
    answers = [
        browser.post(path, {"name": ""}, token=token, environ_overrides={"REMOTE_ADDR": address})
        for address in addresses
    ]
    return [answer.status_code for answer in answers].count(422)


@pytest.mark.usefixtures("limits")
def test_a_network_gives_nobody_more_tries_than_an_address(browse: Browse) -> None:
    visitor = browse()
    of_one_64 = [f"2001:db8:1:1::{n:x}" for n in range(1, 25)]
    of_one_48 = [f"2001:db8:2:{n:x}::1" for n in range(1, 15)]
    mapped = [f"::ffff:192.0.2.{n}" for n in range(1, 15)]
    assert count_accepted(visitor, "/sign-in", of_one_64) == 20
    assert count_accepted(visitor, "/join", of_one_48) == 5
    assert count_accepted(visitor, "/join", mapped) == 14
    assert count_accepted(visitor, "/join", ["192.0.2.1"] * 5) == 4


# Headers of readers as a proxy passes them on, and how many of ten tries to join are accepted.
CLAIMS = {
    "nothing at all": (1, [None] * 10, 5),
    "what a reader claims left of it": (1, [f"203.0.113.{n}, 192.0.2.7" for n in range(10)], 5),
    "in a header of their own": (1, [f"203.0.113.{n},,192.0.2.7," for n in range(10)], 5),
    "ports that change": (1, [f"192.0.2.7:{50_000 + n}" for n in range(10)], 5),
    "brackets": (1, [f"[2001:db8::{n}]:443" for n in range(10)], 5),
    "zones": (1, [f"fe80::1%{n}" for n in range(10)], 5),
    "garbage": (1, [f"garbage{n}" for n in range(10)], 5),
    "quotes": (1, [f'"{n}' for n in range(10)], 5),
    "fewer than there are proxies": (2, [f"203.0.113.{n}" for n in range(10)], 5),
    "readers of two proxies": (2, [f"203.0.113.{n}, 192.0.2.7" for n in range(10)], 10),
    "readers of one proxy": (1, [f"203.0.113.{n}" for n in range(10)], 10),
}


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("hops", [1, 2])
def test_only_what_the_declared_proxies_say_tells_readers_apart(site: Flask, hops: int) -> None:
    wrong = {}
    for kind, (proxies, claims, expected) in CLAIMS.items():
        if proxies != hops:
            continue
        with production(site, BOTBEAT_PROXY_HOPS=str(hops)) as app:
            visitor = app.test_client()
            token = TOKEN.search(visitor.get("/sign-in", base_url=ADDRESS).text)
            assert token is not None
            found = [join(visitor, token[1], claim) for claim in claims]
        if found.count(422) != expected or {*found} - {422, 429}:
            wrong[kind] = found
    assert wrong == {}


def join(visitor: Client, token: str, claim: str | None) -> int:
    headers = {"Origin": ADDRESS} | ({} if claim is None else {"X-Forwarded-For": claim})
    form = {"csrf_token": token}
    return visitor.post("/join", data=form, base_url=ADDRESS, headers=headers).status_code
