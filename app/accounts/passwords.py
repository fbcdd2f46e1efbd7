"""Passwords: argon2id hashes and what makes one good enough."""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from gevent import get_hub, monkey

from app.errors import TooOften

# OWASP's floor for argon2id: two passes over 19 MiB, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")

SHORTEST = 12
SHORTEST_STAFF = 15
LONGEST = 256  # characters; beyond it hashing is only work
_FEWEST_DIFFERENT = 5

Result = TypeVar("Result")

# A process makes one hash at a time, so that many take neither its memory nor all the cores.
_turn = BoundedSemaphore(1)
_WAITING = 50  # people at most, about two seconds of work
_places = BoundedSemaphore(_WAITING)


def hash_password(password: str) -> str:
    """The hash to keep of `password`; raises TooOften when too many wait for one."""
    return _run_in_turn(lambda: _hasher.hash(password))


def is_right_password(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one; takes the same time where there is no hash to compare.

    Raises TooOften when too many wait. The caller holds no transaction meanwhile, for those who
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
    """Do `work` in its turn and, under gevent, in a thread: the rest of the process goes on."""
    if not _places.acquire(blocking=False):
        raise TooOften("Many people are signing in just now. Try again in a few seconds.", 5)
    try:
        with _turn:
            aside = monkey.is_module_patched("threading")
            return get_hub().threadpool.apply(work) if aside else work()
    finally:
        _places.release()


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


def find_weakness(password: str, name: str, site: str, staff: bool) -> str | None:
    """What is wrong with a new password, in one sentence, or None.

    `name` is the account's name and `site` the site's: both are what is guessed first.
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
