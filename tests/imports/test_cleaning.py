"""Texts that are cleaned in several processes: which, and what ends them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.imports import cleaning
from app.imports.cleaning import SHARED_FROM, Source, clean, clean_batches, count_processes
from devtools.steps import ROOT

SOURCES = [
    Source(3, "Words with *stress*\n\n<script>boom(1)</script> and a question?", False),
    Source(3, "<div>Imported<script>boom(1)</script> <b>words</b></div>", True),
    Source(3, "x" * 20_000, False),
]
# Cleans without end in two processes, and says so when some batches have come back.
ENDLESS = """
from itertools import repeat
from app.imports.cleaning import Source, clean_batches
batches = repeat((None, [Source(1, "words", False)]))
try:
    for number, _ in enumerate(clean_batches(batches, 2)):
        if number == 4:
            print("cleaning", flush=True)
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.fixture
def endless() -> Iterator[subprocess.Popen[str]]:
    """Start a program with its processes in a group of its own, as a shell does."""
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "cleaning\n"
        yield process
        with suppress(ProcessLookupError):  # whoever is left of the group
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("signalled", [os.killpg, os.kill])
def test_ctrl_c_ends_all_processes_without_a_word_of_theirs(
    endless: subprocess.Popen[str], signalled: object
) -> None:
    assert callable(signalled)
    signalled(endless.pid, signal.SIGINT)
    # All of them hold the ends for writing: reading ends when they are gone.
    assert endless.communicate(timeout=60) == ("stopped\n", "")
    assert endless.returncode == 0


def test_processes_end_with_the_one_that_started_them(endless: subprocess.Popen[str]) -> None:
    endless.kill()
    said, _ = endless.communicate(timeout=60)
    assert said == ""


def test_batches_come_back_in_order_and_no_more_are_read_ahead_than_are_cleaned() -> None:
    read: list[int] = []

    def batches() -> Iterator[tuple[int, list[Source]]]:
        for number in range(7):
            read.append(number)
            yield number, SOURCES[number % 3 :]

    for number, (batch, cleaned) in enumerate(clean_batches(batches(), 2)):
        assert batch == number
        assert cleaned == clean(SOURCES[number % 3 :])
        assert len(read) <= number + 3


def test_a_few_texts_or_one_core_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning.os, "sched_getaffinity", lambda _pid: range(64))
    assert count_processes(SHARED_FROM - 1) == 0
    assert 1 < count_processes(SHARED_FROM) < 8
    monkeypatch.setattr(cleaning.os, "sched_getaffinity", lambda _pid: {5})
    assert count_processes(1_000_000) == 0
