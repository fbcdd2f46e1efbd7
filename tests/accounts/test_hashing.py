"""Hashing passwords takes long and much memory, so it waits in turn and stops nobody else."""

import subprocess
import sys

import pytest

from devtools.steps import ROOT

# All in one process, as gunicorn's workers run the app: starting it takes longer than hashing.
SCRIPT = """
from gevent import monkey; monkey.patch_all()
import gevent
from app.accounts import passwords
from app.errors import TooOften

steps = 0
def reader():
    global steps
    while not hashing.ready():
        steps += 1
        gevent.sleep(0.001)
hashing = gevent.spawn(passwords.hash_password, "correct-horse-battery")
gevent.spawn(reader).join()
right = hashing.get()
print(steps > 2, passwords.is_right_password(right, "correct-horse-battery"))

print(*(passwords.is_right_password(stored, "wrong") for stored in (None, right, "odd")))

at_once, most, hasher = 0, 0, passwords._hasher
class Counted:
    def hash(self, password):
        global at_once, most
        at_once += 1
        most = max(most, at_once)
        made = hasher.hash(password)
        at_once -= 1
        return made
passwords._hasher = Counted()
def one():
    try:
        passwords.hash_password("correct-horse-battery")
    except TooOften as refusal:
        refused.append(refusal)
refused = []
gevent.joinall([gevent.spawn(one) for _ in range(53)])
print(most, len(refused), refused[0].status, refused[0].retry_after)
"""


@pytest.fixture(scope="module")
def told() -> list[str]:
    """Return what the script says, line by line."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_others_go_on_while_a_password_is_hashed(told: list[str]) -> None:
    assert told[0] == "True True"


def test_a_wrong_password_is_told_in_a_thread_as_well(told: list[str]) -> None:
    assert told[1] == "False False False"


def test_one_hash_is_made_at_a_time_and_a_crowd_is_told_to_come_back(told: list[str]) -> None:
    assert told[2:] == ["1 3 429 5"]
