"""Hashing passwords takes long and much memory, so it waits in turn and stops nobody else."""

import subprocess
import sys
from textwrap import dedent

from devtools.steps import ROOT


def under_gevent(script: str) -> str:
    """Run a script as gunicorn's workers run the app; return what it printed."""
    head = "from gevent import monkey; monkey.patch_all()\nimport gevent\n"
    head += "from app.accounts import passwords\nfrom app.errors import TooOften\n"
    done = subprocess.run(
        [sys.executable, "-c", head + dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_others_go_on_while_a_password_is_hashed() -> None:
    others = under_gevent(
        """
        steps = 0
        def reader():
            global steps
            while not hashing.ready():
                steps += 1
                gevent.sleep(0.001)
        hashing = gevent.spawn(passwords.hash_password, "correct-horse-battery")
        gevent.spawn(reader).join()
        print(steps > 2, passwords.is_right_password(hashing.get(), "correct-horse-battery"))
        """
    )
    assert others == "True True"


def test_a_wrong_password_is_told_in_a_thread_as_well() -> None:
    told = under_gevent(
        """
        for stored in (None, passwords.hash_password("correct-horse-battery"), "odd"):
            print(passwords.is_right_password(stored, "wrong"), end=" ")
        """
    )
    assert told == "False False False"


def test_one_hash_is_made_at_a_time_and_a_crowd_is_told_to_come_back() -> None:
    outcome = under_gevent(
        """
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
    )
    assert outcome == "1 3 429 5"
