"""Limits on wrong passwords: they slow down the network that guesses and lock nobody out.

Failures count by account and network. An account with too many failures from everywhere is under
attack: then each network that keeps failing there waits longer and longer. A network that has
not failed, or from which the owner signed in before, never waits for the failures of others.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import current_app, request
from limits import parse, parse_many

from app.accounts.queries import make_name_key
from app.errors import Invalid
from app.extensions import limiter
from app.web import networks
from app.web.limits import make_too_often

FAILURES = parse_many("10 per 15 minutes")  # of one network at one account
ATTACK = parse("100 per hour")  # failures at one account from everywhere; beyond it SLOWED holds
SLOWED = parse_many("2 per minute; 6 per hour; 12 per day")  # of one network while under attack
OWNER_FOR = 90 * 24 * 3600  # seconds that a network counts as the owner's after they signed in


@contextmanager
def count_guess(name: str) -> Iterator[None]:
    """Count the attempt to sign in as `name` that runs within this context.

    Raises TooOften at once for a network that failed too often at this account. An Invalid raised
    within counts as a wrong guess; no exception means that it was the account's owner.
    """
    account = hashlib.sha256(make_name_key(name).encode("utf-8", "replace")).hexdigest()[:32]
    network = networks.get_site(request.remote_addr)
    if limiter.enabled:
        _require_turn(account, network)
    try:
        yield
    except Invalid:
        if limiter.enabled:
            _note_failure(account, network)
        raise
    if limiter.enabled:
        _note_owner(account, network)


def _require_turn(account: str, network: str) -> None:
    rules = FAILURES
    if _is_under_attack(account) and not _query_storage(
        lambda: _storage().get(_make_owner_key(account, network)), 0
    ):
        rules = [*FAILURES, *SLOWED]
    for rule in rules:
        if not _query_storage(partial(limiter.limiter.test, rule, account, network), True):
            stats = _query_storage(
                partial(limiter.limiter.get_window_stats, rule, account, network), None
            )
            raise make_too_often(stats.reset_time if stats else time.time() + rule.get_expiry())


def _note_failure(account: str, network: str) -> None:
    # Slower rules only under attack: a made-up name must not leave a counter for a whole day.
    slowed = SLOWED if _is_under_attack(account) else []
    for rule in (*FAILURES, *slowed):
        _query_storage(partial(limiter.limiter.hit, rule, account, network), True)
    _query_storage(lambda: limiter.limiter.hit(ATTACK, account), True)


def _note_owner(account: str, network: str) -> None:
    for rule in (*FAILURES, *SLOWED):
        _query_storage(partial(limiter.limiter.clear, rule, account, network), None)
    _query_storage(lambda: _storage().incr(_make_owner_key(account, network), OWNER_FOR), 0)


def _is_under_attack(account: str) -> bool:
    return not _query_storage(lambda: limiter.limiter.test(ATTACK, account), True)


def _make_owner_key(account: str, network: str) -> str:
    return f"signed-in/{account}/{network}"


def _storage() -> Any:
    return limiter.limiter.storage


def _query_storage(query: Callable[[], Any], otherwise: Any) -> Any:
    """Return what `query` returns, or `otherwise` while Redis does not answer.

    Before the next request gets here, the limiter has switched to counting in this process.
    """
    try:
        return query()
    except Exception as error:  # whatever the storage raises
        current_app.logger.warning("sign-ins are not counted: %s", error)
        return otherwise
