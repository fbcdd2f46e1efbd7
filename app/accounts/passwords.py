"""Passwords: their argon2id hashes, and the rules for a new one."""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from gevent import get_hub, monkey

from app.errors import TooOften

# OWASP's minimum for argon2id: two passes over 19 MiB, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")

SHORTEST = 12
SHORTEST_STAFF = 15
LONGEST = 256  # characters; more would only make hashing slower
_FEWEST_DIFFERENT = 5

Result = TypeVar("Result")

# A process makes one hash at a time, so that hashing takes neither its memory nor all the cores.
_turn = BoundedSemaphore(1)
_WAITING = 50  # people at most, about two seconds of work
_queue = BoundedSemaphore(_WAITING)


def hash_password(password: str) -> str:
    """Return the hash of `password` to be stored; raises TooOften when too many wait for one."""
    return _run_in_turn(lambda: _hasher.hash(password))


def is_right_password(password_hash: str | None, password: str) -> bool:
    """Return whether `password` is right; takes the same time when there is no hash.

    Raises TooOften when too many wait. The caller must have no open transaction, or those who
    wait would take all connections.
    """
    return (
        _run_in_turn(lambda: _verify(password_hash or _NOBODY, password))
        and password_hash is not None
    )


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _run_in_turn(work: Callable[[], Result]) -> Result:
    """Do `work` in its turn and, under gevent, in a thread, so that the process goes on."""
    if not _queue.acquire(blocking=False):
        raise TooOften("Many people are signing in just now. Try again in a few seconds.", 5)
    try:
        with _turn:
            is_gevent = monkey.is_module_patched("threading")
            return get_hub().threadpool.apply(work) if is_gevent else work()
    finally:
        _queue.release()


def is_outdated(password_hash: str) -> bool:
    """Return whether the hash was made with other settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


def find_weakness(password: str, name: str, site: str, staff: bool) -> str | None:
    """Return what is wrong with a new password, as a sentence, or None.

    `name` is the account's name and `site` the site's: attackers guess both first.
    """
    shortest = SHORTEST_STAFF if staff else SHORTEST
    if len(password) < shortest:
        return f"Password must be {shortest} characters or more"
    if len(password) > LONGEST:
        return f"Password must be {LONGEST} characters or fewer"
    folded = password.casefold()
    if len(set(folded)) < _FEWEST_DIFFERENT:
        return "Password repeats too few characters"
    for word in (name.casefold(), site.casefold(), "password"):
        folded = folded.replace(word, "") if word else folded
    if len(folded) < shortest // 2:
        return "Password is built from the name of you or the site, or from “password”"
    return None
